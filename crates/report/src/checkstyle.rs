//! Checkstyle XML: findings by file, as Jenkins and reviewdog read it.

use std::fmt::Write as _;
use std::io;

use base::{Severity, SortedMap, Span};

use crate::Report;
use crate::place::{Located, locate};
use crate::text::{first_of, line, xml};

/// One `<error>`.
struct Entry {
    line: u32,
    column: u32,
    severity: &'static str,
    message: String,
    source: String,
}

/// Writes one `<file>` for each file that something is said of, sorted by path.
pub(crate) fn render(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut files: SortedMap<String, Vec<Entry>> = SortedMap::new();
    let mut add = |at: Located, severity, message, source: &str| {
        let entry = Entry {
            line: at.line,
            column: at.column,
            severity,
            message,
            // Readers take what is behind the last full stop for the rule.
            source: format!("badgateway.{source}"),
        };
        files.entry(at.path).or_default().push(entry);
    };
    for problem in report.problems {
        let at = problem.span.map(|span| locate(report.sources, span));
        let message = with_help(line(&problem.message), problem.help.as_deref());
        let at = at.unwrap_or_else(|| nowhere(report));
        add(at, "error", message, problem.kind.word());
    }
    for finding in report.findings {
        let mut message = line(&finding.message);
        for step in &finding.because {
            let place = step.span.map(|span| place(report, span));
            let place = place.unwrap_or_default();
            let _infallible = write!(message, "\nbecause: {}{place}", line(&step.text));
        }
        let mut message = with_help(message, finding.help.as_deref());
        if !finding.routes.is_empty() {
            let routes = first_of(&finding.routes, 3);
            let _infallible = write!(message, "\nin routes: {routes}");
        }
        let at = locate(report.sources, finding.primary.span);
        add(at, severity(finding.severity), message, finding.rule);
    }
    write(&files, out)
}

fn write(files: &SortedMap<String, Vec<Entry>>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"4.3\">")?;
    for (path, entries) in files {
        writeln!(out, "  <file name=\"{}\">", xml(path))?;
        for entry in entries {
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"{}\"/>",
                entry.line,
                entry.column,
                entry.severity,
                // A line feed in an attribute would be read as a space.
                xml(&entry.message).replace('\n', "&#10;"),
                xml(&entry.source)
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn place(report: &Report<'_>, span: Span) -> String {
    format!(" ({})", locate(report.sources, span).short())
}

fn with_help(message: String, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{message}\nhelp: {}", line(help)),
        None => message,
    }
}

/// An error stands in a file, so a problem without a place is put at the top of the first one.
fn nowhere(report: &Report<'_>) -> Located {
    let first = report.sources.iter().next();
    Located {
        path: first.map_or_else(|| ".".to_owned(), |(_, source)| source.shown().to_string()),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
    }
}
