//! One line for each problem and finding: `path:line:col: severity[rule]: message`.

use std::io;

use crate::Report;
use crate::place::locate;
use crate::text::line;

/// Writes problems, then findings. Nothing is written when there is neither.
pub(crate) fn render(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for problem in report.problems {
        if let Some(span) = problem.span {
            write!(out, "{}: ", locate(report.sources, span).long())?;
        }
        writeln!(out, "{}: {}", problem.kind.word(), line(&problem.message))?;
    }
    for finding in report.findings {
        let place = locate(report.sources, finding.primary.span).long();
        let severity = finding.severity.word();
        let message = line(&finding.message);
        writeln!(out, "{place}: {severity}[{}]: {message}", finding.rule)?;
    }
    Ok(())
}
