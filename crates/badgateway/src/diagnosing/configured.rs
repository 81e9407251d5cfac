//! The configuration beside the logs: given, or this host's, which also names its logs.

use std::path::{Path, PathBuf};

use base::FilePath;
use fix::Store;
use intake::Configured;
use model::Model;

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
        sets: Vec::new(),
    }
}

/// Where the kernel's lines are, besides the journal.
const KERNEL: [&str; 3] = ["/var/log/kern.log", "/var/log/syslog", "/var/log/messages"];

/// Adds the logs that this host's configuration names, with their rotated neighbours.
pub(crate) fn host_logs(wanted: &mut Wanted) {
    let Some(prepared) = prepare(&input(Vec::new())) else {
        return;
    };
    let mut paths = named_logs(&prepared.model(&Store::default()));
    paths.extend(host_defaults());
    paths.sort();
    paths.dedup();
    for path in paths {
        wanted.logs.extend(with_rotated(&path));
    }
    if wanted.logs.is_empty() {
        wanted.problems.push(intake::unreadable(
            "no log was found: neither where the configuration says nor in /var/log".to_owned(),
            Some("give the logs as arguments; reading them may need root"),
        ));
    }
}

/// Where the packages let them write when the configuration says nothing.
pub(crate) fn host_defaults() -> impl Iterator<Item = PathBuf> {
    let all = ["/var/log/nginx/error.log"].into_iter().chain(KERNEL);
    all.map(PathBuf::from)
}

/// The logs that a configuration names, each once.
pub(crate) fn named_logs(model: &Model) -> Vec<PathBuf> {
    let mut named: Vec<PathBuf> = Vec::new();
    for nginx in &model.nginx {
        for name in ["error_log", "access_log"] {
            let config = &nginx.config;
            let items = config.scopes().flat_map(|(id, _)| config.all(id, name));
            let words = items.filter_map(|item| config.word(item, 1));
            let words = words.filter(|word| **word != *b"off");
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
    named.sort();
    named.dedup();
    named
}

/// A path that names a file: no variable, no syslog, not off.
fn file_of(path: &[u8]) -> Option<PathBuf> {
    let name = FilePath::new(path);
    let text = name.to_string();
    let is_file = text.starts_with('/') && !text.contains('$') && !text.starts_with("/dev/");
    is_file.then(|| PathBuf::from(text))
}

/// A log with its rotated neighbours.
fn with_rotated(path: &Path) -> Vec<PathBuf> {
    let own = path.is_file().then(|| path.to_owned());
    own.into_iter()
        .chain(agent::follow::neighbours(path))
        .collect()
}
