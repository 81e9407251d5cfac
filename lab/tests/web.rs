//! The page for the browser, as the program carries it, in a real browser: its own tests
//! (`web/tests/`) print a line each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lab::scratch::Scratch;

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

#[test]
fn a_page_takes_the_place_of_a_page_only() {
    let scratch = Scratch::new("sandbox");
    let sandbox = |args: &[&str]| {
        let done = Command::new(program()).arg("sandbox").args(args).output();
        let done = done.expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        (done.status.code(), said)
    };
    let page = scratch.path().join("page.html");
    let path = page.to_str().unwrap();
    for _ in 0..2 {
        assert_eq!(sandbox(&["--out", path]).0, Some(0));
        let written = std::fs::read(&page).unwrap();
        assert!(written.starts_with(b"<!doctype html>"));
        std::fs::write(&page, &written[..written.len() / 2]).unwrap();
    }
    let site = scratch.path().join("site.conf");
    std::fs::write(&site, "server {}\n").unwrap();
    let (code, said) = sandbox(&["--out", site.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no page of badgateway"), "{said}");
    assert_eq!(std::fs::read(&site).unwrap(), b"server {}\n");
    let (code, said) = sandbox(&["--serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("from elsewhere"), "{said}");
}
