//! Reads the planted corpus: the tests of several rooms take this file in by its path.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Something planted.
pub(crate) struct Planted {
    /// The folder it is in, which is its class.
    pub(crate) class: String,
    /// The file, from the root of the corpus.
    pub(crate) file: String,
    /// The line.
    pub(crate) line: usize,
    /// What must not stand there; nothing for a harmless line.
    pub(crate) value: Option<Vec<u8>>,
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({})", self.file, self.line, self.class)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(crate::HERE)
}

/// Without the marks that keep tokens from looking like tokens to others.
fn expanded(text: &str) -> Vec<u8> {
    text.replace(['⟦', '⟧', '·'], "").into_bytes()
}

/// All that was planted.
pub(crate) fn truth() -> Vec<Planted> {
    let text = fs::read_to_string(root().join("truth.tsv")).expect("truth.tsv");
    let row = |row: &str| {
        let columns: Vec<&str> = row.split('\t').collect();
        Planted {
            class: columns[1].to_owned(),
            file: columns[2].to_owned(),
            line: columns[3].parse().expect("a line"),
            value: columns.get(4).map(|value| expanded(value)),
        }
    };
    text.lines().map(row).collect()
}

/// The files by their paths from the root of the corpus.
pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![root()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).expect("it is below");
            let name = name.display().to_string();
            // What lies beside the classes is about the corpus.
            if name.contains('/') {
                let text = fs::read_to_string(&path).expect("a text");
                out.insert(name, expanded(&text));
            }
        }
    }
    out
}
