//! Compose projects: what is said of each stands in a file beside it, and was checked by hand.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests may read their fixtures and a clock"
)]

mod edits;
mod hostile;
mod project;

use std::fs;

use project::{Project, fixtures};

#[test]
fn what_is_said_of_each_project() {
    let mut wrong = String::new();
    let mut count = 0;
    for name in fixtures() {
        count += 1;
        let said = Project::fixture(&name).said();
        let path = project::folder().join(format!("{name}.expected"));
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if said != expected {
            wrong += &format!("== {name}\n{said}== but expected is\n{expected}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 10, "only {count} projects");
}
