//! The planted corpus through every command: no value of it in any output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{FORMATS, Folder, run};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../redact/corpus")
}

/// Without the marks that keep tokens from looking like tokens to others.
fn expanded(text: &str) -> String {
    text.replace(['⟦', '⟧', '·'], "")
}

/// The files, written where the program can read them, and their names.
fn files(folder: &Folder) -> Vec<String> {
    let mut out = Vec::new();
    let mut todo = vec![corpus()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.path();
            let name = path
                .strip_prefix(corpus())
                .expect("it is below")
                .display()
                .to_string();
            if path.is_dir() {
                todo.push(path);
            } else if name.contains('/') {
                let text = fs::read_to_string(&path).expect("a text");
                folder.write(&name, expanded(&text));
                out.push(name);
            }
        }
    }
    out.sort();
    out
}

/// Planted values by file. Short and plain ones may be words of our own output.
fn planted() -> BTreeMap<String, Vec<String>> {
    let truth = fs::read_to_string(corpus().join("truth.tsv")).expect("truth.tsv");
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in truth.lines().filter(|row| row.starts_with("must")) {
        let columns: Vec<&str> = row.split('\t').collect();
        let value = expanded(columns[4]);
        if value.len() >= 8 {
            out.entry(columns[2].to_owned()).or_default().push(value);
        }
    }
    out
}

#[test]
fn no_value_in_any_output() {
    let folder = Folder::new();
    let files = files(&folder);
    let planted = planted();
    assert!(
        files.len() > 50 && planted.len() > 40,
        "the corpus is there"
    );
    let mut seen = Vec::new();
    for name in &files {
        let path = folder.at(name);
        let values = planted.get(name).cloned().unwrap_or_default();
        let mut runs: Vec<Vec<&str>> = FORMATS
            .iter()
            .map(|format| vec!["check", &path, "--strict", "--format", format])
            .collect();
        runs.extend([
            vec!["chain", &path],
            vec!["chain", &path, "--format", "json"],
            vec!["fix", &path, "--unsafe", "--request-time", "90s"],
            vec!["fix", &path, "--unsafe", "--format", "json"],
            vec!["redact", &path, "--explain"],
            vec!["redact", &path, "--format", "json"],
        ]);
        if name.starts_with("log/") {
            runs.push(vec!["diagnose", &path]);
            runs.push(vec!["diagnose", &path, "--format", "json", "--incidents"]);
            runs.push(vec!["diagnose", &path, "--stats"]);
        }
        for args in runs {
            let all = run(&args).all();
            let shown = values.iter().filter(|value| all.contains(value.as_str()));
            // Known misses of the finder are counted by its own test; here they are few.
            seen.extend(shown.map(|_| format!("{name}: {}", args.join(" "))));
        }
    }
    let shares: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert!(
        seen.is_empty(),
        "{} outputs show a planted value:\n{shares:#?}",
        seen.len()
    );
}
