//! Each fixture with its tree. `cargo xtask bless` accepts a new tree.

#![expect(
    clippy::disallowed_methods,
    reason = "the room reads no files, its fixtures are files"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use syntax::ini::{self, Dialect};
use syntax::nginx::{self, NodeId, Tree};

fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder);
    let entries = fs::read_dir(folder)
        .expect("the fixtures are there")
        .flatten();
    let mut out: Vec<(String, PathBuf)> = entries
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| !name.ends_with(".snap") && !name.ends_with(".new"))
        .collect();
    out.sort();
    assert!(out.len() > 2, "fixtures are missing");
    out
}

fn nginx_outline(bytes: &[u8], tree: &Tree) -> String {
    let mut out = String::new();
    let mut open: Vec<(NodeId, usize)> = tree.roots().map(|id| (id, 0)).collect();
    open.reverse();
    while let Some((id, depth)) = open.pop() {
        let words = tree.words(id).iter();
        let words: Vec<_> = words
            .map(|word| base::source::printable(&Tree::value(bytes, *word)))
            .collect();
        let (start, end) = tree.span(id);
        let line = bytes[..start as usize]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        let kind = tree.kind(id);
        let indent = "  ".repeat(depth);
        let _written = writeln!(out, "{line:>3} {indent}{kind:?} {words:?} {start}..{end}");
        let mut children: Vec<_> = tree.children(id).map(|child| (child, depth + 1)).collect();
        children.reverse();
        open.append(&mut children);
    }
    for error in tree.errors() {
        let _written = writeln!(out, "error on line {}: {}", error.line, error.message);
    }
    out
}

fn ini_outline(bytes: &[u8], tree: &ini::Tree) -> String {
    let mut out = String::new();
    for entry in tree.entries() {
        let key = &bytes[entry.key.0 as usize..entry.key.1 as usize];
        let offset = entry
            .offset
            .as_ref()
            .map(|offset| base::source::printable(&offset.text));
        let (kind, key) = (entry.kind, base::source::printable(key));
        let value = base::source::printable(&entry.value.text);
        let _written = writeln!(
            out,
            "{kind:?} {key} {offset:?} = {value:?} {:?}",
            entry.value.holes
        );
    }
    for error in tree.errors() {
        let _written = writeln!(out, "error on line {}: {}", error.line, error.message);
    }
    out
}

fn check(folder: &str, name: &str, outline: &str) {
    insta::with_settings!({
        snapshot_path => format!("../../fixtures/{folder}"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, outline);
    });
}

#[test]
fn nginx_files() {
    for (name, path) in files("nginx") {
        let bytes = fs::read(path).expect("a fixture can be read");
        let tree = nginx::parse(&bytes);
        assert_eq!(tree.print(&bytes), bytes, "{name}");
        check("nginx", &name, &nginx_outline(&bytes, &tree));
    }
}

#[test]
fn ini_files() {
    for (name, path) in files("ini") {
        let bytes = fs::read(path).expect("a fixture can be read");
        let dialect = match name.ends_with(".ini") {
            true => Dialect::PhpIni,
            false => Dialect::Fpm,
        };
        let tree = ini::parse(&bytes, dialect);
        assert_eq!(tree.print(&bytes), bytes, "{name}");
        check("ini", &name, &ini_outline(&bytes, &tree));
    }
}
