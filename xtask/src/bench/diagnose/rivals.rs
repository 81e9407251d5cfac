//! The other programs, each with what it is asked, or why it cannot be asked.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::Log;
use crate::bench::{quiet, target};
use crate::run::{find_program, must};

/// A command, or what is missing and how to get it.
pub(super) type Rival = Result<Command, String>;

/// The speed of looking at every byte once.
pub(super) fn wc(log: &Log) -> Rival {
    let mut command = program("wc", "coreutils")?;
    command.arg("-l").arg(&log.path);
    Ok(command)
}

/// Unpacking, and nothing else.
pub(super) fn gzip(log: &Log) -> Rival {
    let mut command = program("gzip", "gzip")?;
    command.arg("-dc").arg(&log.path);
    Ok(command)
}

/// Unpacking and looking, as people do it: on a second core, through a pipe.
pub(super) fn gzip_count(log: &Log) -> Rival {
    program("gzip", "gzip")?;
    let mut command = program("sh", "dash")?;
    command
        .args(["-c", "gzip -dc \"$1\" | wc -c", "sh"])
        .arg(&log.path);
    Ok(command)
}

/// Every panel of its report, which is what it does. To a file: it takes a terminal's place for
/// any other.
pub(super) fn goaccess(log: &Log) -> Rival {
    let mut command = program("goaccess", "goaccess")?;
    command.arg(&log.path);
    command.args([
        "--log-format=COMBINED",
        "--no-global-config",
        "--no-progress",
    ]);
    command
        .arg("-o")
        .arg(target().join("bench-logs/goaccess.json"));
    Ok(command)
}

/// How many lines of each cause: less than `diagnose` answers.
pub(super) fn duckdb_causes(log: &Log) -> Rival {
    // The delimiter is a byte that no log has, so that a line is one column.
    duckdb(
        log,
        "SELECT CASE
            WHEN line LIKE '%(104: %' THEN 'reset'
            WHEN line LIKE '%upstream timed out%' THEN 'timeout'
            WHEN line LIKE '%(111: %' THEN 'refused'
            WHEN line LIKE '%failed (11: %' THEN 'backlog'
            WHEN line LIKE '%connect() to unix:% failed (2: %' THEN 'socket missing'
            WHEN line LIKE '%connect() to unix:% failed (13: %' THEN 'permission'
            WHEN line LIKE '%upstream prematurely closed%' THEN 'early end'
            WHEN line LIKE '%too big header%' THEN 'header'
            WHEN line LIKE '%no live upstreams%' THEN 'no live upstreams'
            WHEN line LIKE '%PHP Fatal error%' THEN 'fatal'
            WHEN line LIKE '%Primary script unknown%' THEN 'script'
            WHEN line LIKE '%client prematurely closed%' THEN 'client'
            ELSE 'other' END AS cause, count(*)
        FROM read_csv(?, columns={'line': 'VARCHAR'}, delim=E'\\x01', quote='', escape='',
            header=false, auto_detect=false)
        GROUP BY cause",
    )
}

/// How many requests of each status: less than `diagnose` answers.
pub(super) fn duckdb_statuses(log: &Log) -> Rival {
    duckdb(
        log,
        "SELECT status, count(*)
        FROM read_json(?, format='newline_delimited', columns={'status': 'VARCHAR'})
        GROUP BY status",
    )
}

fn duckdb(log: &Log, query: &str) -> Rival {
    let script = "import sys, duckdb\nprint(duckdb.execute(sys.argv[1], [sys.argv[2]]).fetchall())";
    let mut command = python_with_duckdb()?;
    command.args(["-c", script, query]).arg(&log.path);
    Ok(command)
}

/// A Python that has DuckDB, installed below `target` when there is none: in an environment of
/// its own or, where Debian's `python3-venv` is missing, in a plain folder.
fn python_with_duckdb() -> Rival {
    let python = find_program("python3").ok_or("python3 is not installed")?;
    let home = target().join("bench-tools");
    let ways: [fn(&Path, &Path) -> Option<Command>; 2] = [environment, plain_folder];
    for way in ways {
        if let Some(found) = way(&python, &home) {
            return Ok(found);
        }
    }
    Err("`pip install duckdb` failed; look at its words above".to_owned())
}

fn environment(python: &Path, home: &Path) -> Option<Command> {
    let folder = home.join("venv");
    let own: PathBuf = folder.join("bin/python");
    if !has_duckdb(Command::new(&own)) {
        must(Command::new(python).args(["-m", "venv"]).arg(&folder), "").ok()?;
        must(Command::new(&own).args(PIP).arg("duckdb"), "").ok()?;
    }
    has_duckdb(Command::new(&own)).then(|| Command::new(&own))
}

fn plain_folder(python: &Path, home: &Path) -> Option<Command> {
    let folder = home.join("packages");
    let with_path = || {
        let mut command = Command::new(python);
        command.env("PYTHONPATH", &folder);
        command
    };
    if !has_duckdb(with_path()) {
        let mut install = Command::new(python);
        install.args(PIP).arg("--target").arg(&folder);
        must(install.arg("duckdb"), "").ok()?;
    }
    has_duckdb(with_path()).then(with_path)
}

const PIP: [&str; 4] = ["-m", "pip", "install", "--quiet"];

fn has_duckdb(mut python: Command) -> bool {
    python.args(["-c", "import duckdb"]);
    quiet(&mut python);
    python.status().is_ok_and(|status| status.success())
}

fn program(name: &str, package: &str) -> Rival {
    let path = find_program(name);
    path.map(Command::new)
        .ok_or_else(|| format!("{name} is not installed (Debian package `{package}`)"))
}
