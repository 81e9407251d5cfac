//! The repository's checks on itself: what no compiler and no lint looks at.
//!
//! Each check gives a list of slips; all of them are shown, not only the first. The same checks
//! run as a test, so that a plain `cargo test` finds a slip too.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

mod edges;
mod files;
mod lock;
mod metadata;
mod rules;

pub(crate) use edges::PURE;

/// Runs every check.
///
/// # Errors
/// When there is a slip, or when something could not be looked at.
pub(crate) fn tidy() -> Result<()> {
    eprintln!("tidy");
    let packages = metadata::packages()?;
    let sources = files::sources()?;
    let mut slips = Vec::new();
    slips.extend(edges::slips(&packages));
    slips.extend(lock::slips(&packages)?);
    slips.extend(files::slips(&sources));
    slips.extend(rules::slips()?);
    for long in files::over_aim(&sources) {
        eprintln!("  long: {long}");
    }
    if slips.is_empty() {
        return Ok(());
    }
    let unique: BTreeSet<&String> = slips.iter().collect();
    for slip in &unique {
        eprintln!("  {slip}");
    }
    bail!("tidy found {} slips", unique.len());
}
