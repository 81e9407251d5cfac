//! Every rule has its fixtures, and every fixture folder has its rule.
//!
//! That a rule is registered is tested in the `rules` crate, which can see the list itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::run::root;

/// Folder of rule files: `<group>/<id_with_underscores>.rs`.
const RULES: &str = "crates/rules/src/rules";
/// Folder of rule fixtures: `<group>/<id-with-hyphens>/`.
const FIXTURES: &str = "crates/rules/fixtures";
/// What all fixtures are completed with.
const SOUND: &str = "sound/";

/// A rule without fixtures, or fixtures without a rule. Both folders may be missing.
pub(crate) fn slips() -> Result<Vec<String>> {
    let rules: BTreeSet<String> = children(&root().join(RULES))?
        .iter()
        .filter_map(|path| path.strip_suffix(".rs"))
        .map(|path| path.replace('_', "-"))
        .collect();
    let fixtures = children(&root().join(FIXTURES))?;
    let mut slips = Vec::new();
    for rule in rules.difference(&fixtures) {
        slips.push(format!("rule {rule} has no fixtures in {FIXTURES}/{rule}/"));
    }
    let others = fixtures.difference(&rules);
    for fixture in others.filter(|name| !name.starts_with(SOUND)) {
        slips.push(format!("{FIXTURES}/{fixture} belongs to no rule"));
    }
    Ok(slips)
}

/// `group/name` of everything two levels below a folder.
fn children(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for group in names(folder)? {
        for name in names(&folder.join(&group))? {
            found.insert(format!("{group}/{name}"));
        }
    }
    Ok(found)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(vec![]);
    }
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    Ok(entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect())
}
