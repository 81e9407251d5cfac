//! What every cause must have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diagnose::causes;

#[test]
fn the_list_is_sorted_and_has_every_file() {
    let listed: Vec<&str> = causes::ALL.iter().map(|cause| cause.id).collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(listed, sorted);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/causes");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != "mod")
        .map(|name| name.replace('_', "-"))
        .collect();
    let listed: BTreeSet<String> = listed.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(listed, files);
}

#[test]
fn every_cause_has_its_page() {
    for cause in causes::ALL {
        for heading in [
            "Evidence",
            "What to change",
            "How to make sure",
            "Reproduce",
        ] {
            assert!(
                !cause.points(heading).is_empty(),
                "{}: nothing under `## {heading}`",
                cause.id
            );
        }
        assert!(
            !cause.decides.is_empty() && !cause.title.ends_with('.'),
            "{}",
            cause.id
        );
    }
}

/// A cause that no story tells was never seen.
#[test]
fn every_cause_has_a_story() {
    let stories: String = crate::stories::all()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let untold: Vec<&str> = causes::ALL
        .iter()
        .map(|cause| cause.id)
        .filter(|id| {
            let named = stories
                .lines()
                .any(|line| line.starts_with(&format!("{id} ")));
            let candidate = stories.lines().any(|line| {
                line.starts_with("undetermined ") && line.split([':', ',']).any(|c| c.trim() == *id)
            });
            !named && !candidate
        })
        .collect();
    assert!(untold.is_empty(), "no story tells {}", untold.join(", "));
}
