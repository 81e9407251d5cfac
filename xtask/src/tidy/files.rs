//! Checks on the text of source files: length, module doc, white space, silent exceptions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::metadata::relative;
use crate::run::root;

/// Lines we aim for, and lines no file may exceed.
const BAR: Bar = Bar {
    aim: 300,
    stop: 800,
};
/// The same for one rule, which should fit on a few screens with its documentation.
const RULE_BAR: Bar = Bar {
    aim: 150,
    stop: 300,
};
/// The browser's skin is one file, and holds no logic.
const SKIN_BAR: Bar = Bar {
    aim: 600,
    stop: 600,
};
/// First line of a file that no one writes by hand; such a file may be long.
const GENERATED: &str = "// @generated";
/// Where sources are. Fixtures below them are data, looked at by their own harness.
const FOLDERS: &[&str] = &["crates", "lab", "xtask", "docs"];
const SKIPPED: &[&str] = &["target", "fixtures", "examples", "snapshots", "stories"];

struct Bar {
    aim: usize,
    stop: usize,
}

/// One file that people read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the root.
    path: PathBuf,
    text: String,
}

/// All Rust and Markdown files of ours, sorted by path.
pub(crate) fn sources() -> Result<Vec<Source>> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        walk(&root().join(folder), &mut paths)?;
    }
    for entry in fs::read_dir(root())?.flatten() {
        if entry.path().is_file() {
            paths.push(entry.path());
        }
    }
    paths.retain(|path| has_extension(path, "rs") || has_extension(path, "md"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) -> Result<()> {
    // A folder that is not there yet has no slips.
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let skip = SKIPPED.iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skip {
            walk(&path, out)?;
        } else if path.is_file() {
            out.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Source> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let path = relative(path).to_owned();
    Ok(Source { path, text })
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e == extension)
}

impl Source {
    fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    /// Lines that count for the bars: none for tests, tables and generated files, and none from
    /// the unit tests at the foot of a file on.
    fn counted_lines(&self) -> usize {
        let exempt = ["tests", "tables"]
            .iter()
            .any(|name| self.path.iter().any(|part| part == *name));
        if !self.is_rust() || exempt || self.text.starts_with(GENERATED) {
            return 0;
        }
        let unit_tests = |line: &&str| line.trim_start().starts_with("#[cfg(test)]");
        self.text
            .lines()
            .take_while(|line| !unit_tests(line))
            .count()
    }

    fn bar(&self) -> Bar {
        if self.path.starts_with("crates/rules/src/rules") && !self.path.ends_with("mod.rs") {
            return RULE_BAR;
        }
        if self.path.starts_with("crates/wasm/src") {
            return SKIN_BAR;
        }
        BAR
    }
}

/// What to say of files that are legal but longer than they should be.
pub(crate) fn over_aim(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .map(|source| (source, source.counted_lines(), source.bar().aim))
        .filter(|(_, lines, aim)| lines > aim)
        .map(|(source, lines, aim)| {
            format!("{} has {lines} lines (aim {aim})", source.path.display())
        })
        .collect()
}

/// Every slip in every file.
pub(crate) fn slips(sources: &[Source]) -> Vec<String> {
    let mut slips = Vec::new();
    for source in sources {
        let path = source.path.display();
        let (lines, stop) = (source.counted_lines(), source.bar().stop);
        if lines > stop {
            slips.push(format!(
                "{path}: {lines} lines, the stop is {stop}: split it"
            ));
        }
        if source.is_rust() && !has_module_doc(&source.text) {
            slips.push(format!("{path}: no module doc (`//!`) at the top"));
        }
        for (number, line) in source.text.lines().enumerate() {
            for slip in line_slips(line, source.is_rust()) {
                slips.push(format!("{path}:{}: {slip}", number + 1));
            }
        }
        if source.text.contains('\r') {
            slips.push(format!("{path}: carriage returns"));
        }
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            slips.push(format!("{path}: no line feed at the end"));
        }
    }
    slips
}

/// The first thing that is neither blank nor a plain comment is a `//!` line.
fn has_module_doc(text: &str) -> bool {
    let plain = |line: &str| line.is_empty() || (line.starts_with("//") && !is_doc(line));
    let first = text.lines().map(str::trim).find(|line| !plain(line));
    first.is_some_and(|line| line.starts_with("//!"))
}

fn is_doc(line: &str) -> bool {
    line.starts_with("//!") || line.starts_with("///")
}

fn line_slips(line: &str, rust: bool) -> Vec<&'static str> {
    let mut slips = Vec::new();
    if line.ends_with([' ', '\t']) {
        slips.push("white space at the end of the line");
    }
    if line.contains('\t') {
        slips.push("a tab");
    }
    let code = line.trim_start();
    if rust && (code.starts_with("#[allow(") || code.starts_with("#![allow(")) {
        slips.push("an exception is `expect` with a reason, so that it dies with its cause");
    }
    slips
}
