//! Workflow commands: GitHub Actions turns them into annotations on the changed lines.

use std::fmt::Write as _;
use std::io;

use base::{Severity, Span};

use crate::Report;
use crate::place::locate;
use crate::text::{first_of, line};

/// Writes one command for each problem and finding.
pub(crate) fn render(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for problem in report.problems {
        let place = problem.span.map(|span| place(report, span));
        let message = with_help(line(&problem.message), problem.help.as_deref());
        command(out, "error", place, problem.kind.word(), &message)?;
    }
    for finding in report.findings {
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut message = line(&finding.message);
        for step in &finding.because {
            let _infallible = write!(message, "\nbecause: {}", line(&step.text));
            if let Some(span) = step.span {
                let place = locate(report.sources, span).short();
                let _infallible = write!(message, " ({place})");
            }
        }
        let mut message = with_help(message, finding.help.as_deref());
        if !finding.routes.is_empty() {
            message = format!("{message}\nin routes: {}", first_of(&finding.routes, 3));
        }
        let place = place(report, finding.primary.span);
        command(out, word, Some(place), finding.rule, &message)?;
    }
    Ok(())
}

fn with_help(message: String, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{message}\nhelp: {}", line(help)),
        None => message,
    }
}

fn place(report: &Report<'_>, span: Span) -> String {
    let at = locate(report.sources, span);
    let file = property(&at.path);
    // Columns are only allowed within one line.
    if at.line == at.end_line {
        let (column, end) = (at.column, at.end_column);
        format!("file={file},line={},col={column},endColumn={end},", at.line)
    } else {
        format!("file={file},line={},endLine={},", at.line, at.end_line)
    }
}

fn command(
    out: &mut dyn io::Write,
    word: &str,
    place: Option<String>,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let place = place.unwrap_or_default();
    let title = property(title);
    writeln!(out, "::{word} {place}title={title}::{}", data(message))
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
