//! Debian's compiler for the browser: five packages, unpacked and not installed, and a standard
//! library built from the sources that one of them brings.
//!
//! `rustc-web` is a newer compiler than Debian's own, kept for building browsers. Its package
//! conflicts with others that people may have; unpacking it conflicts with nothing.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::toolchain::{TARGET, answer, has_target};
use crate::run::{cargo, find_program};

/// Beside these, the library that the second depends on and its LLVM are needed, whose names
/// have versions in them.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];

const ADVICE: &str = "\
The module is built with the target wasm32-unknown-unknown. Where rustup is used, type

  rustup target add wasm32-unknown-unknown

Else Debian's package rustc-web is unpacked into a cache folder; for that `apt-get update` must
have run once.";

/// The program `rustc` of the folder finds its libraries wherever the folder lies.
const RUSTC: &str = "\
#!/bin/sh
here=$(dirname \"$0\")
export LD_LIBRARY_PATH=\"$here/lib\"
exec \"$here/usr/bin/rustc\" \"$@\"
";

/// A panic of the library traps at once: nobody could read its message, and messages with what
/// makes them are a tenth of the module. The switch `-Cpanic=immediate-abort` would say the same,
/// but then our own crates would need it as well, and it is unstable.
const FLAGS: &str = "-Cembed-bitcode=yes\u{1f}-Aexplicit_builtin_cfgs_in_flags\u{1f}\
                     --cfg\u{1f}panic=\"immediate-abort\"";

/// Makes the folder.
///
/// # Errors
/// When a package cannot be had or something does not build.
pub(super) fn make(folder: &Path) -> Result<()> {
    for program in ["apt-get", "apt-cache", "dpkg-deb", "cc"] {
        ensure!(
            find_program(program).is_some(),
            "there is no `{program}` here. {ADVICE}"
        );
    }
    eprintln!("wasm: unpacking Debian's compiler for the browser (140 MB, once)");
    download(folder).context(ADVICE)?;
    unpack(folder)?;
    write_program(&folder.join("rustc"))?;
    eprintln!("wasm: building its standard library (a minute, once)");
    build_library(folder)?;
    ensure!(
        has_target(&folder.join("usr")),
        "the standard library was built, but is not where it belongs"
    );
    tidy_up(folder)
}

fn download(folder: &Path) -> Result<()> {
    let library = depends("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = depends(&library, "libllvm")?;
    let packages = folder.join("packages");
    fs::create_dir_all(&packages)?;
    let mut command = Command::new("apt-get");
    command.current_dir(&packages);
    let mut args = vec!["-qq", "-o", "Acquire::Retries=3", "download"];
    args.extend(PACKAGES);
    args.extend([library.as_str(), llvm.as_str()]);
    answer(command, &args).map(drop)
}

/// The package of this beginning that another one depends on.
fn depends(package: &str, beginning: &str) -> Result<String> {
    let text = answer(Command::new("apt-cache"), &["depends", package])?;
    let names = text.lines().filter_map(|line| {
        let line = line.trim_start_matches([' ', '|']);
        line.strip_prefix("Depends: ")
    });
    let mut names = names.filter(|name| name.starts_with(beginning));
    let found = names.next();
    let found = found.with_context(|| format!("{package} depends on no {beginning}…"))?;
    Ok(found.to_owned())
}

fn unpack(folder: &Path) -> Result<()> {
    let to = folder.to_string_lossy();
    for package in entries(&folder.join("packages"))? {
        let from = package.to_string_lossy();
        answer(Command::new("dpkg-deb"), &["--extract", &from, &to])?;
    }
    // `usr/lib/x86_64-linux-gnu`, on another machine another name.
    let libraries = entries(&folder.join("usr/lib"))?;
    let is_ours = |path: &&PathBuf| path.to_string_lossy().ends_with("-linux-gnu");
    let ours = libraries.iter().find(is_ours);
    let name = ours.and_then(|path| path.file_name());
    let name = name.context("the packages have no libraries")?;
    std::os::unix::fs::symlink(Path::new("usr/lib").join(name), folder.join("lib"))?;
    Ok(())
}

fn write_program(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o755)
        .open(path)?;
    file.write_all(RUSTC.as_bytes())?;
    Ok(())
}

/// Builds the standard library and puts it where the one of an ordinary target would be, so that
/// our own build needs no unstable switch.
fn build_library(folder: &Path) -> Result<()> {
    let package = folder.join("library");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [profile.release]\npanic = \"abort\"\n\n[workspace]\n",
    )?;
    let args = [
        "build",
        "--quiet",
        "--release",
        "--offline",
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort",
        // A tenth of the code that sorts, copies and prints numbers.
        "-Zbuild-std-features=optimize_for_size",
    ];
    // The compiler knows its sources by this path, which leads to `usr/src`.
    let sources = folder.join("usr/lib/rustlib/src/rust");
    let vendored = sources.join("library/vendor");
    let vendored = format!("source.vendored.directory='{}'", vendored.display());
    let remap = format!("--remap-path-prefix={}=/rustc", sources.display());
    let mut command = cargo();
    command
        .current_dir(&package)
        // The sources of the library are written for a compiler of this very version.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", folder.join("rustc"))
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("CARGO_ENCODED_RUSTFLAGS", format!("{FLAGS}\u{1f}{remap}"))
        .args(["--config", "source.crates-io.replace-with='vendored'"])
        .args(["--config", &vendored]);
    answer(command, &args)?;
    put_in_place(folder, &package)
}

fn put_in_place(folder: &Path, package: &Path) -> Result<()> {
    let libraries = folder.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    let built = package.join("target").join(TARGET).join("release/deps");
    for path in entries(&built)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(&path, libraries.join(&*name))?;
        }
    }
    Ok(())
}

/// The packages and sources are two thirds of the whole.
fn tidy_up(folder: &Path) -> Result<()> {
    for name in ["packages", "library", "usr/src", "usr/share"] {
        let path = folder.join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
