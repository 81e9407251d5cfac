//! Images whose configuration is made of their environment, as data: a file for each family. What
//! stands there was written for this program; each family says whose files it follows.
//!
//! A text of a [`File`] is the file as the entry point (or PHP itself) makes it, with the settings
//! that matter to the rules:
//!
//! - `${NAME}`, and `${NAME:-default}` where the default is not in the environment of the image;
//! - `@NAME@` before a line that is there when the variable is set, `@NAME+@` also when it is set to
//!   nothing, `@!NAME@` when it is not set, `@NAME=a,b@` when it is one of these;
//! - `@php.*@` and `@PHP_INI_*@` for a line of each variable that begins so.

mod alpine;
mod applications;
mod bitnami;
mod islandora;
mod lagoon;
mod nextcloud;
mod render;
mod serversideup;
mod start;
mod table;
mod thecodingmachine;
mod webdevops;
mod wodby;

use base::FilePath;
use model::{Files as _, MemoryFiles};

pub(crate) use start::{Start, start};
pub use table::{Row, rows};

/// Images of one maker.
pub(crate) struct Family {
    /// For people.
    pub(crate) name: &'static str,
    /// What its rows follow.
    pub(crate) source: &'static str,
    /// Its images; the first one that fits a name is it.
    pub(crate) images: &'static [EnvImage],
}

/// Where the version of an image's PHP stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Php {
    /// It has none, or it is not known.
    None,
    /// In the `*` of its name.
    Name,
    /// At the beginning of its tag.
    Tag,
    /// Behind `php` in its tag: `6.8-php8.3-fpm`.
    Word,
    /// Here.
    Is(&'static str),
}

/// An image.
#[derive(Debug)]
pub(crate) struct EnvImage {
    /// Its names; `*` stands for the version of PHP.
    pub(crate) names: &'static [&'static str],
    /// Its tags; `*` stands for anything.
    pub(crate) tags: &'static [&'static str],
    /// Tags that are something else, such as older versions.
    pub(crate) except: &'static [&'static str],
    /// How the table calls it.
    pub(crate) shown: &'static str,
    /// The version of its PHP.
    pub(crate) php: Php,
    /// Whether it stands on the official PHP image.
    pub(crate) is_official_php: bool,
    /// Packages that it has.
    pub(crate) packages: &'static [&'static str],
    /// Files of what it stands on that it takes away.
    pub(crate) without: &'static [&'static str],
    /// Its environment.
    pub(crate) env: &'static [&'static [(&'static str, &'static str)]],
    /// Its files.
    pub(crate) files: &'static [&'static [File]],
    /// Its links: the path, and what it leads to.
    pub(crate) links: &'static [(&'static str, &'static str)],
    /// Folders in which people's files are filled in, too.
    pub(crate) fills: &'static [&'static str],
    /// Whether its entry point writes the files anew, over what was put there.
    pub(crate) overwrites: bool,
}

/// What most images are like.
pub(crate) const PLAIN: EnvImage = EnvImage {
    names: &[],
    tags: &["*"],
    except: &[],
    shown: "",
    php: Php::None,
    is_official_php: false,
    packages: &[],
    without: &[],
    env: &[],
    files: &[],
    links: &[],
    fills: &[],
    overwrites: false,
};

/// A file of an image.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path.
    pub(crate) path: &'static str,
    /// When it is there: what stands between the `@` of a line; nothing for always. Of several files
    /// of one path the first one that is there is it.
    pub(crate) when: &'static str,
    /// The template that people can put in its place.
    pub(crate) from: &'static str,
    /// What is in it.
    pub(crate) text: &'static str,
}

/// A file that is always there.
pub(crate) const fn file(path: &'static str, text: &'static str) -> File {
    File {
        path,
        when: "",
        from: "",
        text,
    }
}

/// All families.
pub(crate) const FAMILIES: [&Family; 10] = [
    &serversideup::FAMILY,
    &webdevops::FAMILY,
    &wodby::FAMILY,
    &lagoon::FAMILY,
    &islandora::FAMILY,
    &nextcloud::FAMILY,
    &thecodingmachine::FAMILY,
    &bitnami::FAMILY,
    &alpine::FAMILY,
    &applications::FAMILY,
];

