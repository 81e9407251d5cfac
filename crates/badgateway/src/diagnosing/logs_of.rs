//! Which files are logs, and which are configuration.

use std::path::{Path, PathBuf};

use base::{FilePath, Problem};
use logs::LogKind;

use crate::cli::DiagnoseArgs;
use crate::disk;

use intake::unreadable;

/// What the arguments ask for.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Logs, in order.
    pub(crate) logs: Vec<PathBuf>,
    /// Whether standard input is one.
    pub(crate) stdin: bool,
    /// Configuration: files and directories.
    pub(crate) config: Vec<PathBuf>,
    /// This host's own configuration and logs.
    pub(crate) host: bool,
    /// Kinds that the user named.
    pub(crate) kinds: Kinds,
    /// What could not be used.
    pub(crate) problems: Vec<Problem>,
}

/// Kinds that the user named: for all logs, or for those whose names fit.
#[derive(Default)]
pub(crate) struct Kinds(Vec<(Option<Vec<u8>>, LogKind)>);

impl Kinds {
    fn parse(texts: &[String]) -> Result<Kinds, String> {
        let one = |text: &String| {
            let (word, pattern) = match text.split_once('=') {
                Some((word, pattern)) => (word, Some(pattern.as_bytes().to_vec())),
                None => (text.as_str(), None),
            };
            let kind = LogKind::from_word(word).ok_or_else(|| {
                let words: Vec<_> = LogKind::ALL.iter().map(|kind| kind.word()).collect();
                let shown = base::source::printable(word.as_bytes());
                format!("`--as {shown}`: the kinds are {}", words.join(", "))
            })?;
            Ok((pattern, kind))
        };
        texts
            .iter()
            .map(one)
            .collect::<Result<_, String>>()
            .map(Kinds)
    }

    /// The kind that was named for a file.
    pub(crate) fn of(&self, name: &str) -> Option<LogKind> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let fits = |pattern: &[u8]| {
            model::glob::matches(pattern, name.as_bytes())
                || model::glob::matches(pattern, base.as_bytes())
        };
        let mut named = self.0.iter();
        let found = named.find(|(pattern, _)| pattern.as_deref().is_none_or(fits));
        found.map(|(_, kind)| *kind)
    }
}

/// How deep a directory is searched, and how many files are looked at.
const DEEPEST: usize = 8;
const MOST_FILES: usize = 20_000;

impl Wanted {
    /// Configuration only.
    pub(crate) fn of_config(config: &[PathBuf]) -> Wanted {
        Wanted {
            config: config.to_vec(),
            ..Wanted::default()
        }
    }

    /// How much was found, or said of what could not be.
    fn count(&self) -> usize {
        self.logs.len() + self.config.len() + self.problems.len()
    }

    fn take(&mut self, path: &Path) {
        if path == Path::new("-") {
            self.stdin = true;
            return;
        }
        let shown = base::source::printable(path.as_os_str().as_encoded_bytes());
        if path.is_dir() {
            let before = self.count();
            self.take_dir(path, 0);
            if self.count() == before {
                let message = format!("{shown}: no log and no configuration in this directory");
                self.problems.push(unreadable(message, None));
            }
            return;
        }
        if !path.exists() && shown.contains(['*', '?', '[']) {
            return self.take_pattern(path, &shown);
        }
        match is_config(path) {
            true if self.kinds.of(&shown).is_none() => self.config.push(path.to_owned()),
            _ => self.logs.push(path.to_owned()),
        }
    }

    /// A pattern that no shell has expanded.
    fn take_pattern(&mut self, path: &Path, shown: &str) {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or(Path::new("."));
        let pattern = path.file_name().map(std::ffi::OsStr::as_encoded_bytes);
        let pattern = pattern.unwrap_or_default();
        let before = self.count();
        for entry in sorted(dir).unwrap_or_default() {
            let name = entry.file_name().map(std::ffi::OsStr::as_encoded_bytes);
            if entry.is_file() && model::glob::matches(pattern, name.unwrap_or_default()) {
                self.take(&entry);
            }
        }
        if self.count() == before {
            let message = format!("{shown}: no file fits this pattern");
            self.problems.push(unreadable(message, None));
        }
    }

    fn take_dir(&mut self, dir: &Path, depth: usize) {
        let entries = match sorted(dir) {
            Ok(entries) => entries,
            Err(error) => {
                let shown = base::source::printable(dir.as_os_str().as_encoded_bytes());
                let message = format!("cannot list {shown}: {error}");
                return self.problems.push(unreadable(message, None));
            }
        };
        for entry in entries {
            if self.logs.len() + self.config.len() >= MOST_FILES {
                return;
            }
            let is_link = entry.is_symlink();
            if entry.is_dir() {
                if depth < DEEPEST && !is_link {
                    self.take_dir(&entry, depth + 1);
                }
            } else if entry.is_file() {
                match is_config(&entry) {
                    true => self.config.push(entry),
                    false if looks_like_log(&entry) => self.logs.push(entry),
                    // Whatever else lies in a directory was not asked for by name.
                    false => {}
                }
            }
        }
    }
}

/// What the arguments ask for.
pub(crate) fn find(args: &DiagnoseArgs) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        config: args.config.clone(),
        kinds: Kinds::parse(&args.kinds)?,
        host: args.inputs.is_empty(),
        ..Wanted::default()
    };
    for input in &args.inputs {
        wanted.take(input);
    }
    if wanted.host {
        super::configured::host_logs(&mut wanted);
    }
    // Named twice is read once, whatever the names are.
    let mut named = std::collections::BTreeSet::new();
    let real = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    wanted.logs.retain(|path| named.insert(real(path)));
    Ok(wanted)
}

/// The entries of a directory in order of their names.
fn sorted(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir)?;
    let mut paths: Vec<_> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    Ok(paths)
}

/// Whether a file is nginx, FPM or php.ini configuration, by its content.
fn is_config(path: &Path) -> bool {
    let Ok(head) = disk::read_head(path) else {
        return false;
    };
    if logs::detect::detect(&head).is_some() {
        return false;
    }
    let name = FilePath::new(path.as_os_str().as_encoded_bytes());
    let is_named = path
        .extension()
        .is_some_and(|ext| ext == "conf" || ext == "ini" || ext == "dump");
    is_named && model::detect::detect(&name, &head).is_some()
}

/// Whether a file in a directory may be a log: by its content, plain or compressed.
fn looks_like_log(path: &Path) -> bool {
    match agent::open::file(path, 1000) {
        Ok(log) => logs::detect::detect(&log.head).is_some(),
        // What cannot be read is said when it is opened once more.
        Err(_) => path.to_string_lossy().contains(".log"),
    }
}
