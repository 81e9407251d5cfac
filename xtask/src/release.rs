//! `cargo xtask release`: the program as users get it, with the pages for the browser in it.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{cargo, find_program, must, root};
use crate::wasm;

/// What is built for the browser.
const PAGES: &str = "target/web";
/// A Rust expression: the names of the pages, and their bytes after gzip.
const LIST: &str = "target/web/pages.rs";

/// Builds the pages.
///
/// # Errors
/// When Node is missing, a page does not build, or it is heavier than it may be.
pub(crate) fn pages() -> Result<()> {
    wasm::wasm()?;
    eprintln!("pages: packages of npm");
    let web = root().join("web");
    let modules = web.join("node_modules/.package-lock.json");
    if is_older(&modules, &web.join("package-lock.json")) {
        must(&mut node("npm", &["ci", "--no-audit", "--no-fund"])?, NPM)?;
    }
    eprintln!("pages: types, bundle, policy, sizes");
    must(
        &mut node("npm", &["run", "--silent", "check"])?,
        "TypeScript says why.",
    )?;
    must(
        &mut node("node", &["build.mjs"])?,
        "The page has budgets and forbidden words: web/README.md.",
    )?;
    list()
}

/// Builds the pages, and the program around them in `target/release`.
///
/// # Errors
/// As [`pages`], and when the program does not build.
pub(crate) fn release() -> Result<()> {
    pages()?;
    eprintln!("release: the program");
    must(
        cargo()
            .args(["rustc", "--release", "--locked", "--package", "badgateway"])
            .args(["--bin", "badgateway", "--", "--cfg", "badgateway_pages"])
            .env("BADGATEWAY_PAGES", root().join(LIST)),
        "The program must build with the pages in it.",
    )
}

const NPM: &str = "\
The pages are built with packages of npm; they are fetched once, as web/package-lock.json names them.";

/// A program of Node's, started in the folder of the pages.
fn node(program: &str, args: &[&str]) -> Result<Command> {
    ensure!(
        find_program(program).is_some(),
        "`{program}` is missing. Install it (`cargo xtask setup` does): the page needs it"
    );
    let mut command = Command::new(program);
    command.args(args).current_dir(root().join("web"));
    Ok(command)
}

/// Whether `made` must be made again after `source` has changed.
fn is_older(made: &Path, source: &Path) -> bool {
    let when = |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    match (when(made), when(source)) {
        (Ok(made), Ok(source)) => made < source,
        _ => true,
    }
}

/// Writes the list that the program includes.
fn list() -> Result<()> {
    let folder = root().join(PAGES);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".gz").map(str::to_owned));
    }
    names.sort();
    let mut text = String::from("&[\n");
    for name in &names {
        let packed = folder.join(format!("{name}.gz"));
        writeln!(
            text,
            "    Carried {{ name: {name:?}, packed: include_bytes!({packed:?}) }},"
        )?;
    }
    text.push_str("]\n");
    // The same list keeps its age: cargo would build anew otherwise.
    let path = root().join(LIST);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(&path, text).with_context(|| path.display().to_string())
}
