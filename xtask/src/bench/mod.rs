//! `cargo xtask bench`: what the program costs, measured against a named tool in the same run. A
//! ratio survives a slow or busy machine, where milliseconds do not.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, ensure};

use crate::run::{cargo, must, root};

mod check;
mod diagnose;
mod measure;
mod tree;

/// Odd, so that the median is one of the runs.
const DEFAULT_RUNS: usize = 7;
/// Megabytes of each log.
const DEFAULT_SIZE: u64 = 1024;

/// Runs the parts that are asked for.
///
/// # Errors
/// When a program is missing or fails. A missed goal is an exit code, not an error.
pub(crate) fn bench(words: &[&str]) -> Result<ExitCode> {
    must(
        cargo().args(["build", "--release", "--locked", "--package", "badgateway"]),
        "The benchmark measures the release build.",
    )?;
    let number = |at: usize| words.get(at).map(|word| word.parse::<u64>()).transpose();
    let both = match words.first().copied() {
        Some("check") => {
            let runs = number(1)?.map_or(DEFAULT_RUNS, |n| usize::try_from(n).unwrap_or(1));
            return check::bench(runs);
        }
        Some("diagnose") => return diagnose::bench(number(1)?.unwrap_or(DEFAULT_SIZE)),
        None => [check::bench(DEFAULT_RUNS)?, diagnose::bench(DEFAULT_SIZE)?],
        Some(other) => anyhow::bail!("`{other}` is no part of the benchmark: check, diagnose"),
    };
    let is_met = both.iter().all(|code| *code == ExitCode::SUCCESS);
    Ok(if is_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn release_binary() -> Result<std::path::PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir));
    let path = target.join("release/badgateway");
    ensure!(path.is_file(), "{} is missing", path.display());
    Ok(path)
}

fn quiet(command: &mut Command) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
}

fn word(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
