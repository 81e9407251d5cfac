//! Each rule's page and fixtures: what they mark is found, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use base::{Finding, FixLevel, Sources};
use report::{Format, Report, Style, Summary};

use crate::{fixtures, judged};

fn example(section: &str) -> String {
    let (_, rest) = section.split_once("```yaml\n").expect("a block of YAML");
    let (text, _) = rest.split_once("```").expect("its end");
    text.to_owned()
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    for rule in prometheus::all() {
        for (heading, wanted) in [("Bad", 1), ("Good", 0)] {
            let text = example(&rule.section(heading).expect("a heading"));
            let (_, judged) = judged(text.as_bytes());
            assert!(
                judged.problems.is_empty(),
                "{}: {:?}",
                rule.id,
                judged.problems
            );
            let all: Vec<_> = judged.findings.iter().map(|f| f.rule).collect();
            assert_eq!(all, vec![rule.id; wanted], "{} {heading}", rule.id);
            assert!(judged.findings.iter().all(|f| f.severity <= rule.severity));
        }
        for heading in ["Why it matters", "References"] {
            assert!(rule.section(heading).is_some(), "{}: {heading}", rule.id);
        }
        assert!(rule.summary().ends_with('.'), "{}", rule.id);
        assert_eq!(rule.fix, FixLevel::None, "a fix has a heading, and a fixer");
    }
}

#[test]
fn the_list_is_sorted() {
    let ids: Vec<_> = prometheus::all().iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().all(|id| prometheus::by_id(id).is_some()));
}

/// All cases: the rule, the file, its name.
fn cases() -> Vec<(&'static str, PathBuf, String)> {
    let mut out = Vec::new();
    for rule in prometheus::all() {
        let folder = fixtures().join(rule.id);
        let entries = fs::read_dir(folder).expect("a rule has fixtures");
        let paths = entries.flatten().map(|entry| entry.path());
        let mut paths: Vec<_> = paths
            .filter(|path| path.extension().is_some_and(|e| e == "yml"))
            .collect();
        paths.sort();
        for kind in ["bad", "good"] {
            let named = |path: &PathBuf| {
                path.file_stem()
                    .is_some_and(|stem| stem.to_string_lossy().starts_with(kind))
            };
            assert!(paths.iter().any(named), "{}: no {kind} case", rule.id);
        }
        for path in paths {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            out.push((rule.id, path, name));
        }
    }
    out
}

#[test]
fn every_mark_is_found_and_nothing_else() {
    for (rule, path, name) in cases() {
        let text = fs::read_to_string(&path).expect("a fixture is text");
        let wanted: BTreeSet<u32> = (1..)
            .zip(text.lines())
            .filter(|(_, line)| line.contains(&format!("#~ {rule}")))
            .map(|(number, _)| number)
            .collect();
        let (sources, judged) = judged(text.as_bytes());
        assert!(judged.problems.is_empty(), "{name}: {:?}", judged.problems);
        let found = judged
            .findings
            .iter()
            .filter(|finding| finding.rule == rule);
        let found: BTreeSet<u32> = found
            .map(|f| sources.line_column(f.primary.span).line)
            .collect();
        assert_eq!(found, wanted, "{rule}/{name}");
        assert_eq!(name.starts_with("bad"), !wanted.is_empty(), "{rule}/{name}");
    }
}

/// What people see of the rule, for each bad case.
#[test]
fn reports() {
    for (rule, path, name) in cases() {
        if !name.starts_with("bad") {
            continue;
        }
        let text = fs::read(&path).expect("a fixture");
        let (sources, mut judged) = judged(&text);
        judged.findings.retain(|finding| finding.rule == rule);
        insta::with_settings!({
            snapshot_path => path.parent().expect("a rule's folder"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, report(&sources, &judged.findings));
        });
    }
}

fn report(sources: &Sources, findings: &[Finding]) -> String {
    let report = Report {
        sources,
        findings,
        problems: &[],
        unjudged: &[],
        ladders: &[],
        summary: Summary {
            routes: 0,
            pools: 0,
            files: 1,
            hidden: 0,
            known: 0,
            gone: 0,
            version: "0",
        },
    };
    let style = Style {
        colour: false,
        width: 100,
        show_secrets: false,
        strict: true,
    };
    let mut out = Vec::new();
    report::render(&report, &[], Format::Full, &style, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("a report is text")
}
