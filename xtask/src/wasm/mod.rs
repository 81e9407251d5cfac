//! `cargo xtask wasm`: the core as a WebAssembly module, for the page in the browser, and once more
//! with what a page needs that asks a language model.
//!
//! Where the toolchain has the target, it is used. Else a compiler is put together from Debian's
//! packages ([`toolchain`]); rustup is never asked for anything.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, must, root};
use crate::tidy::PURE;

mod debian;
mod toolchain;

use toolchain::{Compiler, TARGET};

/// One of the modules.
struct Module {
    /// Where it is put.
    path: &'static str,
    /// What is in it besides.
    features: &'static [&'static str],
    /// A target folder of its own: with another compiler in the ordinary one, cargo would build
    /// everything anew each time; and of one folder, each module would take the other's place.
    folder: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        path: "target/wasm/badgateway.wasm",
        features: &[],
        folder: "target/wasm",
    },
    Module {
        path: "target/wasm/badgateway-refactor.wasm",
        features: &["--features", "wasm/refactor"],
        folder: "target/wasm/refactor",
    },
];

/// Builds the modules, and with them every pure room: each must be fit for a browser.
///
/// # Errors
/// When there is no compiler for the target and none can be made, or when a module does not
/// build.
pub(crate) fn wasm() -> Result<()> {
    let compiler = toolchain::find()?;
    MODULES
        .iter()
        .try_for_each(|module| build(&compiler, module))
}

fn build(compiler: &Compiler, module: &Module) -> Result<()> {
    let mut command = cargo();
    command
        .args(["build", "--quiet", "--locked"])
        .args(PURE.iter().flat_map(|room| ["--package", room]))
        .args(["--profile", "wasm", "--target", TARGET])
        .args(["--target-dir", module.folder])
        .args(module.features)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(compiler)?);
    if let Some(rustc) = &compiler.rustc {
        command.env("RUSTC", rustc);
    }
    if let Some(linker) = &compiler.linker {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    must(
        &mut command,
        "Every pure room must build for the browser: no clock, no thread, no file.",
    )?;
    let folder = root().join(module.folder).join(TARGET);
    let built = folder.join("wasm/wasm.wasm");
    let bytes = fs::read(&built).with_context(|| built.display().to_string())?;
    if let Some(path) = local_path(&bytes)? {
        bail!(
            "the module names a path of this machine: {}",
            path.display()
        );
    }
    replace(&root().join(module.path), &bytes)?;
    eprintln!("wasm: {} bytes in {}", bytes.len(), module.path);
    Ok(())
}

/// Paths of this machine are replaced, so that the same sources give the same module everywhere
/// and the module tells nothing of who built it.
fn flags(compiler: &Compiler) -> Result<OsString> {
    let mut map = vec![(root().to_owned(), ".".to_owned())];
    map.extend(
        registries()?
            .into_iter()
            .map(|path| (path, "crates".to_owned())),
    );
    map.push((compiler.sysroot.clone(), "sysroot".to_owned()));
    let mut flags = OsString::new();
    for (from, to) in map {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    Ok(flags)
}

/// Where cargo unpacks crates: a folder for each registry, or for each mirror of one.
fn registries() -> Result<Vec<PathBuf>> {
    let sources = toolchain::cargo_home()?.join("registry/src");
    let Ok(entries) = fs::read_dir(&sources) else {
        return Ok(Vec::new());
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    Ok(folders)
}

/// A path of this machine that is left in the module.
fn local_path(module: &[u8]) -> Result<Option<PathBuf>> {
    let places = [
        root().to_owned(),
        toolchain::cargo_home()?,
        toolchain::cache()?,
    ];
    let mut found = places.into_iter().filter(|place| {
        let place = place.as_os_str().as_encoded_bytes();
        module.windows(place.len()).any(|window| window == place)
    });
    Ok(found.next())
}

/// Puts the file in place at once: who reads it at the same time reads the old one or the new.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_extension(format!("part-{}", std::process::id()));
    fs::write(&new, bytes).with_context(|| new.display().to_string())?;
    fs::rename(&new, path).with_context(|| path.display().to_string())
}
