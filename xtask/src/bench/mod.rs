//! `cargo xtask bench`: what the program costs, measured against a named tool in the same run. A
//! ratio survives a slow or busy machine, where milliseconds do not.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::logs::read_size;
use crate::run::{cargo, must, root};

mod agent;
mod check;
mod diagnose;
mod image;
mod measure;
mod repository;
mod tree;

/// Odd, so that the median is one of the runs.
const DEFAULT_RUNS: usize = 7;
/// The same for `diagnose`, where a round takes half a minute.
const DIAGNOSE_RUNS: usize = 5;
const AGENT_RUNS: usize = 3;
const IMAGE_RUNS: usize = 3;
const PARTS: [&str; 5] = ["check", "repository", "diagnose", "agent", "image"];
const DEFAULT_SIZE: u64 = 1 << 30;
/// Enough to see that everything works; too little to judge by.
const QUICK_SIZE: u64 = 64 << 20;

/// What was asked for.
#[derive(Debug, Default)]
struct Options {
    part: Option<String>,
    runs: Option<usize>,
    size: Option<u64>,
    seed: Option<u64>,
    quick: bool,
    /// Measured in place of our release build: an older build, or a stand-in.
    program: Option<PathBuf>,
}

/// Runs the parts that are asked for.
///
/// # Errors
/// When a program is missing or fails. A missed goal is an exit code, not an error.
pub(crate) fn bench(words: &[&str]) -> Result<ExitCode> {
    let options = read(words)?;
    let part = options.part.as_deref();
    if let Some(other) = part.filter(|part| !PARTS.contains(part)) {
        bail!(
            "`{other}` is no part of the benchmark: {}",
            PARTS.join(", ")
        );
    }
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let program = match &options.program {
        Some(path) => path.clone(),
        None => build()?,
    };
    let mut codes = Vec::new();
    if wanted("check") {
        codes.push(check::bench(
            &program,
            options.runs.unwrap_or(DEFAULT_RUNS),
        )?);
    }
    if wanted("repository") {
        let runs = options.runs.unwrap_or(DEFAULT_RUNS);
        codes.push(repository::bench(&program, runs)?);
    }
    if wanted("agent") {
        let runs = options.runs.unwrap_or(AGENT_RUNS);
        codes.push(agent::bench(&program, runs)?);
    }
    if wanted("image") {
        let size = if options.quick {
            QUICK_SIZE
        } else {
            DEFAULT_SIZE
        };
        let size = options.size.unwrap_or(size);
        let runs = options.runs.unwrap_or(IMAGE_RUNS);
        codes.push(image::bench(&program, runs, size)?);
    }
    if wanted("diagnose") {
        let size = if options.quick {
            QUICK_SIZE
        } else {
            DEFAULT_SIZE
        };
        codes.push(diagnose::bench(&diagnose::Plan {
            program,
            runs: options.runs.unwrap_or(DIAGNOSE_RUNS),
            size: options.size.unwrap_or(size),
            seed: options.seed.unwrap_or(1),
            judged: !options.quick,
        })?);
    }
    if codes.iter().all(|code| *code == ExitCode::SUCCESS) {
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn read(words: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == "--quick" {
            options.quick = true;
            continue;
        }
        if !word.starts_with("--") {
            ensure!(options.part.is_none(), "`{word}` is one part too many");
            options.part = Some((*word).to_owned());
            continue;
        }
        let value = words
            .next()
            .with_context(|| format!("`{word}` without a value"))?;
        let wrong = || format!("`{word} {value}` is no number");
        match *word {
            "--runs" => options.runs = Some(value.parse().with_context(wrong)?),
            "--size" => options.size = Some(read_size(value)?),
            "--seed" => options.seed = Some(value.parse().with_context(wrong)?),
            "--program" => options.program = Some(PathBuf::from(value)),
            _ => bail!("`{word}` is no option of the benchmark"),
        }
    }
    ensure!(options.runs != Some(0), "no runs, no medians");
    Ok(options)
}

/// The release build of ours.
fn build() -> Result<PathBuf> {
    must(
        cargo().args(["build", "--release", "--locked", "--package", "badgateway"]),
        "The benchmark measures the release build.",
    )?;
    let path = target().join("release/badgateway");
    ensure!(path.is_file(), "{} is missing", path.display());
    Ok(path)
}

/// Where cargo builds, and where what the benchmark needs is kept between runs.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
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
