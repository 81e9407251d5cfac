//! The logs of the benchmark, kept below `target` between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::bench::target;
use crate::logs::{self, Kind, Written};
use crate::run::must;

/// One log; what is said of it is true of its text, packed or not.
pub(super) type Log = Written;

/// All of them.
pub(super) struct Files {
    pub(super) error: Log,
    pub(super) json: Log,
    /// Not measured, but read by the guard.
    pub(super) full: Log,
    /// A quarter of the size, because GoAccess needs a minute for a whole one.
    pub(super) combined: Log,
    pub(super) fpm: Log,
    /// The error log, packed by `gzip -6`.
    pub(super) packed: Log,
}

impl Files {
    /// Writes what is not there yet.
    pub(super) fn prepare(seed: u64, size: u64) -> Result<Self> {
        let folder = target().join(format!("bench-logs/{}M", size >> 20));
        let error = written(&folder, Kind::Error, seed, size)?;
        Ok(Self {
            packed: packed(&error)?,
            error,
            json: written(&folder, Kind::AccessJson, seed, size)?,
            full: written(&folder, Kind::AccessFull, seed, size / 4)?,
            combined: written(&folder, Kind::Access, seed, size / 4)?,
            fpm: written(&folder, Kind::Fpm, seed, size / 4)?,
        })
    }

    /// Everything that `diagnose` must read to the end.
    pub(super) fn all(&self) -> [&Log; 6] {
        [
            &self.error,
            &self.json,
            &self.full,
            &self.combined,
            &self.fpm,
            &self.packed,
        ]
    }
}

/// By a process of its own: what this one holds in memory counts as its children's peak.
fn written(folder: &Path, kind: Kind, seed: u64, size: u64) -> Result<Log> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("logs").arg("--dir").arg(folder);
    command.args(["--kind", kind.word()]);
    command.args(["--seed", &seed.to_string()]);
    command.args(["--size", &size.to_string()]);
    must(&mut command, "Is there room on the disk?")?;
    logs::ensure(folder, kind, seed, size)
}

fn packed(log: &Log) -> Result<Log> {
    let mut name = log.path.as_os_str().to_owned();
    name.push(".gz");
    let path = PathBuf::from(name);
    if !is_newer(&path, &log.path) {
        eprintln!("bench: packing {}", log.path.display());
        // Under another name first: a run that is broken off leaves half a file.
        let half = path.with_extension("half");
        let mut command = Command::new("gzip");
        command
            .args(["-6", "-c"])
            .arg(&log.path)
            .stdin(Stdio::null());
        command.stdout(fs::File::create(&half)?);
        must(&mut command, "The benchmark reads a packed log too.")?;
        fs::rename(&half, &path)?;
    }
    let packed = path.metadata()?.len();
    let tenths = log.bytes * 10 / packed.max(1);
    println!(
        "gzip -6 makes the error log {}.{} times smaller",
        tenths / 10,
        tenths % 10
    );
    // A log that packs well also predicts well, and would flatter whoever reads it.
    ensure!(
        tenths <= 100,
        "the error log is too regular to measure with"
    );
    Ok(Log {
        path,
        ..log.clone()
    })
}

fn is_newer(path: &Path, than: &Path) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified());
    matches!((changed(path), changed(than)), (Ok(a), Ok(b)) if a >= b)
}
