//! Every shape of output: text for people, JSON for programs, and what CI systems read.
//!
//! This room renders what it is handed and looks nothing up. One file per format; what they
//! share is in `excerpt` (the only door through which bytes of a file leave), `place` and `text`.

mod chain;
mod checkstyle;
mod concise;
pub mod diagnosis;
mod diff;
mod excerpt;
mod fingerprint;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod paint;
mod place;
mod refactor;
mod rules;
mod sarif;
mod summary;
mod text;

use std::io;

use base::ladder::Ladder;
use base::{Finding, FixLevel, Problem, Severity, Sources, Unjudged};

pub use chain::{chain, chain_json};
pub use diff::{ChangeMeta, Diff, diff, diff_text, edits, fix_json};
pub use refactor::{EndedFinding, ModelEdit, Refactoring, refactor_json};
pub use rules::{causes, causes_json, rules, rules_json};

/// Everything one run has to say.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The files that were read, with their secrets marked.
    pub sources: &'a Sources,
    /// What is wrong, in the order in which it is to be shown.
    pub findings: &'a [Finding],
    /// What kept us from reading or deciding.
    pub problems: &'a [Problem],
    /// What was not judged for want of a fact about the machine, sorted.
    pub unjudged: &'a [Unjudged],
    /// The time limits of every route.
    pub ladders: &'a [Ladder],
    /// Numbers about the run.
    pub summary: Summary,
}

/// Numbers about a run that the findings do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Routes that lead to PHP-FPM.
    pub routes: usize,
    /// Pools.
    pub pools: usize,
    /// Files read.
    pub files: usize,
    /// Findings of severity info that are not shown.
    pub hidden: usize,
    /// Findings that a baseline knows and that are not shown.
    pub known: usize,
    /// Findings that a baseline knows and that are gone.
    pub gone: usize,
    /// Our own version.
    pub version: &'static str,
}

/// A name for each finding, in their order, that stays the same when lines are added above it.
pub fn fingerprints(report: &Report<'_>) -> Vec<String> {
    fingerprint::of_findings(report)
}

/// A message as one line, as outputs show it.
pub fn one_line(text: &str) -> String {
    text::line(text)
}

/// What a reader may know about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its id, kebab-case.
    pub id: &'static str,
    /// How bad its findings usually are.
    pub severity: Severity,
    /// The group it is listed in.
    pub group: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Its page, in Markdown.
    pub doc: String,
    /// Whether its fix may be written.
    pub fix: FixLevel,
}

/// What a reader may know about a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseMeta {
    /// Its id, kebab-case.
    pub id: &'static str,
    /// What happened, for headings.
    pub title: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What would tell it from other candidates.
    pub decides: &'static str,
    /// Rules whose fix ends it.
    pub rules: &'static [&'static str],
    /// Settings whose places belong to it.
    pub settings: &'static [&'static str],
    /// The first version that has it.
    pub since: &'static str,
    /// Its page, in Markdown.
    pub doc: String,
}

/// A shape of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Code frames, reasons and help, for people.
    Full,
    /// One line for each finding, for `grep` and editors.
    Concise,
    /// Our own JSON; its schema is in `schema/report.schema.json`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// Checkstyle XML, as Jenkins and reviewdog read it.
    Checkstyle,
    /// Markdown for a comment on a pull request.
    Markdown,
}

/// How it is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Use terminal colours.
    pub colour: bool,
    /// Columns to fill.
    pub width: usize,
    /// Show secrets as they are instead of starring them out.
    pub show_secrets: bool,
    /// Findings of severity info were asked for, so nobody needs to be told how to see them.
    pub strict: bool,
}

/// Writes the report as [`Format::Json`]: whoever wants no other format links no other.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    json::render(report, style, out)
}

/// Writes the report in one of the formats.
pub fn render(
    report: &Report<'_>,
    rules: &[RuleMeta],
    format: Format,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Full => full::render(report, style, out),
        Format::Concise => concise::render(report, out),
        Format::Json => json::render(report, style, out),
        Format::Sarif => sarif::render(report, rules, style, out),
        Format::Github => github::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Junit => junit::render(report, rules, out),
        Format::Checkstyle => checkstyle::render(report, out),
        Format::Markdown => markdown::render(report, out),
    }
}