/// The image of a name and a tag.
pub(crate) fn find(path: &str, tag: &str) -> Option<&'static EnvImage> {
    let images = FAMILIES.iter().flat_map(|family| family.images);
    let mut fitting = images.filter(|image| {
        let is_one = |patterns: &[&str], text| patterns.iter().any(|one| fits(one, text).is_some());
        is_one(image.names, path) && is_one(image.tags, tag) && !is_one(image.except, tag)
    });
    fitting.next()
}

/// Whether a text fits a pattern, and what the first `*` stands for.
fn fits<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    let Some((before, after)) = pattern.split_once('*') else {
        return (pattern == text).then_some("");
    };
    let rest = text.strip_prefix(before)?;
    let mut ends = (0..=rest.len()).filter(|end| rest.is_char_boundary(*end));
    ends.find(|end| fits(after, &rest[*end..]).is_some())
        .map(|end| &rest[..end])
}

impl EnvImage {
    /// The version of PHP that a name or tag says: `8.3`.
    pub(crate) fn version<'t>(&self, path: &'t str, tag: &'t str) -> Option<&'t str> {
        let said = match self.php {
            Php::None => return None,
            Php::Is(version) => return Some(version),
            Php::Name => self.names.iter().find_map(|name| fits(name, path))?,
            Php::Tag => tag.split('-').next()?,
            Php::Word => tag.split('-').find_map(|word| word.strip_prefix("php"))?,
        };
        let mut dots = said.match_indices('.').map(|(at, _)| at);
        let end = dots.nth(1).unwrap_or(said.len());
        let (major, minor) = said[..end].split_once('.')?;
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        (is_number(major) && is_number(minor)).then_some(&said[..end])
    }

    /// Its files, not yet filled in.
    pub(crate) fn put(&self, files: &mut MemoryFiles) {
        for path in self.without {
            files.remove(&FilePath::new(path));
        }
        for file in self.all() {
            let path = FilePath::new(file.path);
            if self
                .first(file.path)
                .is_some_and(|first| std::ptr::eq(first, file))
            {
                files.insert(path.as_bytes(), file.text.as_bytes());
            }
        }
        for (path, target) in self.links {
            files.link(path, target);
        }
    }

    /// Its files in a container whose command is not the image's own: it may do anything.
    pub(crate) fn hide(&self, container: &str, files: &mut MemoryFiles) {
        let container = base::source::printable(container.as_bytes());
        for file in self.all() {
            if self.is_untouched(file.path, files) {
                let why = format!("the command of container {container} may make it");
                files.insert_unknown(file.path, why);
            }
        }
    }

    /// All of its files.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static File> {
        self.files.iter().flat_map(|files| files.iter())
    }

    /// The first file of a path.
    fn first(&self, path: &str) -> Option<&'static File> {
        self.all().find(|file| file.path == path)
    }

    /// Whether a file is as it was put.
    fn is_untouched(&self, path: &str, files: &MemoryFiles) -> bool {
        let here = FilePath::new(path);
        let first = self.first(path).map(|file| file.text.as_bytes());
        files.outer(&here).is_none() && files.read(&here).ok().as_deref() == first
    }
}

#[cfg(test)]
mod tests {
    use super::{find, fits};

    #[test]
    fn names_and_tags() {
        assert_eq!(fits("a-*-fpm", "a-8.3-fpm"), Some("8.3"));
        assert_eq!(fits("*fpm-nginx*", "8.3-fpm-nginx-alpine"), Some("8.3-"));
        assert_eq!(fits("a*", "b"), None);
        let shown = |path, tag| find(path, tag).map(|image| image.shown);
        let newest = shown("serversideup/php", "8.3-fpm-nginx");
        assert!(newest.is_some());
        let older = shown("serversideup/php", "8.3-fpm-nginx-v3.6.0");
        assert!(older.is_some() && older != newest);
        assert_eq!(shown("serversideup/php", "8.3-fpm-nginx-v2.2.1"), None);
        assert_eq!(shown("serversideup/php", "8.3-fpm-apache"), None);
        assert_eq!(shown("serversideup/php", "8.3-cli"), None);
        let lagoon = find("uselagoon/php-8.3-fpm", "latest").expect("it is known");
        assert_eq!(
            lagoon.version("uselagoon/php-8.3-fpm", "latest"),
            Some("8.3")
        );
    }
}
