//! What a team wants to hear of its own stack.

use base::{Millis, Severity, SortedMap};

use crate::policy::Statement;

/// What changes the judgement beside the configuration itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Hear of everything.
    pub strict: bool,
    /// The least distance between two limits of a chain.
    pub margin: Option<Millis>,
    /// Severities by rule; `None` for a rule that is off.
    pub levels: SortedMap<String, Option<Severity>>,
    /// What requests of some routes may take.
    pub policies: Vec<Policy>,
    /// What it states of its own numbers.
    pub statements: Vec<Statement>,
}

/// What requests of some routes may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A part of the route's name.
    pub route: String,
    /// So long, by wall time.
    pub may_take: Millis,
    /// Who says so: `badgateway.toml:12`.
    pub from: String,
}

impl Options {
    /// Nothing but the defaults, with or without notes.
    pub fn strict(strict: bool) -> Self {
        Self {
            strict,
            ..Self::default()
        }
    }
}
