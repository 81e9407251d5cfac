//! The repository is tidy. Here so that a plain `cargo test` says so too.

use std::process::Command;

#[test]
fn the_repository_is_tidy() {
    let out = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("tidy")
        .output()
        .expect("xtask was built for this test");
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{text}");
}
