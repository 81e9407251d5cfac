//! The last lines of the output for people: how many, in how much, and what is missing.

use base::{Severity, SortedSet};

use crate::paint::{Ink, paint};
use crate::text::count;
use crate::{Report, Style};

/// The closing lines. With problems they never sound as if all were well.
pub(crate) fn lines(report: &Report<'_>, style: &Style) -> Vec<String> {
    let mut lines = vec![first(report, style)];
    if report.summary.hidden > 0 && !style.strict {
        let notes = count(report.summary.hidden, "note");
        let them = if report.summary.hidden == 1 {
            "it"
        } else {
            "them"
        };
        lines.push(format!("{notes} hidden, --strict shows {them}"));
    }
    let summary = &report.summary;
    if summary.known > 0 {
        lines.push(format!(
            "{} known from the baseline not shown",
            count(summary.known, "finding")
        ));
    }
    if summary.gone > 0 {
        let they = if summary.gone == 1 { "is" } else { "are" };
        let gone = count(summary.gone, "finding");
        lines.push(format!(
            "{gone} of the baseline {they} gone: write it anew with --write-baseline"
        ));
    }
    lines.extend(unjudged(report));
    lines.extend(undecided(report, style));
    lines
}

/// What was not judged for want of facts: said in a line, with what would help.
fn unjudged(report: &Report<'_>) -> Option<String> {
    let rules: SortedSet<&str> = report.unjudged.iter().map(|one| one.rule).collect();
    let needs: SortedSet<&str> = report.unjudged.iter().map(|one| one.needs).collect();
    let needs: Vec<&str> = needs.into_iter().collect();
    let (is, need) = match rules.len() {
        0 => return None,
        1 => ("was", "it needs"),
        _ => ("were", "they need"),
    };
    let rules = count(rules.len(), "rule");
    let needs = needs.join(", ");
    Some(format!("{rules} {is} not judged: {need} {needs} (--facts)"))
}

/// The line that says that something is missing.
pub(crate) fn undecided(report: &Report<'_>, style: &Style) -> Option<String> {
    let things = match report.problems.len() {
        0 => return None,
        n => count(n, "thing"),
    };
    let text =
        format!("not everything could be judged: {things} above could not be read or decided");
    Some(paint(&text, Ink::Red, style.colour))
}

/// How many findings of a severity.
pub(crate) fn number(report: &Report<'_>, severity: Severity) -> usize {
    let same = report.findings.iter().filter(|f| f.severity == severity);
    same.count()
}

fn first(report: &Report<'_>, style: &Style) -> String {
    let summary = &report.summary;
    let scope = format!(
        "{} and {}",
        count(summary.routes, "route"),
        count(summary.pools, "pool")
    );
    let files = count(summary.files, "file");
    let kinds = [
        (Severity::Error, "error", Ink::Red),
        (Severity::Warning, "warning", Ink::Yellow),
        (Severity::Info, "note", Ink::Bold),
    ];
    let counted: Vec<String> = kinds
        .into_iter()
        .map(|(severity, word, ink)| (number(report, severity), word, ink))
        .filter(|(n, _, _)| *n > 0)
        .map(|(n, word, ink)| paint(&count(n, word), ink, style.colour))
        .collect();
    if !counted.is_empty() {
        return format!("{} in {scope}; {files} read", counted.join(", "));
    }
    if !report.problems.is_empty() {
        return format!("looked at {scope}; {files} read");
    }
    if summary.routes == 0 {
        let pools = count(summary.pools, "pool");
        return format!(
            "nothing found, and no chain to judge: {files} read, no route to PHP-FPM and {pools} in them"
        );
    }
    let text = format!("Nothing found: {scope} checked, {files} read.");
    paint(&text, Ink::Green, style.colour)
}
