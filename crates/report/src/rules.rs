//! The lists of rules and of causes.

use std::io;

use base::FixLevel;
use serde::Serialize;

use crate::json::{SCHEMA_VERSION, write_pretty};
use crate::text::{columns, count};
use crate::{CauseMeta, RuleMeta};

/// Writes the rules by group, in their own order within it.
pub fn rules(rules: &[RuleMeta], out: &mut dyn io::Write) -> io::Result<()> {
    let widest = rules.iter().map(|rule| columns(rule.id)).max().unwrap_or(0);
    let mut groups: Vec<&str> = rules.iter().map(|rule| rule.group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        writeln!(out, "{group}")?;
        for rule in rules.iter().filter(|rule| rule.group == group) {
            let fix = match rule.fix {
                FixLevel::None => "",
                FixLevel::DisplayOnly | FixLevel::Unsafe | FixLevel::Safe => "  [fix]",
            };
            let severity = rule.severity.word();
            let summary = one_line(rule.summary);
            let summary = summary.trim_end_matches('.');
            writeln!(out, "  {:widest$}  {severity:7}  {summary}{fix}", rule.id)?;
        }
        writeln!(out)?;
    }
    let rules = count(rules.len(), "rule");
    writeln!(
        out,
        "{rules}; `badgateway explain ID` shows the page of one"
    )
}

#[derive(Serialize)]
struct List<'a> {
    schema_version: u32,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    severity: &'static str,
    group: &'a str,
    summary: String,
    fix: &'static str,
    doc: String,
}

/// Writes the rules as JSON, pages included.
pub fn rules_json(rules: &[RuleMeta], out: &mut dyn io::Write) -> io::Result<()> {
    let rule = |rule: &RuleMeta| Rule {
        id: rule.id,
        severity: rule.severity.word(),
        group: rule.group,
        summary: one_line(rule.summary),
        fix: fix_word(rule.fix),
        doc: rule.doc.clone(),
    };
    let list = List {
        schema_version: SCHEMA_VERSION,
        rules: rules.iter().map(rule).collect(),
    };
    write_pretty(&list, out)
}

/// Writes the causes, one line each.
pub fn causes(causes: &[CauseMeta], out: &mut dyn io::Write) -> io::Result<()> {
    let ids = causes.iter().map(|cause| columns(cause.id));
    let widest = ids.max().unwrap_or(0);
    for cause in causes {
        writeln!(out, "{:widest$}  {}", cause.id, cause.title)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct CauseList<'a> {
    schema_version: u32,
    causes: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Cause<'a> {
    id: &'a str,
    title: &'a str,
    summary: String,
    decides: &'a str,
    rules: &'a [&'static str],
    settings: &'a [&'static str],
    since: &'a str,
    doc: String,
}

/// Writes the causes as JSON, pages included.
pub fn causes_json(causes: &[CauseMeta], out: &mut dyn io::Write) -> io::Result<()> {
    let cause = |cause: &CauseMeta| Cause {
        id: cause.id,
        title: cause.title,
        summary: one_line(cause.summary),
        decides: cause.decides,
        rules: cause.rules,
        settings: cause.settings,
        since: cause.since,
        doc: cause.doc.clone(),
    };
    let list = CauseList {
        schema_version: SCHEMA_VERSION,
        causes: causes.iter().map(cause).collect(),
    };
    write_pretty(&list, out)
}

/// In the spelling of programs: `FixLevel::word` is for people and has a space in it.
pub(crate) fn fix_word(fix: FixLevel) -> &'static str {
    match fix {
        FixLevel::None => "none",
        FixLevel::DisplayOnly => "display-only",
        FixLevel::Unsafe => "unsafe",
        FixLevel::Safe => "safe",
    }
}

/// A sentence as doc comments have it: over several lines, with spaces in front.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
