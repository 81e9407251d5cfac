//! The module, built from these sources, and Node to run it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the lab has a folder around it")
}

/// Path of the built module with what asks a language model.
pub(crate) fn asking_module() -> PathBuf {
    module().with_file_name("badgateway-refactor.wasm")
}

/// Path of the built module.
pub(crate) fn module() -> &'static PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["run", "--quiet", "--package", "xtask", "--", "wasm"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{said}");
        root().join("target/wasm/badgateway.wasm")
    })
}

/// Runs the module in Node; see `run.mjs`.
pub(crate) fn node(what: &str, requests: &[String]) -> Vec<Vec<u8>> {
    node_with(module(), what, requests)
}

/// Runs one of the modules.
pub(crate) fn node_with(module: &Path, what: &str, requests: &[String]) -> Vec<Vec<u8>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wasm/run.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(module)
        .arg(what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`node` runs; Debian's package `nodejs` brings it");
    let mut stdin = child.stdin.take().expect("it is piped");
    let text = requests.join("\n");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads all");
    assert!(output.status.success(), "node failed");
    answers(&output.stdout)
}

fn answers(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
        let length = std::str::from_utf8(&bytes[..end]).expect("a number");
        let length: usize = length.parse().expect("a number");
        let answer = &bytes[end + 1..];
        out.push(answer[..length].to_vec());
        bytes = &answer[length..];
    }
    out
}
