//! Whole projects: what is said of each stands in a file beside it, and was checked by hand.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests may read their fixtures and a clock"
)]

mod ansible;
mod compose_edits;
mod compose_hostile;
mod docker;
mod env_table;
mod images;
mod project;
mod terraform_edits;
mod terraform_hostile;
mod terraform_values;

use std::fs;

use project::{Project, fixtures, folder};

/// Compares what is said of every project of a kind. To see it written anew: `BLESS=1`, and then
/// read the difference.
fn check(kind: &str) {
    let mut wrong = String::new();
    let mut count = 0;
    for name in fixtures(kind) {
        count += 1;
        let said = Project::fixture(kind, &name).said();
        let path = folder(kind).join(format!("{name}.expected"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &said).expect("a fixture can be written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if said != expected {
            wrong += &format!("== {name}\n{said}== but expected is\n{expected}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 10, "only {count} projects");
}

#[test]
fn compose_projects() {
    check("compose");
}

#[test]
fn terraform_projects() {
    check("terraform");
}

#[test]
fn ansible_projects() {
    check("ansible");
}
