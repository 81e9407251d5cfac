//! The configuration beside the logs: given, or this host's, which also names its logs.

use std::path::{Path, PathBuf};

use base::FilePath;
use fix::Store;
use intake::Configured;

use crate::cli::InputArgs;
use crate::load::{Prepared, prepare};

use super::logs_of::Wanted;

/// The configuration, if there is one, and what it was read from.
#[derive(Default)]
pub(crate) struct Configuration {
    prepared: Option<Prepared>,
    /// What it says.
    pub(crate) configured: Configured,
}

impl Configuration {
    /// Reads what was given, or this host's.
    pub(crate) fn load(wanted: &Wanted) -> Configuration {
        if wanted.config.is_empty() && !wanted.host {
            return Configuration::default();
        }
        let Some(prepared) = prepare(&input(wanted.config.clone())) else {
            return Configuration::default();
        };
        let model = prepared.model(&Store::default());
        let problems = prepared.given.found.problems.clone();
        Configuration {
            configured: Configured::of(model, problems),
            prepared: Some(prepared),
        }
    }

    /// The edits that end what these rules found, as a masked diff; empty when there are none.
    pub(crate) fn diff(&self, rules: &[&str]) -> String {
        match &self.prepared {
            Some(Prepared {
                disk,
                given,
                project,
            }) => given.planned(disk, rules, project.options()),
            None => String::new(),
        }
    }
}

fn input(inputs: Vec<PathBuf>) -> InputArgs {
    InputArgs {
        inputs,
        root: None,
        maps: Vec::new(),
        // A diagnosis rests on logs and configuration.
        facts: Some(PathBuf::from("none")),
        settings: None,
        assume_defaults: false,
    }
}

/// Where the kernel's lines are, besides the journal.
const KERNEL: [&str; 3] = ["/var/log/kern.log", "/var/log/syslog", "/var/log/messages"];

/// Adds the logs that this host's configuration names, with their rotated neighbours.
pub(crate) fn host_logs(wanted: &mut Wanted) {
    let Some(prepared) = prepare(&input(Vec::new())) else {
        return;
    };
    let model = prepared.model(&Store::default());
    let mut named: Vec<PathBuf> = Vec::new();
    for nginx in &model.nginx {
        for name in ["error_log", "access_log"] {
            let config = &nginx.config;
            let items = config.scopes().flat_map(|(id, _)| config.all(id, name));
            let words = items.filter_map(|item| config.word(item, 0));
            named.extend(words.filter_map(|word| file_of(&config.absolute(&word))));
        }
    }
    for fpm in &model.fpm {
        let global = fpm.global.text("error_log").and_then(Result::ok);
        named.extend(global.and_then(|path| file_of(&path.value)));
        for pool in &fpm.pools {
            for name in ["slowlog", "access.log"] {
                let path = pool.settings.text(name).and_then(Result::ok);
                let path = path.map(|path| {
                    String::from_utf8_lossy(&path.value).replace("$pool", &pool.shown_name())
                });
                named.extend(path.and_then(|path| file_of(path.as_bytes())));
            }
        }
    }
    // Where the packages let them write when the configuration says nothing.
    named.push("/var/log/nginx/error.log".into());
    named.extend(KERNEL.map(PathBuf::from));
    named.sort();
    named.dedup();
    for path in named {
        wanted.logs.extend(with_rotated(&path));
    }
    if wanted.logs.is_empty() {
        wanted.problems.push(intake::unreadable(
            "no log was found: neither where the configuration says nor in /var/log".to_owned(),
            Some("give the logs as arguments; reading them may need root"),
        ));
    }
}

/// A path that names a file: no variable, no syslog, not off.
fn file_of(path: &[u8]) -> Option<PathBuf> {
    let name = FilePath::new(path);
    let text = name.to_string();
    let is_file = text.starts_with('/') && !text.contains('$') && !text.starts_with("/dev/");
    is_file.then(|| PathBuf::from(text))
}

/// A log with `error.log.1`, `error.log.2.gz`, `error.log-20261122.gz`, oldest last.
fn with_rotated(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    if path.is_file() {
        found.push(path.to_owned());
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return found;
    };
    let name = name.to_string_lossy().into_owned();
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut rotated: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let other = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            other.is_some_and(|other| is_rotated(&name, &other))
        })
        .collect();
    rotated.sort();
    found.extend(rotated);
    found
}

/// Whether a name is that of a rotated copy.
fn is_rotated(name: &str, other: &str) -> bool {
    let Some(rest) = other.strip_prefix(name) else {
        return false;
    };
    let packed = [".gz", ".xz", ".bz2", ".zst"];
    let rest = packed
        .iter()
        .find_map(|end| rest.strip_suffix(end))
        .unwrap_or(rest);
    let number = rest.strip_prefix('.').or_else(|| rest.strip_prefix('-'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
