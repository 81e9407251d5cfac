//! Fixtures: real configuration files with a mark on each line that must be reported.
//!
//! `#~ rule-id` (`;~ rule-id` in ini files) at the end of a line speaks of that line; on a line of
//! its own, of the next. Marks are written by hand. What a case leaves out is in `sound/`. A case
//! whose files cannot be read in full says so in `problems`, one message on each line; `refused`
//! is for the lab.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::stack::{Stack, fixtures};
use base::{Finding, Severity};
use model::Model;

/// A place in a file, from 1.
type Place = (String, usize);

/// What may lie in the folder of a case.
const KNOWN: &[&str] = &[
    "nginx.conf",
    "php-fpm.conf",
    "php.ini",
    "host.toml",
    "badgateway.toml",
    "root",
    "machines",
    "problems",
    "refused",
];

/// All cases of all rules: the rule's id, the folder, whether something must be found.
pub(crate) fn cases() -> Vec<(String, PathBuf, bool)> {
    let mut out = Vec::new();
    for group in subfolders(&fixtures()) {
        if group.ends_with("sound") {
            continue;
        }
        for rule in subfolders(&group) {
            for case in subfolders(&rule) {
                let name = name_of(&case);
                let bad = name.starts_with("bad");
                assert!(bad || name.starts_with("good"), "{}", case.display());
                out.push((name_of(&rule), case, bad));
            }
        }
    }
    assert!(
        out.len() > 80,
        "only {} cases: are they all here?",
        out.len()
    );
    out
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a fixture folder can be listed");
    let paths = entries.flatten().map(|entry| entry.path());
    let mut out: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().expect("a folder has a name");
    name.to_string_lossy().into_owned()
}

/// What the model must complain about: nothing, unless the case has a file `problems`.
fn expected_problems(case: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(case.join("problems")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The marks of a rule in all files.
fn marks(stack: &Stack, rule: &str) -> BTreeSet<Place> {
    let mut out = BTreeSet::new();
    for (path, text) in stack.files() {
        for (line, number) in text.lines().zip(1..) {
            let Some((before, ids)) = line.split_once("#~ ").or_else(|| line.split_once(";~ "))
            else {
                continue;
            };
            if ids.split_whitespace().any(|id| id == rule) {
                let alone = before.trim().is_empty();
                out.insert((path.clone(), number + usize::from(alone)));
            }
        }
    }
    out
}

fn found(model: &Model, findings: &[Finding], rule: &str) -> BTreeSet<Place> {
    let of_rule = findings.iter().filter(|finding| finding.rule == rule);
    let places = of_rule.map(|finding| {
        let span = finding.primary.span;
        let source = model.sources.get(span.file);
        let before = &source.bytes[..span.start as usize];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        (source.path.to_string(), line)
    });
    places.collect()
}

#[test]
fn every_mark_is_found_and_nothing_else() {
    let mut failures = Vec::new();
    for (rule, case, bad) in cases() {
        let stack = Stack::from_folder(&case);
        let (model, findings) = stack.check();
        let (wanted, found) = (marks(&stack, &rule), found(&model, &findings, &rule));
        let expected = expected_problems(&case);
        let case = case.strip_prefix(fixtures()).expect("below the fixtures");
        let case = case.display();
        for (file, line) in wanted.difference(&found) {
            failures.push(format!("{case}: {file}:{line} is marked, but not found"));
        }
        for (file, line) in found.difference(&wanted) {
            failures.push(format!("{case}: {file}:{line} is found, but not marked"));
        }
        if bad == wanted.is_empty() {
            failures.push(format!("{case}: bad cases have marks, good ones have none"));
        }
        let problems = model.problems.iter().map(|p| p.message.clone()).collect();
        for message in expected.difference(&problems) {
            failures.push(format!("{case}: no problem says: {message}"));
        }
        for message in problems.difference(&expected) {
            failures.push(format!("{case}: a problem nobody expects: {message}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A rule without a bad case is not tested at all, and a file with a wrong name is never read.
#[test]
fn every_rule_has_both_kinds_of_case_and_no_stray_files() {
    let mut failures = Vec::new();
    let cases = cases();
    for rule in rules::all() {
        let folder = fixtures().join(rule.group).join(rule.id);
        for kind in [true, false] {
            let has = |(_, case, bad): &(String, PathBuf, bool)| {
                *bad == kind && case.parent() == Some(&folder)
            };
            if !cases.iter().any(has) {
                let kind = if kind { "bad" } else { "good" };
                failures.push(format!("{}: no {kind} case", folder.display()));
            }
        }
    }
    for (_, case, _) in &cases {
        let entries = fs::read_dir(case).expect("a case can be listed");
        let names = entries.flatten().map(|entry| name_of(&entry.path()));
        for name in names.filter(|name| !KNOWN.contains(&name.as_str())) {
            failures.push(format!("{}: nobody reads `{name}`", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_sound_stack_is_sound() {
    let stack = Stack::from_folder(&fixtures().join("sound"));
    let (model, findings) = stack.check();
    let loud: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning)
        .map(|finding| (finding.rule, &finding.message))
        .collect();
    assert!(loud.is_empty() && model.problems.is_empty(), "{loud:#?}");
    assert_eq!(model.routes().count(), 1);
}

/// What people see of the rule, for each bad case.
#[test]
fn reports() {
    for (rule, case, _) in cases().into_iter().filter(|(_, _, bad)| *bad) {
        let (model, mut findings) = Stack::from_folder(&case).check();
        findings.retain(|finding| finding.rule == rule);
        let text = crate::stack::report(&model, &findings);
        insta::with_settings!({
            snapshot_path => case.parent().expect("a rule's folder"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name_of(&case), text);
        });
    }
}
