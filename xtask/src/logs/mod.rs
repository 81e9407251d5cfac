//! `cargo xtask logs`: large logs that look like those of a busy server with trouble.
//!
//! The same bytes for the same seed and size. Paths follow a long-tailed distribution, query
//! strings, addresses and times differ in every line, so that neither a branch predictor nor a
//! compressor learns the file by heart.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

mod lines;
mod random;

use lines::{Clock, Traffic};
use random::Random;

/// A kind of log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// nginx's error log.
    Error,
    /// An access log with `escape=json` and the upstream's times.
    AccessJson,
    /// An access log in nginx's own format.
    Access,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Error => "error",
            Kind::AccessJson => "access.json",
            Kind::Access => "access",
        }
    }
}

/// What was written, so that a reader can be checked.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its lines.
    pub(crate) lines: u64,
}

/// Writes a log of about `size` bytes, unless it is there already.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(dir: &Path, kind: Kind, size: u64, seed: u64) -> Result<Written> {
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let name = format!("{}-{}-{seed}.log", kind.name(), size >> 20);
    let path = dir.join(&name);
    let note = dir.join(format!("{name}.lines"));
    if let Ok(lines) = fs::read_to_string(&note)
        && let Ok(lines) = lines.trim().parse()
        && path.is_file()
    {
        return Ok(Written { path, lines });
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut random = Random::new(seed);
    let traffic = Traffic::new(&mut random);
    let mut clock = Clock::new();
    let (mut written, mut lines) = (0, 0);
    let mut entry = String::with_capacity(4096);
    while written < size {
        entry.clear();
        clock.advance(&mut random);
        match kind {
            Kind::Error => traffic.error(&mut random, &clock, &mut entry),
            Kind::AccessJson => traffic.access_json(&mut random, &clock, &mut entry),
            Kind::Access => traffic.access(&mut random, &clock, &mut entry),
        }
        lines += entry.bytes().filter(|b| *b == b'\n').count() as u64;
        written += entry.len() as u64;
        out.write_all(entry.as_bytes())?;
    }
    out.flush()?;
    fs::write(&note, lines.to_string())?;
    Ok(Written { path, lines })
}

/// `cargo xtask logs DIR [MEGABYTES] [SEED]`.
///
/// # Errors
/// When a number is none or a file cannot be written.
pub(crate) fn logs(words: &[&str]) -> Result<()> {
    let (dir, rest) = words
        .split_first()
        .context("cargo xtask logs DIR [MEGABYTES] [SEED]")?;
    let number = |at: usize, or: u64| rest.get(at).map_or(Ok(or), |word| word.parse());
    let (size, seed) = (number(0, 64)? << 20, number(1, 1)?);
    for kind in [Kind::Error, Kind::AccessJson, Kind::Access] {
        let written = write(Path::new(dir), kind, size, seed)?;
        println!("{} ({} lines)", written.path.display(), written.lines);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Kind, write};

    fn text(kind: Kind, seed: u64) -> (String, u64) {
        let dir =
            std::env::temp_dir().join(format!("bgw-logs-{}-{kind:?}-{seed}", std::process::id()));
        let written = write(&dir, kind, 300_000, seed).unwrap();
        let text = std::fs::read_to_string(&written.path).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        (text, written.lines)
    }

    #[test]
    fn a_seed_gives_the_same_bytes_and_another_others() {
        for kind in [Kind::Error, Kind::AccessJson, Kind::Access] {
            let (one, lines) = text(kind, 7);
            assert_eq!(one, text(kind, 7).0);
            assert_ne!(one, text(kind, 8).0);
            assert_eq!(lines, one.lines().count() as u64);
            assert!(one.len() >= 300_000);
        }
    }

    /// Entries are as long as real ones at most: nginx cuts at 2,048 bytes.
    #[test]
    fn lines_have_their_shapes() {
        let (errors, _) = text(Kind::Error, 3);
        assert!(errors.lines().all(|line| line.len() <= 2048));
        let is_entry = |line: &&str| line.as_bytes().get(4) == Some(&b'/');
        let entries = errors.lines().filter(is_entry).count();
        assert!(
            entries < errors.lines().count(),
            "some entries have several lines"
        );
        let (json, _) = text(Kind::AccessJson, 3);
        for line in json.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["status"].as_str().unwrap().parse::<u16>().is_ok());
        }
    }
}
