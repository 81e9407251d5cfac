//! What `check` costs, measured against `nginx -t` in the same run.
//!
//! Both programs read the same tree: 2,000 virtual hosts with PHP locations in 2,000 include
//! files.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, bail, ensure};

use crate::run::find_program;

use super::measure::{self, Cost};
use super::{quiet, tree, word};

/// CPU time of `check` over that of `nginx -t`.
const CPU_GOAL: f64 = 1.0;
/// Peak memory of `check`: at most half of that of `nginx -t`, or this, whichever is larger.
const MEMORY_FLOOR: u64 = 64 << 20;

/// Writes the tree, measures both programs in turn, prints the table.
///
/// # Errors
/// When a program is missing or fails. A missed goal is an exit code, not an error.
pub(super) fn bench(checker: &Path, runs: usize) -> Result<ExitCode> {
    let Some(nginx) = find_program("nginx") else {
        bail!("nginx is not installed; `cargo xtask setup` installs it");
    };
    let tree = tree::Tree::write()?;
    let mut judge = nginx_test(&nginx, &tree);
    let mut ours = check(checker, &tree);

    // One run each to warm the page cache, and to see that both do the job.
    ensure!(
        judge.status()?.success(),
        "`nginx -t` refuses the tree: run it by hand on {}",
        tree.nginx_conf().display()
    );
    let said = ours.stdout(Stdio::piped()).output()?;
    ours.stdout(Stdio::null());
    ensure!(
        said.status.code() == Some(1) && names_planted_fault(&said.stdout),
        "`badgateway check` did not find the fault planted in {} ({})",
        tree::PLANTED,
        said.status
    );

    let (mut theirs, mut own) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        theirs.push(measure::run(&mut judge)?);
        own.push(measure::run(&mut ours)?);
    }
    let (theirs, own) = (Cost::median(&theirs), Cost::median(&own));
    Ok(verdict(runs, &theirs, &own))
}

/// A program that reads less than everything must not win.
fn names_planted_fault(output: &[u8]) -> bool {
    String::from_utf8_lossy(output)
        .lines()
        .any(|line| line.contains(tree::PLANTED))
}

fn nginx_test(nginx: &Path, tree: &tree::Tree) -> Command {
    let mut command = Command::new(nginx);
    command.arg("-t").arg("-q");
    command.arg("-p").arg(tree.root());
    command.arg("-c").arg(tree.nginx_conf());
    command.arg("-e").arg(tree.root().join("error.log"));
    quiet(&mut command);
    command
}

fn check(checker: &Path, tree: &tree::Tree) -> Command {
    let mut command = Command::new(checker);
    command.args(["check", "--format", "concise"]);
    command.arg(tree.nginx_conf()).arg(tree.fpm_conf());
    quiet(&mut command);
    command
}

/// Prints the table; success when both goals are met.
fn verdict(runs: usize, theirs: &Cost, own: &Cost) -> ExitCode {
    let cpu = own.cpu.as_secs_f64() / theirs.cpu.as_secs_f64();
    let memory = ratio(own.peak, theirs.peak);
    let memory_bar = MEMORY_FLOOR.max(theirs.peak / 2);
    println!(
        "\n{} virtual hosts, medians of {runs} runs each, in turn\n",
        tree::HOSTS
    );
    println!("                       CPU time   user       system     peak memory");
    println!("  nginx -t             {theirs}");
    println!("  badgateway check     {own}");
    println!("  ratio                {cpu:<11.2}                      {memory:.2}\n");
    let fast = cpu <= CPU_GOAL;
    let small = own.peak <= memory_bar;
    println!(
        "  CPU time at most {CPU_GOAL:.1} x nginx -t: {}",
        word(fast)
    );
    println!(
        "  peak memory at most {} MB: {}",
        memory_bar >> 20,
        word(small)
    );
    if fast && small {
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

/// Kilobytes are precise enough for two digits, and fit into a float exactly.
fn ratio(a: u64, b: u64) -> f64 {
    let kilobytes = |bytes: u64| f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX));
    kilobytes(a) / kilobytes(b)
}
