//! Redacted text says the same: every fixture gives the same findings and the same problems, at the
//! same lines, before and after. What a message quotes is the placeholder then.

use std::collections::BTreeMap;

use base::{Finding, Span};
use model::{MemoryFiles, Model};
use redact::{Map, Options, Text};

use crate::fixtures;
use crate::stack::{Stack, check_files};

/// Every finding and problem in words, with its place.
fn said(
    files: &BTreeMap<String, Vec<u8>>,
    stack: &Stack,
    map: Option<&Map>,
    is_identity: bool,
) -> Vec<String> {
    let mut memory = MemoryFiles::default();
    for (path, bytes) in files {
        memory.insert(path, bytes.clone());
    }
    let facts = settings::host::facts("host.toml", &stack.0.facts).expect("host.toml is right");
    let (model, findings) = check_files(&memory, facts, &stack.0.policy);
    let is_compared = |finding: &&Finding| !is_identity || finding.rule != "origin-check-too-wide";
    let words = |text: &str| match map {
        Some(map) => {
            String::from_utf8_lossy(&redact::restore(text.as_bytes(), map).bytes).into_owned()
        }
        None => text.to_owned(),
    };
    let finding = |finding: &Finding| {
        let because: Vec<String> = finding
            .because
            .iter()
            .map(|step| words(&step.text))
            .collect();
        format!(
            "{} {} {} {} {:?} {:?}",
            finding.rule,
            finding.severity.word(),
            place(&model, Some(finding.primary.span)),
            words(&finding.message),
            because,
            finding.help.as_deref().map(words),
        )
    };
    let problems = model.problems.iter().map(|problem| {
        format!(
            "{} {} {}",
            problem.kind.word(),
            place(&model, problem.span),
            words(&problem.message)
        )
    });
    let mut out: Vec<String> = findings
        .iter()
        .filter(is_compared)
        .map(finding)
        .chain(problems)
        .collect();
    out.sort();
    out
}

fn place(model: &Model, span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| model.sources.place(span))
}

#[test]
fn findings_of_redacted_fixtures() {
    let mut seen = Vec::new();
    let mut hidden = 0;
    let cases = fixtures::cases();
    assert!(cases.len() > 300, "the fixtures are there: {}", cases.len());
    for (_, case, _) in cases {
        let stack = Stack::from_folder(&case);
        let files: BTreeMap<String, Vec<u8>> = stack
            .files()
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()))
            .collect();
        for identity in [false, true] {
            let before = said(&files, &stack, None, identity);
            let texts: Vec<Text<'_>> = files
                .iter()
                .map(|(path, bytes)| Text {
                    path: path.as_bytes(),
                    bytes,
                })
                .collect();
            let redacted = redact::redact(
                &texts,
                &Options {
                    identity,
                    ..Options::default()
                },
            );
            hidden += redacted.found.len();
            let after: BTreeMap<String, Vec<u8>> =
                files.keys().cloned().zip(redacted.texts).collect();
            let after = said(&after, &stack, Some(&redacted.map), identity);
            let name = case.display();
            let gone = before.iter().filter(|line| !after.contains(line));
            seen.extend(gone.map(|line| format!("{name} (identity: {identity})\n  - {line}")));
            let new = after.iter().filter(|line| !before.contains(line));
            seen.extend(new.map(|line| format!("{name} (identity: {identity})\n  + {line}")));
        }
    }
    assert!(
        hidden > 100,
        "the fixtures hold something to hide: {hidden}"
    );
    assert!(
        seen.is_empty(),
        "{} differ:\n{}",
        seen.len(),
        seen.join("\n")
    );
}
