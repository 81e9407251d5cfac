//! What a language model proposed and what became of it, for programs.

use std::io;

use serde::Serialize;

use crate::diff::{ChangeMeta, Diff, shown_diffs};
use crate::json::{SCHEMA_VERSION, write_pretty};

/// A session with a language model, masked already.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Refactoring {
    /// Who was asked; nothing when nobody was.
    pub provider: Option<&'static str>,
    /// The model.
    pub model: Option<String>,
    /// Answers that were judged.
    pub rounds: usize,
    /// Findings that were asked about.
    pub asked: usize,
    /// Edits of the model that are right.
    pub accepted: Vec<ModelEdit>,
    /// Edits of the model that are not.
    pub refused: Vec<ModelEdit>,
    /// Findings that the model's edits end: rule and message.
    pub ended: Vec<EndedFinding>,
    /// Why there is no answer, or none that could be read.
    pub reasons: Vec<String>,
    /// What badgateway itself changes.
    pub changes: Vec<ChangeMeta>,
}

/// One edit of a model, with placeholders as the model wrote them.
#[derive(Clone, Debug, Serialize)]
pub struct ModelEdit {
    /// The file: its path, or the label that the model wrote.
    pub file: String,
    /// The line, when it is known.
    pub line: Option<usize>,
    /// What is replaced.
    pub old: String,
    /// By what.
    pub new: String,
    /// Why, in the model's words.
    pub why: String,
    /// The kind of reason why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<&'static str>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A finding that is gone.
#[derive(Clone, Debug, Serialize)]
pub struct EndedFinding {
    /// Its rule.
    pub rule: &'static str,
    /// What it said.
    pub message: String,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    #[serde(flatten)]
    session: &'a Refactoring,
    files: Vec<crate::diff::FileJson<'a>>,
}

/// Writes a session with its diffs.
///
/// # Errors
/// When `out` cannot be written.
pub fn refactor_json(
    session: &Refactoring,
    files: &[Diff],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        session,
        files: shown_diffs(files),
    };
    write_pretty(&document, out)
}
