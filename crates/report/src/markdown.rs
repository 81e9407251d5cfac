//! Markdown for a comment on a pull request: a summary, then what was found, folded.
//!
//! Text from configurations stands in HTML blocks only. There Markdown is not read, so that
//! escaping for HTML is all it takes; what GitHub would make a mention or a link is broken by a
//! space without width, and nothing is read in code.

use std::fmt::Write as _;
use std::io;

use base::{Because, Finding, Problem, Severity};

use crate::Report;
use crate::excerpt::line_of;
use crate::place::locate;
use crate::summary::number;
use crate::text::{columns, count, first_of, line, thousands, xml};

/// GitHub takes 65,536 characters; the rest is for what a workflow puts around them.
const MOST: usize = 64_000;
/// Kept for the sentence that says what was left out, and for headings.
const RESERVE: usize = 1_000;
/// Characters of one text in an entry that had to be shortened, and of any code line.
const SHORT: usize = 300;
/// What is left of one entry of any length.
const LONGEST: usize = 12_000;

/// Writes the comment. What does not fit is counted.
pub(crate) fn render(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page {
        text: head(report),
        left_out: 0,
    };
    if !report.problems.is_empty() {
        page.text.push_str("\n#### Not judged\n");
        let problems = report.problems.iter();
        page.entries(problems.map(|p| (problem(report, p), problem_in_short(p))));
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let same = || report.findings.iter().filter(|f| f.severity == severity);
        if same().next().is_none() {
            continue;
        }
        // What is left out needs no heading.
        if page.left_out == 0 {
            let _infallible = write!(page.text, "\n#### {}\n", heading(severity));
        }
        page.entries(same().map(|f| (finding(report, f), finding_in_short(report, f))));
    }
    if page.left_out > 0 {
        let more = thousands(page.left_out);
        let _infallible = write!(
            page.text,
            "\n**{more} more left out**, because a comment has its limit: `badgateway check` shows all.\n"
        );
    }
    out.write_all(page.text.as_bytes())
}

struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    /// Adds what fits: whole, in short, or as one of those that were left out.
    fn entries(&mut self, entries: impl Iterator<Item = (String, String)>) {
        let mut used = utf16(&self.text);
        for (whole, short) in entries {
            let room = (MOST - RESERVE).saturating_sub(used);
            let whole_size = utf16(&whole);
            let fitting = [(whole, whole_size.max(LONGEST) == LONGEST), (short, true)];
            let fitting = fitting
                .into_iter()
                .find(|(text, may)| *may && utf16(text) <= room);
            match fitting {
                // Nothing behind a gap, or the order would lie.
                Some((text, _)) if self.left_out == 0 => {
                    used += utf16(&text);
                    self.text.push_str(&text);
                }
                _ => self.left_out += 1,
            }
        }
    }
}

/// GitHub counts as JavaScript does.
fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

fn head(report: &Report<'_>) -> String {
    let summary = &report.summary;
    let scope = format!(
        "{} and {}; {} read",
        count(summary.routes, "route"),
        count(summary.pools, "pool"),
        count(summary.files, "file")
    );
    let undecided = report.problems.len();
    let mut text = String::from("### badgateway: ");
    match (report.findings.is_empty(), undecided) {
        (true, 0) if summary.routes == 0 => {
            text.push_str("nothing found, and no chain to judge\n\n")
        }
        (true, 0) => text.push_str("nothing found\n\n"),
        (true, _) => text.push_str("not everything could be judged\n\n"),
        (false, _) => {
            let _infallible = writeln!(text, "{}\n", count(report.findings.len(), "finding"));
        }
    }
    let rows = [
        ("Not judged", undecided),
        ("Errors", number(report, Severity::Error)),
        ("Warnings", number(report, Severity::Warning)),
        ("Notes", number(report, Severity::Info)),
    ];
    if rows.iter().any(|(_, n)| *n > 0) {
        text.push_str("| Severity | Number |\n| --- | ---: |\n");
        for (name, n) in rows.into_iter().filter(|(_, n)| *n > 0) {
            let _infallible = writeln!(text, "| {name} | {n} |");
        }
        text.push('\n');
    }
    let _infallible = writeln!(text, "{scope}.");
    if undecided > 0 {
        let things = count(undecided, "thing");
        let _infallible = writeln!(
            text,
            "\n**Not everything could be judged:** {things} could not be read or decided."
        );
    }
    if summary.hidden > 0 {
        let notes = count(summary.hidden, "note");
        let _infallible = writeln!(text, "\n{notes} hidden; `--strict` shows all.");
    }
    text
}

