//! `cargo xtask docs`: a page for each rule and each cause, and an index that can be searched.
//!
//! The text is what the built program says (`explain`, `explain --report`), so that a page cannot
//! differ from it. The site is files that open from disk; nothing in it asks for anything else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::run::root;

mod check;
mod index;
mod layout;
mod markdown;
mod page;
mod read;

/// Where the site goes unless another place is named; git does not see it.
const SITE: &str = "docs/site";

/// One file of the site: its path below the root of the site, and its text.
#[derive(Clone, Debug)]
pub(crate) struct File {
    path: String,
    text: String,
}

/// Writes the site.
///
/// # Errors
/// When the program cannot be built or run, or when the site has a fault; then nothing is written.
pub(crate) fn docs(args: &[&str]) -> Result<ExitCode> {
    let out = match args {
        [] => root().join(SITE),
        ["--out", folder] => PathBuf::from(folder),
        _ => bail!("usage: cargo xtask docs [--out DIR]"),
    };
    let pages = read::pages()?;
    let files = site(&pages);
    let slips = check::slips(&files, &pages);
    if !slips.is_empty() {
        for slip in &slips {
            eprintln!("  {slip}");
        }
        bail!("the site has {} faults; nothing was written", slips.len());
    }
    write(&out, &files)?;
    eprintln!(
        "docs: {} pages in {}; open {}",
        files.len(),
        out.display(),
        out.join("index.html").display()
    );
    Ok(ExitCode::SUCCESS)
}

fn site(pages: &[read::Page]) -> Vec<File> {
    let index = File {
        path: "index.html".to_owned(),
        text: index::html(pages),
    };
    let files = pages.iter().map(|page| File {
        path: page.path(),
        text: page::html(page, pages),
    });
    std::iter::once(index).chain(files).collect()
}

/// Replaces a site that is there; anything else that is there is somebody's, and stays.
fn write(out: &Path, files: &[File]) -> Result<()> {
    let old = fs::read_to_string(out.join("index.html")).unwrap_or_default();
    let empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !empty && !old.contains(layout::GENERATOR) {
        bail!("{} holds something else than our site", out.display());
    }
    for folder in read::FOLDERS {
        let folder = out.join(folder);
        if folder.is_dir() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    for file in files {
        let path = out.join(&file.path);
        fs::write(&path, &file.text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
