//! The extension for VS Code: its parts fit together, and with the program.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../editors/vscode")
}

#[test]
fn the_manifest_is_whole() {
    let text = std::fs::read_to_string(folder().join("package.json")).expect("it is there");
    let manifest: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["license"], "MIT OR Apache-2.0");
    let main = manifest["main"].as_str().expect("a file");
    let source = std::fs::read_to_string(folder().join(main)).expect("it is there");
    assert!(source.contains("args: [\"lsp\"]"), "{source}");
    assert!(manifest["dependencies"]["vscode-languageclient"].is_string());
}

#[test]
fn its_own_check_is_content() {
    // Where there is no node, the test above has looked at what it can.
    let Ok(done) = Command::new("node").arg(folder().join("check.js")).output() else {
        return;
    };
    assert!(done.status.success(), "{done:?}");
}
