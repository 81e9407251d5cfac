//! Packages of Node that tests compare with, in a cache folder of the user's.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A package in a folder of its own; installed where it is missing.
///
/// # Panics
/// When it cannot be installed, with what to do about it.
pub fn package(folder: &str, name: &str) -> PathBuf {
    let at = crate::pip::cache().join(folder);
    let plain = name.rsplit_once('@').map_or(name, |(plain, _)| plain);
    let package = at.join("node_modules").join(plain);
    if !package.join("package.json").is_file() {
        let installed = std::fs::create_dir_all(&at).and_then(|()| {
            Command::new("npm")
                .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
                .arg(&at)
                .arg(name)
                .stdout(Stdio::null())
                .status()
        });
        let is_fine = installed.is_ok_and(|status| status.success());
        assert!(
            is_fine && package.join("package.json").is_file(),
            "{} IS MISSING. Install it: apt-get install -y npm; npm install --prefix {} {name}",
            name.to_uppercase(),
            at.display()
        );
    }
    package
}
