//! Every rule's own page is a test: its `## Bad` gives exactly one finding of the rule, its
//! `## Good` none.

use crate::stack::Stack;

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    let mut failures = Vec::new();
    for rule in rules::all() {
        for (heading, wanted) in [("Bad", 1), ("Good", 0)] {
            let Some(section) = rule.section(heading) else {
                failures.push(format!("{}: no `## {heading}`", rule.id));
                continue;
            };
            let (model, findings) = Stack::from_markdown(&section).check();
            for problem in &model.problems {
                failures.push(format!("{} {heading}: {}", rule.id, problem.message));
            }
            let found = findings.iter().filter(|f| f.rule == rule.id).count();
            if found != wanted {
                let all: Vec<_> = findings.iter().map(|f| (f.rule, &f.message)).collect();
                failures.push(format!(
                    "{} {heading}: {found} findings of the rule, {wanted} wanted; all: {all:#?}",
                    rule.id
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_page_has_its_headings() {
    for rule in rules::all() {
        assert!(
            rule.summary().ends_with('.'),
            "{}: a sentence first",
            rule.id
        );
        for heading in ["Why it matters", "Bad", "Good", "References"] {
            assert!(rule.section(heading).is_some(), "{}: {heading}", rule.id);
        }
        let has_fix = rule.fix != base::FixLevel::None;
        assert_eq!(
            rule.section("Fix").is_some(),
            has_fix,
            "{}: ## Fix",
            rule.id
        );
    }
}

#[test]
fn the_list_is_sorted_and_ids_are_kebab_case() {
    let ids: Vec<_> = rules::all().iter().map(|rule| rule.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    let is_kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let kebab = |id: &str| id.bytes().all(is_kebab);
    assert!(ids.iter().all(|id| kebab(id)));
}

/// The table that compares us with others names rules that are there.
#[test]
fn the_table_of_peers_names_our_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/peers.md");
    let text = std::fs::read_to_string(path).expect("docs/peers.md is there");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.matches('|').count() == 5);
    let mut named = 0;
    for row in rows {
        let ours = row.split('|').nth(3).unwrap_or_default();
        for id in ours.split('`').skip(1).step_by(2) {
            assert!(
                rules::by_id(id).is_some(),
                "docs/peers.md: there is no rule `{id}`"
            );
            named += 1;
        }
    }
    assert!(named > 40, "{named}");
}
