//! `cargo xtask logs`: large logs of a busy server that is in trouble.
//!
//! The same bytes for the same seed and size. Pages, visitors and sites follow a long tail,
//! queries, addresses and times differ from line to line, and causes come in bursts, so that
//! neither a branch predictor nor a compressor learns a file by heart. All logs of one seed tell
//! of the same incidents; see [`incident`].
//!
//! Beside each log stands a truth file: a reader that reads less than everything must not win.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

mod access_log;
mod answer;
mod command;
mod error_log;
mod error_message;
mod fpm_log;
mod incident;
mod php_message;
mod random;
mod request;
#[cfg(test)]
mod tests;
mod text;
mod world;

use access_log::{AccessLog, Format};
use error_log::ErrorLog;
use fpm_log::FpmLog;
use incident::{Incident, Incidents};
use world::World;

pub(crate) use command::{logs, read_size};

/// Part of every truth file: a file that an older generator wrote is written again. A test fails
/// when the bytes change and this number does not.
const VERSION: u64 = 1;
/// Bytes that are collected before they go to the disk.
const BUFFER: usize = 1 << 20;

/// A kind of log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// nginx's error log.
    Error,
    /// An access log in the well-known JSON format.
    AccessJson,
    /// The same with every upstream variable.
    AccessFull,
    /// An access log in nginx's own format.
    Access,
    /// PHP-FPM's log.
    Fpm,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] = [
        Kind::Error,
        Kind::AccessJson,
        Kind::AccessFull,
        Kind::Access,
        Kind::Fpm,
    ];

    /// On the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Error => "error",
            Kind::AccessJson => "access-json",
            Kind::AccessFull => "access-full",
            Kind::Access => "access",
            Kind::Fpm => "fpm",
        }
    }

    /// As a server names it.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Kind::Error => "error.log",
            Kind::AccessJson => "access.json.log",
            Kind::AccessFull => "access.full.log",
            Kind::Access => "access.log",
            Kind::Fpm => "fpm.log",
        }
    }
}

/// What is in a log, as its writer knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) bytes: u64,
    /// Line feeds: what `wc -l` says.
    pub(crate) lines: u64,
    tally: Tally,
}

/// Entries by kind; one entry of the error log may be several lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    entries: u64,
    kinds: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn entry(&mut self, kind: &'static str) {
        self.entries += 1;
        self.also(kind);
    }

    /// Something else that is true of an entry.
    fn also(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }
}

/// A log on the disk, and what its truth file says of it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    /// Entries by kind.
    pub(crate) kinds: BTreeMap<String, u64>,
}

impl Written {
    fn read(path: PathBuf, truth: &Value) -> Option<Self> {
        let kinds = truth["kinds"].as_object()?.iter();
        Some(Self {
            path,
            bytes: truth["bytes"].as_u64()?,
            lines: truth["lines"].as_u64()?,
            kinds: kinds
                .map(|(kind, count)| Some((kind.clone(), count.as_u64()?)))
                .collect::<Option<_>>()?,
        })
    }
}

/// The log of that kind, seed and size in a folder, written unless it is there already.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn ensure(dir: &Path, kind: Kind, seed: u64, size: u64) -> Result<Written> {
    let path = dir.join(kind.file_name());
    if let Some(written) = still_there(&path, seed, size) {
        return Ok(written);
    }
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    // First, so that a run that is broken off leaves no truth about half a file.
    let truth_path = truth_path(&path);
    let _gone = fs::remove_file(&truth_path);
    let mut file = File::create(&path).with_context(|| path.display().to_string())?;
    let truth = write(&mut file, kind, seed, size)?;
    let value = json!({
        "version": VERSION,
        "kind": kind.word(),
        "seed": seed,
        "size": size,
        "bytes": truth.bytes,
        "lines": truth.lines,
        "entries": truth.tally.entries,
        "kinds": truth.tally.kinds,
    });
    let text = serde_json::to_string_pretty(&value)? + "\n";
    fs::write(&truth_path, text).with_context(|| truth_path.display().to_string())?;
    Written::read(path, &value).context("a truth that cannot be read back")
}

/// `error.log.truth.json`
fn truth_path(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".truth.json");
    PathBuf::from(name)
}

fn still_there(path: &Path, seed: u64, size: u64) -> Option<Written> {
    let text = fs::read_to_string(truth_path(path)).ok()?;
    let truth: Value = serde_json::from_str(&text).ok()?;
    let wanted = [("version", VERSION), ("seed", seed), ("size", size)];
    let same = wanted
        .iter()
        .all(|(key, value)| truth[key].as_u64() == Some(*value));
    let written = Written::read(path.to_owned(), &truth)?;
    let whole = path.metadata().ok()?.len() == written.bytes;
    (same && whole).then_some(written)
}

/// One of the writers.
enum Log {
    Error(ErrorLog),
    Access(AccessLog),
    Fpm(FpmLog),
}

impl Log {
    fn new(kind: Kind, seed: u64) -> Self {
        match kind {
            Kind::Error => Log::Error(ErrorLog::new()),
            Kind::AccessJson => Log::Access(AccessLog::new(Format::Json, seed)),
            Kind::AccessFull => Log::Access(AccessLog::new(Format::JsonFull, seed)),
            Kind::Access => Log::Access(AccessLog::new(Format::Combined, seed)),
            Kind::Fpm => Log::Fpm(FpmLog::new()),
        }
    }

    fn write(&mut self, out: &mut Vec<u8>, world: &World, incident: &Incident, tally: &mut Tally) {
        match self {
            Log::Error(log) => log.write(out, world, incident, tally),
            Log::Access(log) => log.write(out, world, incident, tally),
            Log::Fpm(log) => log.write(out, world, incident, tally),
        }
    }
}

/// Writes whole entries until the size is reached.
fn write(file: &mut impl std::io::Write, kind: Kind, seed: u64, size: u64) -> Result<Truth> {
    let world = World::new(seed);
    let mut incidents = Incidents::new(seed);
    let mut log = Log::new(kind, seed);
    let mut truth = Truth::default();
    let mut buffer = Vec::with_capacity(2 * BUFFER);
    while truth.bytes + (buffer.len() as u64) < size {
        let incident = incidents.next(&world);
        log.write(&mut buffer, &world, &incident, &mut truth.tally);
        if buffer.len() >= BUFFER {
            flush(file, &mut buffer, &mut truth)?;
        }
    }
    flush(file, &mut buffer, &mut truth)?;
    file.flush()?;
    Ok(truth)
}

fn flush(file: &mut impl std::io::Write, buffer: &mut Vec<u8>, truth: &mut Truth) -> Result<()> {
    truth.bytes += buffer.len() as u64;
    truth.lines += buffer.iter().filter(|byte| **byte == b'\n').count() as u64;
    file.write_all(buffer).context("the disk may be full")?;
    buffer.clear();
    Ok(())
}
