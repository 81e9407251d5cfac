//! `diagnose` against `wc -l`, `gzip -dc`, DuckDB and GoAccess on the same logs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::logs::{self, Kind, Written};
use crate::run::{find_program, must, root};

use super::measure::{self, Cost};
use super::{quiet, release_binary, word};

/// Wall time of `diagnose` over that of `wc -l`.
const ERROR_GOAL: f64 = 6.0;
const JSON_GOAL: f64 = 5.0;
/// And over that of `gzip -dc`.
const GZIP_GOAL: f64 = 1.3;
/// Throughput of `diagnose` over that of GoAccess.
const GOACCESS_GOAL: f64 = 50.0;
const MEMORY_GOAL: u64 = 96 << 20;
const RUNS: usize = 5;
const SEED: u64 = 20_261_123;

/// Writes the logs, measures, prints the table.
///
/// # Errors
/// When a program cannot be started or `diagnose` does not read everything.
pub(crate) fn bench(megabytes: u64) -> Result<ExitCode> {
    let dir = root().join("target/bench-logs");
    let size = megabytes << 20;
    eprintln!(
        "bench: writing logs of {megabytes} MB into {}",
        dir.display()
    );
    let error = logs::write(&dir, Kind::Error, size, SEED)?;
    let json = logs::write(&dir, Kind::AccessJson, size, SEED)?;
    let access = logs::write(&dir, Kind::Access, size / 4, SEED)?;
    let packed = pack(&error.path)?;
    let binary = release_binary()?;
    for written in [&error, &json, &access] {
        reads_everything(&binary, written)?;
    }
    let mut table = Table::default();
    let ours = |path: &Path| {
        let mut command = Command::new(&binary);
        command
            .args(["diagnose", "--format", "json", "--timezone", "UTC"])
            .arg(path);
        command
    };
    table.against(
        "error log",
        ("wc -l", tool("wc", &["-l"], &error.path)),
        ours(&error.path),
        ERROR_GOAL,
    )?;
    table.against(
        "JSON access log",
        ("wc -l", tool("wc", &["-l"], &json.path)),
        ours(&json.path),
        JSON_GOAL,
    )?;
    table.against(
        "error log, gzip",
        ("gzip -dc", tool("gzip", &["-dc"], &packed)),
        ours(&packed),
        GZIP_GOAL,
    )?;
    match duckdb() {
        Ok(python) => {
            let count = |script: &str, path: &Path| {
                let mut command = Command::new(&python);
                command.args(["-c", script]).arg(path);
                command
            };
            table.against(
                "error log, causes",
                ("DuckDB", count(BY_CAUSE, &error.path)),
                ours(&error.path),
                1.0,
            )?;
            table.against(
                "JSON log, statuses",
                ("DuckDB", count(BY_STATUS, &json.path)),
                ours(&json.path),
                1.0,
            )?;
        }
        Err(why) => table.missing("DuckDB", &format!("{why:#}")),
    }
    match find_program("goaccess") {
        Some(goaccess) => {
            let mut command = Command::new(goaccess);
            command.args(["--log-format=COMBINED", "--no-progress", "-o", "/dev/null"]);
            command.args(["--no-global-config", "-f"]).arg(&access.path);
            command.args(["--output=/tmp/badgateway-bench-goaccess.json"]);
            table.against(
                "access log, a quarter",
                ("GoAccess", command),
                ours(&access.path),
                1.0 / GOACCESS_GOAL,
            )?;
        }
        None => table.missing("GoAccess", "install the package `goaccess`"),
    }
    Ok(table.close(megabytes))
}

