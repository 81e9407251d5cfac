//! Reading TOML so that an error names the line.

use serde::de::DeserializeOwned;

/// Why a file of settings is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The 1-based line, where there is one.
    pub line: Option<usize>,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
}

impl Refusal {
    /// A refusal at a byte of the text.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        Self {
            line: Some(before.iter().filter(|b| **b == b'\n').count() + 1),
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Parses a whole file.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().trim_end_matches('.').replace('\n', "; ");
        Refusal::at(text, offset, message)
    })
}
