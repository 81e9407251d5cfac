//! Which files the servers of an image begin with, where its command says so: itself, in a script
//! that it runs, or in what supervisor, runit or s6 start.

use base::{FilePath, SortedSet};
use model::Files as _;

use super::Image;
use crate::command::{shell_words, told};

/// Scripts are short; a program is none.
const LONGEST: usize = 64 << 10;

/// The files that are named; nothing where none is, or several are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begins {
    /// nginx's main file.
    pub(crate) nginx: Option<FilePath>,
    /// PHP-FPM's.
    pub(crate) fpm: Option<FilePath>,
    /// PHP-FPM's php.ini.
    pub(crate) php_ini: Option<FilePath>,
}

/// Whether a file may start servers, by its place.
pub(crate) fn may_start(path: &str) -> bool {
    let dirs = ["/etc/service/", "/etc/services.d/", "/etc/s6", "/etc/sv/"];
    path.ends_with(".sh") || dirs.iter().any(|dir| path.starts_with(dir)) && path.ends_with("/run")
}

impl Image {
    /// What its command, and what that runs, say.
    pub(crate) fn begins(&self) -> Begins {
        let words: Vec<String> = self
            .entrypoint
            .iter()
            .chain(&self.command)
            .cloned()
            .collect();
        let mut commands = vec![words.clone()];
        for (path, bytes, _) in self.files.iter() {
            let shown = String::from_utf8_lossy(path.as_bytes());
            if bytes.len() > LONGEST {
                continue;
            }
            let text = String::from_utf8_lossy(bytes);
            let is_run = words.iter().any(|word| word.contains(shown.as_ref()));
            if is_run || may_start(&shown) {
                let lines = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with('#'));
                commands.extend(lines.map(shell_words));
            } else if text.contains("[program:") {
                let starts = text.lines().filter_map(|line| {
                    let (name, value) = line.split_once('=')?;
                    (name.trim() == "command").then(|| shell_words(value))
                });
                commands.extend(starts);
            }
        }
        let (mut nginx, mut fpm, mut inis) = (SortedSet::new(), SortedSet::new(), SortedSet::new());
        for words in commands {
            let said = told(&words);
            nginx.extend(said.nginx);
            fpm.extend(said.fpm);
            inis.extend(said.php_ini);
        }
        let is_there = |path: &FilePath| self.files.resolve(path).is_some();
        let only = |all: SortedSet<FilePath>| {
            let mut all = all.into_iter();
            all.next()
                .filter(|path| all.next().is_none() && is_there(path))
        };
        Begins {
            nginx: only(nginx),
            fpm: only(fpm),
            php_ini: only(inis),
        }
    }
}
