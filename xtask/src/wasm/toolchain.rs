//! A compiler for the browser: the one that is in use where it has the target, else one from
//! Debian's packages, put together once in a cache folder.
//!
//! The folder is made under another name and renamed when it is whole, so one that was
//! interrupted is never taken for a compiler, and of two runs at once both find a whole one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::debian;
use crate::run::line;

/// What is built for.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// The name of the made folder; counted up when the way it is made changes.
const FOLDER: &str = "toolchain-2";

/// A compiler that knows the target.
pub(super) struct Compiler {
    /// Its program, unless it is the one that is in use.
    pub(super) rustc: Option<PathBuf>,
    /// What links, unless the compiler has its own.
    pub(super) linker: Option<PathBuf>,
    /// Where its libraries are.
    pub(super) sysroot: PathBuf,
}

/// Finds a compiler, or makes one.
///
/// # Errors
/// When the target is missing and Debian's packages cannot be had; the text says what helps.
pub(super) fn find() -> Result<Compiler> {
    let ours = Command::new("rustc");
    let sysroot = PathBuf::from(answer(ours, &["--print", "sysroot"])?);
    if has_target(&sysroot) {
        return Ok(Compiler {
            rustc: None,
            linker: None,
            sysroot,
        });
    }
    let made = made()?;
    Ok(Compiler {
        rustc: Some(made.join("rustc")),
        linker: Some(linker(&sysroot)?),
        sysroot: made.join("usr"),
    })
}

/// Where cargo keeps what it downloads.
pub(super) fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::home_dir().context("no home folder: set CARGO_HOME")?;
    Ok(home.join(".cargo"))
}

/// Whether a compiler's folder has the standard library of the target.
pub(super) fn has_target(sysroot: &Path) -> bool {
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let entries = fs::read_dir(libraries).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().starts_with("libstd-"))
}

/// The linker that comes with the compiler in use; Debian's packages have none.
fn linker(sysroot: &Path) -> Result<PathBuf> {
    let about = answer(Command::new("rustc"), &["-vV"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("`rustc -vV` names no host")?;
    let linker = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    ensure!(
        linker.is_file(),
        "there is no {}: install Rust with rustup, or a Rust that has the target {TARGET}",
        linker.display()
    );
    Ok(linker)
}

/// The folder with Debian's compiler, made if it is not there.
fn made() -> Result<PathBuf> {
    let folder = cache()?;
    let whole = folder.join(FOLDER);
    if whole.is_dir() {
        return Ok(whole);
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    remove_left(&folder);
    let part = folder.join(format!("{FOLDER}.part-{}", std::process::id()));
    let made = debian::make(&part);
    if made.is_ok() && !whole.is_dir() {
        // Another run may be first in this very moment; then its folder is as good as ours.
        let renamed = fs::rename(&part, &whole);
        ensure!(
            renamed.is_ok() || whole.is_dir(),
            "cannot rename {} to {FOLDER}",
            part.display()
        );
    }
    if part.is_dir() {
        fs::remove_dir_all(&part).with_context(|| part.display().to_string())?;
    }
    made.map(|()| whole)
}

/// Removes what interrupted runs have left: their processes are gone.
fn remove_left(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((_, process)) = name.split_once(".part-") else {
            continue;
        };
        if !Path::new("/proc").join(process).exists() {
            let _not_ours = fs::remove_dir_all(entry.path());
        }
    }
}

/// Where made compilers are.
pub(super) fn cache() -> Result<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = match named.filter(|cache| cache.is_absolute()) {
        Some(cache) => cache,
        None => {
            let home = std::env::home_dir().context("no home folder: set XDG_CACHE_HOME")?;
            home.join(".cache")
        }
    };
    Ok(cache.join("badgateway-wasm"))
}

/// What a program writes, without the line end.
pub(super) fn answer(mut command: Command, args: &[&str]) -> Result<String> {
    command.args(args);
    let out = command
        .output()
        .with_context(|| format!("cannot start {}", line(&command)))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        bail!("{} failed ({})\n{said}", line(&command), out.status);
    }
    let text = String::from_utf8_lossy(&out.stdout);
    Ok(text.trim_end().to_owned())
}
