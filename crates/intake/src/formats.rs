//! How the lines of access logs look: as the user says, and as the configuration does.

use logs::access_format::{Escape, Format};
use model::Model;
use model::nginx::Config;

/// The `log_format`s of a configuration, with their names.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    named: Vec<(Vec<u8>, Format)>,
}

impl Formats {
    /// Those of a model.
    pub fn of(model: &Model) -> Formats {
        let configs = model.nginx.iter();
        Formats {
            named: configs
                .flat_map(|nginx| formats_of(&nginx.config))
                .collect(),
        }
    }

    /// Those given, by name or in words, then those of the configuration.
    ///
    /// # Errors
    /// What is wrong with one that was given.
    pub fn with(&self, given: &[String]) -> Result<Vec<Format>, String> {
        let mut formats = Vec::new();
        for text in given {
            let mut named = self.named.iter();
            let named = named.find(|(name, _)| name == text.as_bytes());
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
        formats.extend(self.named.iter().map(|(_, format)| format.clone()));
        Ok(formats)
    }

    /// Whether a log's first lines are of a format that was given or configured.
    pub fn fit(&self, head: &[u8], given: &[String]) -> bool {
        let formats = self.with(given).unwrap_or_default();
        let mut lines = head
            .split(|b| *b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .take(5);
        lines.any(|line| formats.iter().any(|format| format.fits(line)))
    }
}

/// The `log_format`s of one nginx.
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
