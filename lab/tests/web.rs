//! The sandbox page: built from its sources around the WebAssembly core, and tested in a real
//! browser by its own tests (`web/tests/`), which print a line each.

use std::path::{Path, PathBuf};
use std::process::Command;

const CORE: &str = "target/wasm/badgateway.wasm";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a program in `web/` to its end, and gives back what it wrote.
fn run(program: &str, args: &[&str]) -> String {
    let done = Command::new(program)
        .args(args)
        .current_dir(root().join("web"))
        .output();
    let Ok(done) = done else {
        panic!("{program} IS MISSING. Install: apt-get install -y nodejs npm");
    };
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{program} {args:?}\n{said}\n{complained}"
    );
    said
}

#[test]
#[ignore = "needs Node, the packages of npm, and the WebAssembly core in target/wasm"]
fn the_page_keeps_its_promises() {
    assert!(
        root().join(CORE).is_file(),
        "{CORE} is missing: build the core first"
    );
    if !root().join("web/node_modules").is_dir() {
        run("npm", &["ci", "--no-audit", "--no-fund"]);
    }
    run("npm", &["run", "--silent", "check"]);
    let first = run("node", &["build.mjs"]);
    assert_eq!(first, run("node", &["build.mjs"]), "the same bytes twice");
    let said = run("node", &["tests/run.mjs"]);
    println!("{said}");
    assert!(said.contains(" 0 failed"), "{said}");
}
