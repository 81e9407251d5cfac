//! Which processes belong to which PHP-FPM. FPM writes into its processes' titles what they are:
//! `php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)`, `php-fpm: pool www`.

use std::fs;
use std::path::Path;

/// A master and what it has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The master.
    pub master: u32,
    /// Its configuration, as it stands in its title: absolute or not.
    pub config: Vec<u8>,
    /// Its workers, each with the name of its pool, by their numbers.
    pub workers: Vec<(u32, Vec<u8>)>,
}

enum Title {
    Master(Vec<u8>),
    Pool(Vec<u8>),
}

/// Every FPM of this system, by the number of its master. Those in containers with numbers of
/// their own are left out: neither their paths nor what they say of their processes holds here.
pub fn families() -> Vec<Family> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut found: Vec<(u32, u32, Title)> = numbers.filter_map(look).collect();
    found.sort_by_key(|(process, ..)| *process);
    let masters = found.iter().filter_map(|(process, _, title)| match title {
        Title::Master(config) => Some((*process, config.clone())),
        Title::Pool(_) => None,
    });
    let workers = |master: u32| {
        let of = found.iter().filter(move |(_, parent, _)| *parent == master);
        of.filter_map(|(process, _, title)| match title {
            Title::Pool(name) => Some((*process, name.clone())),
            Title::Master(_) => None,
        })
    };
    masters
        .map(|(master, config)| Family {
            master,
            config,
            workers: workers(master).collect(),
        })
        .collect()
}

fn look(process: u32) -> Option<(u32, u32, Title)> {
    let dir = Path::new("/proc").join(process.to_string());
    let title = title(&fs::read(dir.join("cmdline")).ok()?)?;
    let status = fs::read_to_string(dir.join("status")).ok()?;
    let line = |key: &str| status.lines().find_map(|line| line.strip_prefix(key));
    let has_other_numbers = line("NSpid:").is_some_and(|n| n.split_ascii_whitespace().count() > 1);
    let parent = line("PPid:")?.trim().parse().ok()?;
    (!has_other_numbers).then_some((process, parent, title))
}

/// The rest of a title is filled up with zeros, or with blanks where a wrapper writes it.
fn title(command: &[u8]) -> Option<Title> {
    let end = command.iter().rposition(|b| !matches!(b, 0 | b' '))?;
    let text = command[..=end].strip_prefix(b"php-fpm: ")?;
    if let Some(name) = text.strip_prefix(b"pool ") {
        return Some(Title::Pool(name.to_vec()));
    }
    let config = text.strip_prefix(b"master process (")?;
    Some(Title::Master(config.strip_suffix(b")")?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::{Title, title};

    #[test]
    fn titles_are_told_apart() {
        let pool = |text: &[u8]| match title(text) {
            Some(Title::Pool(name)) => String::from_utf8(name).unwrap(),
            _ => String::new(),
        };
        assert_eq!(pool(b"php-fpm: pool www\0\0\0\0"), "www");
        assert_eq!(pool(b"php-fpm: pool a b   "), "a b");
        assert_eq!(pool(b"vim php-fpm: pool www"), "");
        let Some(Title::Master(config)) = title(b"php-fpm: master process (/etc/a (1).conf)\0")
        else {
            panic!("a master");
        };
        assert_eq!(config, b"/etc/a (1).conf");
        assert!(title(b"php-fpm\0-F\0").is_none());
        assert!(title(b"\0\0").is_none());
    }
}