const BY_CAUSE: &str = "
import duckdb, sys
print(duckdb.sql(f\"\"\"SELECT CASE
  WHEN line LIKE '%(104:%' THEN 'reset' WHEN line LIKE '%(110:%' THEN 'timeout'
  WHEN line LIKE '%(111:%' THEN 'refused' WHEN line LIKE '%(11:%' THEN 'full'
  WHEN line LIKE '%(2: No such%' THEN 'missing' WHEN line LIKE '%too big header%' THEN 'header'
  WHEN line LIKE '%PHP Fatal%' THEN 'fatal' WHEN line LIKE '%script unknown%' THEN 'script'
  ELSE 'other' END AS cause, count(*) FROM read_csv('{sys.argv[1]}', columns={{'line':'VARCHAR'}},
  delim='\\x01', quote='', escape='', header=false, auto_detect=false, max_line_size=4000000)
  GROUP BY cause\"\"\"))
";

const BY_STATUS: &str = "
import duckdb, sys
print(duckdb.sql(f\"\"\"SELECT status, count(*) FROM read_json('{sys.argv[1]}',
  format='newline_delimited', columns={{'status':'VARCHAR'}}) GROUP BY status\"\"\"))
";

/// A Python that has DuckDB, in a folder of its own below `target`.
fn duckdb() -> Result<PathBuf> {
    let python = find_program("python3").context("there is no python3")?;
    let folder = root().join("target/bench-duckdb");
    let runner = root().join("target/bench-duckdb/python");
    if !folder.join("duckdb").is_dir() {
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--target"]);
        must(
            install.arg(&folder).arg("duckdb"),
            "DuckDB comes as a Python package.",
        )?;
    }
    let text = format!(
        "#!/bin/sh\nPYTHONPATH='{}' exec '{}' \"$@\"\n",
        folder.display(),
        python.display()
    );
    std::fs::write(&runner, text)?;
    must(
        Command::new("chmod").arg("+x").arg(&runner),
        "A script must be executable.",
    )?;
    Ok(runner)
}

fn tool(name: &str, args: &[&str], path: &Path) -> Command {
    let mut command = Command::new(name);
    command.args(args).arg(path);
    command
}

/// The same log, packed.
fn pack(path: &Path) -> Result<PathBuf> {
    let packed = path.with_extension("log.gz");
    if !packed.is_file() {
        must(
            Command::new("gzip").args(["--keep", "-6"]).arg(path),
            "The benchmark reads a packed log too.",
        )?;
    }
    let (plain, small) = (path.metadata()?.len(), packed.metadata()?.len());
    println!(
        "gzip -6 makes the error log {}.{} times smaller",
        plain / small,
        plain * 10 / small % 10
    );
    Ok(packed)
}

/// A program that reads less than everything must not win.
fn reads_everything(binary: &Path, written: &Written) -> Result<()> {
    let mut command = Command::new(binary);
    command
        .args(["diagnose", "--format", "json", "--timezone", "UTC"])
        .arg(&written.path);
    let output = command.stderr(Stdio::null()).output()?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let lines = &answer["sources"][0]["lines"];
    let count = |name: &str| lines[name].as_u64().unwrap_or(0);
    ensure!(
        count("read") == written.lines && count("not_understood") == 0,
        "{} has {} lines, but: {lines}",
        written.path.display(),
        written.lines
    );
    Ok(())
}

#[derive(Default)]
struct Table {
    rows: Vec<String>,
    missed: usize,
}

impl Table {
    /// Measures two commands in turn, each warmed by a run that does not count.
    fn against(
        &mut self,
        what: &str,
        (name, mut theirs): (&str, Command),
        mut ours: Command,
        goal: f64,
    ) -> Result<()> {
        eprintln!("bench: {what}, against {name}");
        quiet(&mut theirs);
        quiet(&mut ours);
        let warm = theirs.status().with_context(|| name.to_owned())?;
        if !warm.success() {
            bail!("{name} failed ({warm})");
        }
        measure::run(&mut ours)?;
        let (mut other, mut own) = (Vec::new(), Vec::new());
        // A tool that takes a minute needs no median.
        let begin = std::time::Instant::now();
        for _ in 0..RUNS {
            if begin.elapsed().as_secs() > 30 {
                break;
            }
            other.push(measure::run(&mut theirs)?);
            own.push(measure::run(&mut ours)?);
        }
        let (other, own) = (Cost::median(&other), Cost::median(&own));
        let ratio = own.wall.as_secs_f64() / other.wall.as_secs_f64();
        let is_met = ratio <= goal && own.peak <= MEMORY_GOAL;
        self.missed += usize::from(!is_met);
        self.rows.push(format!(
            "  {what:22} {:>8.3} s  {:>7.3} s CPU  {:>4} MB   {name:9} {:>8.3} s   {ratio:>7.3} x (goal {goal:.2}): {}",
            own.wall.as_secs_f64(),
            own.cpu.as_secs_f64(),
            own.peak >> 20,
            other.wall.as_secs_f64(),
            word(is_met)
        ));
        Ok(())
    }

    fn missing(&mut self, name: &str, why: &str) {
        self.missed += 1;
        self.rows
            .push(format!("  NOT MEASURED against {name}: {why}"));
    }

    fn close(self, megabytes: u64) -> ExitCode {
        println!(
            "\nlogs of {megabytes} MB, medians of {RUNS} runs each, in turn, warm; at most {} MB\n",
            MEMORY_GOAL >> 20
        );
        for row in &self.rows {
            println!("{row}");
        }
        match self.missed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}
