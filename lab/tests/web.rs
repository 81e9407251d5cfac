//! The page for the browser, as the program carries it, in a real browser: its own tests
//! (`web/tests/`) print a line each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The program with the page in it, which `cargo xtask release` builds.
fn program() -> PathBuf {
    let program = root().join("target/release/badgateway");
    let carries = Command::new(&program)
        .args(["sandbox", "--out", "-"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        carries.is_ok_and(|status| status.success()),
        "{} CARRIES NO PAGE. Build it: cargo xtask release",
        program.display()
    );
    program
}

/// Runs a program in `web/` to its end, and gives back what it wrote.
fn run(program: &Path, args: &[&str]) -> Vec<u8> {
    let done = Command::new(program)
        .args(args)
        .current_dir(root().join("web"))
        .output();
    let Ok(done) = done else {
        panic!(
            "{} IS MISSING. Install: cargo xtask setup",
            program.display()
        );
    };
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{} {args:?}\n{said}\n{complained}",
        program.display()
    );
    done.stdout
}

#[test]
fn the_page_that_the_program_carries_keeps_its_promises() {
    let program = program();
    let page = || std::fs::read(root().join("target/web/badgateway.html")).unwrap();
    let built = page();
    assert!(built == run(&program, &["sandbox", "--out", "-"]));
    run(Path::new("node"), &["build.mjs"]);
    assert!(built == page(), "the same sources give the same bytes");
    let args = ["tests/run.mjs", "--program", program.to_str().unwrap()];
    let said = run(Path::new("node"), &args);
    let said = String::from_utf8_lossy(&said);
    println!("{said}");
    assert!(said.contains(" 0 failed"), "{said}");
}
