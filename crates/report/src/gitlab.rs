//! GitLab's Code Quality report: a JSON array of issues.

use std::io;

use base::Severity;
use serde::Serialize;

use crate::place::{Located, locate};
use crate::text::line;
use crate::{Report, fingerprint};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes problems and findings as one array.
pub(crate) fn render(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let problems = report.problems.iter().zip(fingerprint::of_problems(report));
    let problems = problems.map(|(problem, fingerprint)| Issue {
        description: line(&format!("{}: {}", problem.kind.word(), problem.message)),
        check_name: problem.kind.word(),
        fingerprint,
        severity: "blocker",
        location: match problem.span {
            Some(span) => location(locate(report.sources, span)),
            None => nowhere(report),
        },
    });
    let findings = report.findings.iter().zip(fingerprint::of_findings(report));
    let findings = findings.map(|(finding, fingerprint)| Issue {
        description: line(&finding.message),
        check_name: finding.rule,
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        location: location(locate(report.sources, finding.primary.span)),
    });
    let issues: Vec<Issue<'_>> = problems.chain(findings).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn location(at: Located) -> Location {
    Location {
        path: at.path,
        lines: Lines {
            begin: at.line,
            end: at.end_line,
        },
    }
}

/// GitLab drops an issue without a path, so a problem without a place is put at the top of the
/// first file.
fn nowhere(report: &Report<'_>) -> Location {
    let first = report.sources.iter().next();
    Location {
        path: first.map_or_else(|| ".".to_owned(), |(_, source)| source.shown().to_string()),
        lines: Lines { begin: 1, end: 1 },
    }
}
