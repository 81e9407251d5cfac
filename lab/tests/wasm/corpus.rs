//! What is asked: everything that the repository has of configurations and logs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rules::example::Example;
use serde_json::{Value, json};

use crate::node::root;

/// Some files with a name.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Case {
    /// As a request has them.
    pub(crate) fn files(&self) -> Value {
        self.files
            .iter()
            .map(|(path, bytes)| file(path, bytes))
            .collect()
    }
}

/// A file of a request.
pub(crate) fn file(path: &str, bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({"path": path, "text": text}),
        Err(_) => json!({"path": path, "base64": base::base64::encode(bytes)}),
    }
}

/// Every file below a folder, by its path there.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let inside = path.strip_prefix(folder).expect("it is below");
            let bytes = fs::read(&path).expect("a file of ours");
            out.insert(inside.display().to_string(), bytes);
        }
    }
    out
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of ours").flatten();
    let mut out: Vec<_> = entries.map(|entry| entry.path()).collect();
    out.retain(|path| path.is_dir());
    out.sort();
    out
}

/// The fixtures of all rules, each completed to a whole system, as its rule's tests see it.
pub(crate) fn fixtures() -> Vec<Case> {
    let mut out = Vec::new();
    let groups = subfolders(&root().join("crates/rules/fixtures"));
    for group in groups.iter().filter(|group| !group.ends_with("sound")) {
        let rules = subfolders(group);
        for folder in rules.iter().flat_map(|rule| subfolders(rule)) {
            let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
            let more = tree(&folder.join("root")).into_iter();
            let more = more.map(|(path, bytes)| {
                let text = String::from_utf8(bytes).expect("a fixture is text");
                (format!("/{path}"), text)
            });
            let example = Example {
                nginx: text("nginx.conf"),
                fpm: text("php-fpm.conf"),
                php_ini: text("php.ini"),
                facts: text("host.toml"),
                policy: text("badgateway.toml"),
                more: more.collect(),
            };
            let files = example.files().into_iter();
            let files = files.map(|(path, text)| (path, text.into_bytes()));
            out.push(Case {
                name: folder.display().to_string(),
                files: files.collect(),
            });
        }
    }
    assert!(out.len() > 250, "only {} cases", out.len());
    out
}

/// Each folder of examples, and each fixture's own files as they lie there: loose.
pub(crate) fn loose() -> Vec<Case> {
    let examples = subfolders(&root().join("examples"));
    let groups = subfolders(&root().join("crates/rules/fixtures"));
    let rules = groups.iter().flat_map(|group| subfolders(group));
    let cases = rules.flat_map(|rule| subfolders(&rule));
    let folders = examples.into_iter().chain(cases);
    let case = |folder: PathBuf| Case {
        name: folder.display().to_string(),
        files: tree(&folder),
    };
    folders.map(case).collect()
}

/// The configuration and the logs of each story, and of the example of a bad night.
pub(crate) fn stories() -> Vec<(Case, Value)> {
    let mut out = Vec::new();
    for (name, bytes) in tree(&root().join("crates/diagnose/stories")) {
        let text = String::from_utf8(bytes).expect("a story is text");
        let mut files = BTreeMap::new();
        let mut logs = Vec::new();
        let mut blocks = text.split("\n```");
        blocks.next();
        for block in blocks.step_by(2) {
            let (head, body) = block.split_once('\n').expect("a block has a head");
            let body = format!("{body}\n").into_bytes();
            match head.split_once(' ') {
                Some(("log", name)) => logs.push(file(name, &body)),
                Some(("config", name)) => drop(files.insert(name.to_owned(), body)),
                _ => {}
            }
        }
        out.push((Case { name, files }, logs.into()));
    }
    assert!(out.len() > 30, "only {} stories", out.len());
    let night = tree(&root().join("examples/bad-night"));
    let logs = night.iter().map(|(name, bytes)| file(name, bytes));
    let case = Case {
        name: "examples/bad-night".to_owned(),
        files: tree(&root().join("examples/broken-stack")),
    };
    out.push((case, logs.collect()));
    out
}