fn heading(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors",
        Severity::Warning => "Warnings",
        Severity::Info => "Notes",
    }
}

fn finding(report: &Report<'_>, finding: &Finding) -> String {
    let at = locate(report.sources, finding.primary.span);
    let source = report.sources.get(finding.primary.span.file);
    let shown = cut(&line(&line_of(source, finding.primary.span, false)));
    let mut text = opened(&prose(&line(&finding.message)), &at.short());
    let _infallible = write!(
        text,
        "<pre>{:>5} | {}</pre>\n<ul>\n<li>Rule: <code>{}</code></li>\n",
        at.line,
        xml(&shown),
        xml(finding.rule)
    );
    for step in &finding.because {
        text.push_str(&because(report, step));
    }
    item(&mut text, "What to do", finding.help.as_deref());
    if !finding.routes.is_empty() {
        let routes = xml(&first_of(&finding.routes, 3));
        let _infallible = writeln!(text, "<li>In routes: <code>{routes}</code></li>");
    }
    text.push_str("</ul>\n</details>\n");
    text
}

fn because(report: &Report<'_>, step: &Because) -> String {
    let place = match step.span {
        Some(span) => {
            let at = locate(report.sources, span).short();
            format!(" (<code>{}</code>)", xml(&at))
        }
        None => String::new(),
    };
    format!("<li>Because {}{place}</li>\n", prose(&line(&step.text)))
}

fn problem(report: &Report<'_>, problem: &Problem) -> String {
    let at = problem
        .span
        .map(|span| locate(report.sources, span).short());
    let kind = problem.kind.word();
    let mut text = opened(
        &prose(&line(&problem.message)),
        &at.unwrap_or_else(|| kind.to_owned()),
    );
    let _infallible = write!(text, "<ul>\n<li>Kind: {kind}</li>\n");
    item(&mut text, "What to do", problem.help.as_deref());
    text.push_str("</ul>\n</details>\n");
    text
}

fn finding_in_short(report: &Report<'_>, finding: &Finding) -> String {
    let at = locate(report.sources, finding.primary.span).short();
    let message = prose(&cut(&line(&finding.message)));
    let mut text = opened(&message, &cut(&at));
    let _infallible = write!(
        text,
        "<p>Rule: <code>{}</code></p>\n</details>\n",
        xml(finding.rule)
    );
    text
}

fn problem_in_short(problem: &Problem) -> String {
    let message = prose(&cut(&line(&problem.message)));
    let mut text = opened(&message, problem.kind.word());
    text.push_str("</details>\n");
    text
}

/// The blank line before it begins a new HTML block, which lasts to the next blank line.
fn opened(message: &str, place: &str) -> String {
    format!(
        "\n<details>\n<summary>{message} (<code>{}</code>)</summary>\n",
        xml(place)
    )
}

fn item(out: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        let _infallible = writeln!(out, "<li>{name}: {}</li>", prose(&line(text)));
    }
}

/// A sentence with code in backticks, as HTML that names nobody and links nowhere.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        // A backtick without a second one is a backtick.
        let open = code && parts.peek().is_some();
        match (open, code) {
            (true, _) => {
                let _infallible = write!(out, "<code>{}</code>", xml(part));
            }
            (false, true) => {
                let _infallible = write!(out, "`{}", broken(&xml(part)));
            }
            (false, false) => out.push_str(&broken(&xml(part))),
        }
        code = !code;
    }
    out
}

/// Keeps mentions (`@x`), issues (`#1`, `GH-1`), commits and addresses from being taken for ones.
fn broken(text: &str) -> String {
    const JOINT: char = '\u{200B}';
    let mut out = String::with_capacity(text.len());
    let mut hex_digits = 0;
    for c in text.chars() {
        hex_digits = match c.is_ascii_hexdigit() {
            true => hex_digits + 1,
            false => 0,
        };
        // Seven of them name a commit.
        if hex_digits == 7 {
            out.push(JOINT);
            hex_digits = 1;
        }
        let ends = |word: &str| {
            let tail = out.len().checked_sub(word.len());
            let tail = tail.and_then(|from| out.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word))
        };
        let link = (c == '/' && ends(":")) || (c == '.' && ends("www")) || (c == '-' && ends("gh"));
        if link {
            out.push(JOINT);
        }
        out.push(c);
        if matches!(c, '@' | '#') {
            out.push(JOINT);
        }
    }
    out
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    if columns(text) <= SHORT {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHORT).collect();
    format!("{head}…")
}
