//! The rotated neighbours of a log: `error.log.1`, `error.log.2.gz`, `error.log-20261122.gz`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::position::InFile;
use crate::open;

/// A part of a rotated log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it is now.
    pub(super) path: PathBuf,
    /// Where it begins in there, after decompression.
    pub(super) offset: u64,
}

/// The rotated neighbours of a log, by name.
pub fn neighbours(path: &Path) -> Vec<PathBuf> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Vec::new();
    };
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut found: Vec<_> = paths
        .filter(|other| {
            other
                .file_name()
                .is_some_and(|other| is_rotated(name, other))
        })
        .collect();
    found.sort();
    found
}

/// Whether a name is that of a rotated copy.
fn is_rotated(name: &OsStr, other: &OsStr) -> bool {
    let (name, other) = (name.as_encoded_bytes(), other.as_encoded_bytes());
    let Some(rest) = other.strip_prefix(name) else {
        return false;
    };
    let packed = [".gz", ".xz", ".bz2", ".zst"];
    let mut packed = packed.iter();
    let rest = packed
        .find_map(|end| rest.strip_suffix(end.as_bytes()))
        .unwrap_or(rest);
    let number = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b"-"));
    number.is_some_and(|number| {
        number.first().is_some_and(u8::is_ascii_digit)
            && number
                .iter()
                .all(|b| b.is_ascii_digit() || b"-_.:T".contains(b))
    })
}

/// What was written since `at` and rotated away before the file `current` came, oldest first: the
/// rest of that file, and all newer ones. When that file is not among the neighbours, those that
/// were written after it; none of them may have its beginning, so this is `None` unless `is_gone`
/// says that it is not needed.
pub(super) fn since(
    path: &Path,
    at: &InFile,
    current: Option<(u64, u64)>,
    is_gone: bool,
) -> Option<Vec<Part>> {
    let known = neighbours(path).into_iter().filter_map(|path| {
        let meta = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let id = (meta.dev(), meta.ino());
        Some((modified(&meta), path, id))
    });
    let mut known: Vec<_> = known.collect();
    // Oldest first; of equal age `.2` before `.1`, and a date before a later one.
    known.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| order(&a.1).cmp(&order(&b.1))));
    // It may have been renamed since it was opened; what comes after it is for later.
    let end = known.iter().position(|(.., id)| Some(*id) == current);
    known.truncate(end.unwrap_or(known.len()));
    // A file of which nothing was read may have been copied and cut since, and its number given to
    // another. Every log begins with a date: a short beginning does not tell them apart, only its
    // time does.
    let found = match at.offset == 0 && !at.print.is_telling() {
        true => None,
        false => {
            let by_id = known
                .iter()
                .position(|(_, path, id)| *id == at.id && fits(path, at));
            let by_print = || known.iter().position(|(_, path, _)| fits(path, at));
            by_id.or_else(|| at.print.is_telling().then(by_print).flatten())
        }
    };
    let part = |(_, path, _): &(i64, PathBuf, (u64, u64)), offset| Part {
        path: path.clone(),
        offset,
    };
    match found {
        Some(found) => {
            let rest = (at.offset < u64::MAX).then(|| part(&known[found], at.offset));
            let newer = known[found + 1..].iter().map(|one| part(one, 0));
            Some(rest.into_iter().chain(newer).collect())
        }
        None if is_gone => {
            let is_unread = |id: (u64, u64)| id == at.id && at.offset == 0;
            let newer = known.iter();
            let newer = newer.filter(|(time, _, id)| *time > at.modified || is_unread(*id));
            Some(newer.map(|one| part(one, 0)).collect())
        }
        None => None,
    }
}

/// When a file was last written, in nanoseconds since 1970.
pub(super) fn modified(meta: &fs::Metadata) -> i64 {
    let seconds = meta.mtime().saturating_mul(1_000_000_000);
    seconds.saturating_add(meta.mtime_nsec())
}

/// Whether a file, perhaps compressed, begins as `at` says.
fn fits(path: &Path, at: &InFile) -> bool {
    open::file(path, 1000).is_ok_and(|opened| at.print.fits(&opened.head))
}

/// Higher numbers are older, later dates are newer.
fn order(path: &Path) -> (i64, PathBuf) {
    let name = path.to_string_lossy();
    let digits: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).collect();
    let number = digits.iter().rev().find(|part| !part.is_empty());
    let number: i64 = number.and_then(|text| text.parse().ok()).unwrap_or(0);
    let is_date = number > 100_000;
    (if is_date { number } else { -number }, path.to_owned())
}
