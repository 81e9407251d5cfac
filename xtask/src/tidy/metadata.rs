//! The workspace's packages as cargo sees them, without touching the network or the lock file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::{cargo, root};

/// One package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The manifest, relative to the root.
    pub(crate) manifest: PathBuf,
    /// Needed by the package itself.
    pub(crate) deps: Vec<String>,
    /// Needed only by its tests.
    pub(crate) dev_deps: Vec<String>,
    /// Target kinds: `lib`, `bin`, `test`, `custom-build`, `proc-macro`, …
    pub(crate) kinds: Vec<String>,
}

/// All packages of the workspace, sorted by name.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let out = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cannot start `cargo metadata`")?;
    let text = String::from_utf8_lossy(&out.stderr);
    anyhow::ensure!(out.status.success(), "`cargo metadata` failed:\n{text}");
    let value: Value = serde_json::from_slice(&out.stdout).context("`cargo metadata`")?;
    let mut packages: Vec<Package> = list(&value["packages"]).iter().map(package).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn package(value: &Value) -> Package {
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for dep in list(&value["dependencies"]) {
        let kind = dep["kind"].as_str().unwrap_or("normal").to_owned();
        by_kind.entry(kind).or_default().push(word(&dep["name"]));
    }
    let dev_deps = by_kind.remove("dev").unwrap_or_default();
    let manifest = PathBuf::from(word(&value["manifest_path"]));
    Package {
        name: word(&value["name"]),
        version: word(&value["version"]),
        manifest: relative(&manifest).to_owned(),
        deps: by_kind.into_values().flatten().collect(),
        dev_deps,
        kinds: list(&value["targets"])
            .iter()
            .flat_map(|target| list(&target["kind"]).iter().map(word))
            .collect(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The path without the root in front.
pub(crate) fn relative(path: &Path) -> &Path {
    path.strip_prefix(root()).unwrap_or(path)
}
