//! JUnit XML: a case for each finding and problem, and one for each rule that found nothing.
//!
//! A rule counts as passed only when everything could be read; otherwise it is skipped.

use std::fmt::Write as _;
use std::io;

use base::{Finding, Severity};

use crate::place::locate;
use crate::text::{line, xml};
use crate::{Report, RuleMeta};

/// Writes one test suite.
pub(crate) fn render(
    report: &Report<'_>,
    rules: &[RuleMeta],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let silent: Vec<&RuleMeta> = rules
        .iter()
        .filter(|rule| report.findings.iter().all(|f| f.rule != rule.id))
        .collect();
    let errors = report.problems.len();
    let tests = silent.len() + report.findings.len() + errors;
    let failed = report.findings.iter().filter(|f| is_failure(f)).count();
    let skipped = if errors == 0 { 0 } else { silent.len() };
    let counts = format!("tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"badgateway\" {counts}>")?;
    // The root counts no skipped ones: Jenkins' schema has no such attribute there.
    writeln!(
        out,
        "  <testsuite name=\"badgateway\" {counts} skipped=\"{skipped}\">"
    )?;
    for problem in report.problems {
        let place = problem.span.map(|span| locate(report.sources, span).long());
        let name = place.unwrap_or_else(|| line(&problem.message));
        open(out, &name, problem.kind.word())?;
        let message = line(&problem.message);
        let help = problem.help.as_deref().map(line).unwrap_or_default();
        element(out, "error", problem.kind.word(), &message, &help)?;
        close(out)?;
    }
    for finding in report.findings {
        open(
            out,
            &locate(report.sources, finding.primary.span).long(),
            finding.rule,
        )?;
        if is_failure(finding) {
            let message = line(&finding.message);
            let word = finding.severity.word();
            element(out, "failure", word, &message, &details(report, finding))?;
        } else {
            let text = format!("{}\n{}", line(&finding.message), details(report, finding));
            writeln!(out, "      <system-out>{}</system-out>", xml(text.trim()))?;
        }
        close(out)?;
    }
    for rule in silent {
        let (name, class) = (xml(rule.summary), xml(rule.id));
        write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"")?;
        match errors {
            0 => writeln!(out, "/>")?,
            _ => writeln!(
                out,
                "><skipped message=\"not everything could be judged\"/></testcase>"
            )?,
        }
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn is_failure(finding: &Finding) -> bool {
    finding.severity > Severity::Info
}

fn details(report: &Report<'_>, finding: &Finding) -> String {
    let mut text = String::new();
    for step in &finding.because {
        let place = match step.span {
            Some(span) => format!(" ({})", locate(report.sources, span).short()),
            None => String::new(),
        };
        let _infallible = writeln!(text, "because: {}{place}", line(&step.text));
    }
    if let Some(help) = &finding.help {
        let _infallible = writeln!(text, "help: {}", line(help));
    }
    for route in &finding.routes {
        let _infallible = writeln!(text, "in route: {}", line(route));
    }
    text
}

fn open(out: &mut dyn io::Write, name: &str, class: &str) -> io::Result<()> {
    let (name, class) = (xml(name), xml(class));
    writeln!(out, "    <testcase name=\"{name}\" classname=\"{class}\">")
}

fn element(
    out: &mut dyn io::Write,
    tag: &str,
    kind: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    let (message, text) = (xml(message), xml(text.trim_end()));
    writeln!(
        out,
        "      <{tag} type=\"{kind}\" message=\"{message}\">{text}</{tag}>"
    )
}

fn close(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "    </testcase>")
}
