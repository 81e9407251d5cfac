//! The configuration beside the logs: what it says of routes and pools, where the logs are, how
//! their lines look, and the edits that end a cause.

use std::path::{Path, PathBuf};

use base::{FilePath, Problem};
use diagnose::Stack;
use fix::{Store, Wants};
use logs::access_format::{Escape, Format};
use model::Model;
use model::nginx::Config;

use crate::cli::InputArgs;
use crate::fixing;
use crate::load::{Prepared, prepare};

use super::logs_of::Wanted;

/// The configuration, if there is one.
pub(crate) struct Configured {
    prepared: Option<Prepared>,
    model: Option<Model>,
    /// What the diagnosis wants to know of it.
    pub(crate) stack: Stack,
    /// What kept us from reading it.
    pub(crate) problems: Vec<Problem>,
}

impl Configured {
    /// Reads what was given, or this host's.
    pub(crate) fn load(wanted: &Wanted) -> Configured {
        let nothing = Configured {
            prepared: None,
            model: None,
            stack: Stack::default(),
            problems: Vec::new(),
        };
        if wanted.config.is_empty() && !wanted.host {
            return nothing;
        }
        let Some(prepared) = prepare(&input(wanted.config.clone())) else {
            return nothing;
        };
        let mut model = prepared.model(&Store::default());
        let mut problems = prepared.found.problems.clone();
        problems.append(&mut model.problems);
        let files: Vec<_> = model.sources.iter().map(|(id, _)| id).collect();
        for file in files {
            redact::mark(&mut model.sources, file);
        }
        Configured {
            stack: Stack::of(&model),
            prepared: Some(prepared),
            model: Some(model),
            problems,
        }
    }

    /// The files in which problems have their places.
    pub(crate) fn sources(&self) -> Option<&base::Sources> {
        self.model.as_ref().map(|model| &model.sources)
    }

    /// The formats of access logs: those given, then those of the configuration.
    pub(crate) fn formats(&self, given: &[String]) -> Result<Vec<Format>, String> {
        let known = self.named_formats();
        let mut formats = Vec::new();
        for text in given {
            let named = known.iter().find(|(name, _)| name == text.as_bytes());
            let format = match named {
                Some((_, format)) => Some(format.clone()),
                None if text.contains('$') => Format::new(text.as_bytes(), escape_of(text)),
                None => None,
            };
            formats.push(format.ok_or_else(|| {
                let shown = base::source::printable(text.as_bytes());
                format!(
                    "`--log-format {shown}`: no format of this name was given, and the text of \
                     one has variables with something between them"
                )
            })?);
        }
        formats.extend(known.into_iter().map(|(_, format)| format));
        Ok(formats)
    }

    /// Whether a log's first lines are of a format that was given or configured.
    pub(crate) fn fits_access(&self, head: &[u8], given: &[String]) -> bool {
        let formats = self.formats(given).unwrap_or_default();
        let mut lines = head
            .split(|b| *b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .take(5);
        lines.any(|line| formats.iter().any(|format| format.fits(line)))
    }

    fn named_formats(&self) -> Vec<(Vec<u8>, Format)> {
        let configs = self.model.iter().flat_map(|model| &model.nginx);
        configs
            .flat_map(|nginx| formats_of(&nginx.config))
            .collect()
    }

    /// The edits that end what these rules found, as a masked diff; empty when there are none.
    pub(crate) fn diff(&self, rules: &[&str]) -> String {
        let (Some(prepared), false) = (&self.prepared, rules.is_empty()) else {
            return String::new();
        };
        let wants = Wants {
            request_time: None,
            unsafe_too: false,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            route: None,
            pool: None,
            options: prepared.project.options(),
        };
        fixing::planned(prepared, &wants)
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

/// The `log_format`s of a configuration with their names.
fn formats_of(config: &Config) -> Vec<(Vec<u8>, Format)> {
    let items = config
        .scopes()
        .flat_map(|(id, _)| config.all(id, "log_format"));
    let mut formats = Vec::new();
    for item in items {
        let words = config.args(item);
        let Some((name, parts)) = words.split_first() else {
            continue;
        };
        let escape = match parts.first().map(AsRef::as_ref) {
            Some(b"escape=json") => Some(Escape::Json),
            Some(b"escape=default") => Some(Escape::Default),
            Some(b"escape=none") => Some(Escape::None),
            _ => None,
        };
        let text = &parts[usize::from(escape.is_some())..];
        let text = text.concat();
        if let Some(format) = Format::new(&text, escape.unwrap_or(Escape::Default)) {
            formats.push((name.to_vec(), format));
        }
    }
    formats
}

/// A format that looks like JSON is written with `escape=json`.
fn escape_of(text: &str) -> Escape {
    match text.trim_start().starts_with('{') {
        true => Escape::Json,
        false => Escape::Default,
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
        wanted.problems.push(super::unreadable(
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
