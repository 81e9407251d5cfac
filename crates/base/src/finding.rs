//! What the judges say: findings, the reasons behind them, fixes, and problems that kept us
//! from judging.

use crate::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know; shown with `--strict`.
    Info,
    /// Will hurt under load or at the next reload.
    Warning,
    /// Wrong now: the configuration cannot do what it says.
    Error,
}

impl Severity {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A place and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes meant.
    pub span: Span,
    /// A short note for the code frame; lower case, no full stop.
    pub label: String,
}

/// One step of the because-chain: a fact, and where it is written if it is written at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// The fact, as a clause.
    pub text: String,
    /// Its place.
    pub span: Option<Span>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, kebab-case.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What is wrong and what it does; lower case, no full stop.
    pub message: String,
    /// The one place to look at first.
    pub primary: Place,
    /// Other places that belong to it, often in another file.
    pub related: Vec<Place>,
    /// Why we say so, in order.
    pub because: Vec<Because>,
    /// What to do.
    pub help: Option<String>,
    /// The routes it concerns, in the order of the configuration; empty when it is not about one.
    pub routes: Vec<String>,
    /// The edit, if there is one.
    pub fix: Option<Fix>,
}

/// Whether a rule's fix may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixLevel {
    /// The rule offers no edit.
    None,
    /// Shown, never written.
    DisplayOnly,
    /// May change behaviour beyond the flagged value; written only when asked for.
    Unsafe,
    /// Keeps every effective value except the flagged one, and every comment.
    Safe,
}

impl FixLevel {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            FixLevel::None => "none",
            FixLevel::DisplayOnly => "display only",
            FixLevel::Unsafe => "unsafe",
            FixLevel::Safe => "safe",
        }
    }
}

/// A set of edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, as an imperative.
    pub title: String,
    /// Whether it may be written.
    pub applicability: Applicability,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Shown, never written.
    DisplayOnly,
    /// May change behaviour beyond the flagged value.
    Unsafe,
    /// Changes the flagged value only.
    Safe,
}

/// Replaces the bytes of a span; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: Vec<u8>,
}

/// A rule that could not judge for want of a fact that no configuration file holds. Not a problem:
/// such facts are given on purpose or not at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unjudged {
    /// Id of the rule.
    pub rule: &'static str,
    /// What it needs, as a noun: `the machine's memory`.
    pub needs: &'static str,
}

/// Something that kept us from reading or deciding. A run with one never says "clean".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// What happened and what is missing because of it.
    pub message: String,
    /// The place, when a file was read far enough to have one.
    pub span: Option<Span>,
    /// What the user can do about it.
    pub help: Option<String>,
}

/// Kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A file, directory or include could not be read.
    Unreadable,
    /// The server itself would refuse this file.
    Syntax,
    /// Read, but the value cannot be known from what was given.
    Unknown,
}

impl ProblemKind {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::Syntax => "syntax",
            ProblemKind::Unknown => "unknown",
        }
    }
}
