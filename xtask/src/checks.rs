//! The one list of checks, in the order in which they fail fastest.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::run::{cargo, must};
use crate::{release, setup, tidy};

/// Formatting, lints, tidy, fuzz targets, the pages for the browser, tests. Nothing is printed behind the tests' own summary.
///
/// # Errors
/// At the first check that fails, with what to do about it. Failing tests speak for themselves:
/// they give the exit code and no error.
pub(crate) fn ready() -> Result<ExitCode> {
    eprintln!("ready: formatting");
    must(
        cargo().args(["fmt", "--all", "--", "--check"]),
        "Run `cargo fmt --all` and look at the result.",
    )?;
    eprintln!("ready: lints");
    must(
        cargo()
            .args(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--", "-D", "warnings"]),
        "Lints are errors here. An exception is `#[expect(lint, reason = \"…\")]`.",
    )?;
    tidy::tidy()?;
    licences()?;
    eprintln!("ready: fuzz targets");
    must(
        cargo().args([
            "build",
            "--quiet",
            "--locked",
            "--manifest-path",
            "fuzz/Cargo.toml",
        ]),
        "The fuzz targets must build; `cargo fuzz run NAME` runs one where cargo-fuzz is installed.",
    )?;
    eprintln!("ready: release, with the pages for the browser");
    release::release()?;
    eprintln!("ready: tests");
    setup::not_compared();
    run_to_end(&mut all_tests())
}

/// Licences and sources of what we stand on, by `deny.toml`. cargo-deny is a program of its own
/// that few people have; without it this check is left out, and says so.
fn licences() -> Result<()> {
    if !has_subcommand("deny") {
        eprintln!("ready: licences: left out, cargo-deny is not installed");
        return Ok(());
    }
    must(
        cargo().args(["deny", "check", "bans", "licenses", "sources"]),
        "A new licence or source is a decision: see deny.toml.",
    )
}

/// Accepts new snapshots and fixed files by running the tests of the default members.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn bless(filter: &[&str]) -> Result<ExitCode> {
    run_to_end(
        cargo()
            .args(["test", "--no-fail-fast"])
            .args(filter)
            .env("INSTA_UPDATE", "always")
            .env("BLESS", "1"),
    )
}

/// All tests of the workspace, the lab included, to the end even when some fail: on a machine
/// far away the whole list is worth more than an early stop.
fn all_tests() -> Command {
    let mut command = cargo();
    if has_subcommand("nextest") {
        command.args([
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]);
    } else {
        command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    }
    // A test run must never rewrite what it is to be compared with.
    command.env("INSTA_UPDATE", "no").env_remove("BLESS");
    command
}

fn has_subcommand(name: &str) -> bool {
    cargo()
        .args([name, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn run_to_end(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().context("cannot start cargo")?;
    if status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
