//! The program itself, built from these sources.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Path of the built `badgateway`.
///
/// # Panics
/// When it does not compile.
pub fn badgateway() -> &'static PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", "badgateway"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status()
            .expect("cargo runs");
        assert!(built.success(), "badgateway does not compile");
        let mut path = std::env::current_exe().expect("a test has a path");
        // target/debug/deps/TEST
        path.pop();
        path.pop();
        path.join("badgateway")
    })
}

/// Path of a `badgateway` that is as fast as the released one.
///
/// # Panics
/// When it does not compile.
pub fn released() -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let path = badgateway()
        .with_file_name("")
        .join("../release/badgateway");
    // `cargo xtask test` has built it, with the pages.
    if !path.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "badgateway"])
            .current_dir(root)
            .status()
            .expect("cargo runs");
        assert!(built.success(), "badgateway does not compile");
    }
    path
}

/// Runs it without a terminal.
///
/// # Panics
/// When it cannot be run.
pub fn run(args: &[&str]) -> Output {
    Command::new(badgateway())
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("badgateway runs")
}
