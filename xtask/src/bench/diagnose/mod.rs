//! What `diagnose` costs, against the tools that people use on the same logs: `wc` as the speed
//! of reading, `gzip` as that of unpacking, DuckDB and GoAccess as those of answering.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::bench::measure;
use crate::bench::quiet;
use crate::run::line;

mod files;
mod guard;
mod rivals;
mod table;

use files::Files;
use table::Contestant;

/// What to measure.
pub(super) struct Plan {
    pub(super) program: PathBuf,
    pub(super) runs: usize,
    /// Of each log; the combined one has a quarter of it.
    pub(super) size: u64,
    pub(super) seed: u64,
    /// Whether the goals count.
    pub(super) judged: bool,
}

/// Writes the logs, checks that `diagnose` reads all of them, measures everybody in turn.
///
/// # Errors
/// When a program fails, or when `diagnose` did not read everything.
pub(super) fn bench(plan: &Plan) -> Result<ExitCode> {
    let files = Files::prepare(plan.seed, plan.size)?;
    guard::reads_everything(&plan.program, &files)?;
    let mut contestants = contestants(plan, &files);
    // A round that does not count: it warms the page cache and shows who fails.
    for contestant in &mut contestants {
        warm(contestant)?;
    }
    let (begin, used) = (Instant::now(), measure::used_by_all());
    for round in 1..=plan.runs {
        eprintln!("bench: round {round} of {}", plan.runs);
        for contestant in &mut contestants {
            if let Ok(command) = &mut contestant.command {
                contestant.costs.push(measure::run(command)?);
            }
        }
    }
    let own: Duration = contestants
        .iter()
        .flat_map(|contestant| &contestant.costs)
        .map(|cost| cost.cpu)
        .sum();
    let others = measure::used_by_all()
        .zip(used)
        .map(|(after, before)| after.saturating_sub(before).saturating_sub(own))
        .map(|others| others.as_secs_f64() / begin.elapsed().as_secs_f64());
    Ok(table::verdict(plan, &contestants, others))
}

fn warm(contestant: &mut Contestant) -> Result<()> {
    let Ok(command) = &mut contestant.command else {
        return Ok(());
    };
    quiet(command);
    let status = command.status()?;
    // Ours says with 1 and 2 what it found in the logs.
    let fine = match status.code() {
        Some(0) => true,
        Some(1 | 2) => contestant.is_ours,
        _ => false,
    };
    ensure!(fine, "{} failed ({status}): run it by hand", line(command));
    Ok(())
}

/// Everybody, in the order of the table: neighbours read the same file.
fn contestants(plan: &Plan, files: &Files) -> Vec<Contestant> {
    let ours = |name, log: &files::Log| {
        let mut command = Command::new(&plan.program);
        command
            .args(["diagnose", "--timezone", "UTC"])
            .arg(&log.path);
        Contestant::ours(name, log.bytes, command)
    };
    let (error, json) = (&files.error, &files.json);
    let (packed, combined) = (&files.packed, &files.combined);
    vec![
        Contestant::rival(table::WC_ERROR, error.bytes, rivals::wc(error)),
        ours(table::OURS_ERROR, error),
        Contestant::rival(
            table::DUCKDB_ERROR,
            error.bytes,
            rivals::duckdb_causes(error),
        ),
        Contestant::rival(table::WC_JSON, json.bytes, rivals::wc(json)),
        ours(table::OURS_JSON, json),
        Contestant::rival(
            table::DUCKDB_JSON,
            json.bytes,
            rivals::duckdb_statuses(json),
        ),
        Contestant::rival(table::GZIP_COUNT, packed.bytes, rivals::gzip_count(packed)),
        Contestant::rival(table::GZIP, packed.bytes, rivals::gzip(packed)),
        ours(table::OURS_PACKED, packed),
        Contestant::rival(table::GOACCESS, combined.bytes, rivals::goaccess(combined)),
        ours(table::OURS_COMBINED, combined),
    ]
}
