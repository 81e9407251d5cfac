//! How much code of others we stand on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};

use super::edges::PURE;
use super::metadata::Package;
use crate::run::root;

/// Direct third-party crates of all pure rooms together. The eleventh is sha2: layers of images are
/// held against their digests, and it was in the lock file before. The twelfth, minijinja, saves a
/// grammar of Jinja's expressions (Ansible).
const PURE_BAR: usize = 12;
/// Packages in the lock file that are reached without dev-dependencies. Drawing on terminals
/// (ratatui-core) brought 30 of them, Jinja's expressions (minijinja) one.
const LOCK_BAR: usize = 171;

/// Too many of either.
pub(crate) fn slips(packages: &[Package]) -> Result<Vec<String>> {
    let mut slips = Vec::new();
    let direct = direct_of_pure(packages);
    if direct.len() > PURE_BAR {
        slips.push(format!(
            "the pure crates use {} third-party crates, the bar is {PURE_BAR}: {direct:?}",
            direct.len()
        ));
    }
    let text = fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock")?;
    let reached = reached(packages, &read_lock(&text));
    if reached.len() > LOCK_BAR {
        slips.push(format!(
            "{} packages in Cargo.lock without dev-dependencies, the bar is {LOCK_BAR}",
            reached.len()
        ));
    }
    eprintln!(
        "  {} third-party crates in the pure rooms (bar {PURE_BAR}), {} packages in all (bar {LOCK_BAR})",
        direct.len(),
        reached.len()
    );
    Ok(slips)
}

fn direct_of_pure(packages: &[Package]) -> BTreeSet<&str> {
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    packages
        .iter()
        .filter(|package| PURE.contains(&package.name.as_str()))
        .flat_map(|package| package.deps.iter().map(String::as_str))
        .filter(|dep| !ours.contains(dep))
        .collect()
}

/// Name and version, as the lock file writes them.
type Id = (String, String);

/// Each locked package with what it needs: `name` or, where two versions are locked,
/// `name version`.
fn read_lock(text: &str) -> BTreeMap<Id, Vec<String>> {
    text.split("[[package]]")
        .skip(1)
        .map(read_package)
        .collect()
}

fn read_package(text: &str) -> (Id, Vec<String>) {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let deps = text
        .lines()
        .filter_map(|line| line.strip_prefix(" \""))
        .map(|line| line.trim_end_matches("\",").to_owned())
        .collect();
    ((value("name = "), value("version = ")), deps)
}

/// Everything outside the workspace that a build without tests needs. The lock file does not say
/// which edge is a dev-dependency, but only packages of the workspace have such edges in it.
fn reached(packages: &[Package], lock: &BTreeMap<Id, Vec<String>>) -> BTreeSet<Id> {
    let ours = |id: &Id| {
        packages
            .iter()
            .any(|p| (&p.name, &p.version) == (&id.0, &id.1))
    };
    let mut seen = BTreeSet::new();
    let mut todo: Vec<Id> = Vec::new();
    for package in packages {
        let id = (package.name.clone(), package.version.clone());
        for dep in lock.get(&id).into_iter().flatten() {
            let name = dep.split(' ').next().unwrap_or(dep);
            if package.deps.iter().any(|wanted| wanted == name) {
                todo.extend(ids(dep, lock));
            }
        }
    }
    while let Some(id) = todo.pop() {
        if ours(&id) || !seen.insert(id.clone()) {
            continue;
        }
        for dep in lock.get(&id).into_iter().flatten() {
            todo.extend(ids(dep, lock));
        }
    }
    seen
}

fn ids(dep: &str, lock: &BTreeMap<Id, Vec<String>>) -> Vec<Id> {
    let mut words = dep.split(' ');
    let (name, version) = (words.next().unwrap_or_default(), words.next());
    lock.keys()
        .filter(|id| id.0 == name && version.is_none_or(|version| id.1 == version))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
version = 4

[[package]]
name = \"ours\"
version = \"0.1.0\"
dependencies = [
 \"used 1.0.0\",
 \"only-tests\",
]

[[package]]
name = \"only-tests\"
version = \"1.0.0\"

[[package]]
name = \"used\"
version = \"1.0.0\"
dependencies = [
 \"deep\",
]

[[package]]
name = \"used\"
version = \"2.0.0\"

[[package]]
name = \"deep\"
version = \"1.0.0\"
";

    #[test]
    fn tests_and_other_versions_do_not_count() {
        let ours = Package {
            name: "ours".to_owned(),
            version: "0.1.0".to_owned(),
            manifest: "Cargo.toml".into(),
            deps: vec!["used".to_owned()],
            dev_deps: vec!["only-tests".to_owned()],
            kinds: vec![],
        };
        let reached = reached(&[ours], &read_lock(LOCK));
        let names: Vec<String> = reached
            .iter()
            .map(|id| format!("{} {}", id.0, id.1))
            .collect();
        assert_eq!(names, ["deep 1.0.0", "used 1.0.0"]);
    }
}
