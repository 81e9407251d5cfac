//! Unified diffs, as `patch` and people read them.

use std::io;
use std::ops::Range;

use serde::Serialize;
use similar::{ChangeTag, DiffTag, TextDiff};

/// One file before and after, masked already.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The path for people.
    pub path: String,
    /// What it was.
    pub old: Vec<u8>,
    /// What it becomes.
    pub new: Vec<u8>,
}

/// What has to be replaced in a text so that it becomes another: ranges of the old one in order,
/// as small as lines and what is equal at their ends allow.
pub fn edits(old: &[u8], new: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    let diff = TextDiff::from_lines(old, new);
    let starts = |lines: &[&[u8]]| {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect::<Vec<usize>>()
    };
    let (old_starts, new_starts) = (starts(diff.old_slices()), starts(diff.new_slices()));
    let ops = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    let edit = |op: &similar::DiffOp| {
        let (before, after) = (op.old_range(), op.new_range());
        let mut range = old_starts[before.start]..old_starts[before.end];
        let mut text = &new[new_starts[after.start]..new_starts[after.end]];
        if before.len() == after.len() {
            // A line that stays a line: only what differs in it.
            let same = |a: &[u8], b: &[u8]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let head = same(&old[range.clone()], text);
            range.start += head;
            text = &text[head..];
            let back = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
            let tail = same(&back(&old[range.clone()]), &back(text));
            range.end -= tail;
            text = &text[..text.len() - tail];
        }
        (range, text.to_vec())
    };
    ops.map(edit).collect()
}

/// What was changed and why.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeMeta {
    /// The rule whose finding goes away.
    pub rule: &'static str,
    /// What the edits do.
    pub title: String,
    /// Why this value.
    pub why: String,
    /// `safe` or `unsafe`.
    pub applicability: &'static str,
    /// The routes that forced it.
    pub routes: Vec<String>,
}

#[derive(Serialize)]
struct FixJson<'a> {
    schema_version: u32,
    changes: &'a [ChangeMeta],
    files: Vec<FileJson<'a>>,
}

/// The diff of one file.
#[derive(Serialize)]
pub(crate) struct FileJson<'a> {
    path: &'a str,
    diff: String,
}

/// Writes the changes and diffs for programs.
///
/// # Errors
/// When `out` cannot be written.
pub fn fix_json(changes: &[ChangeMeta], files: &[Diff], out: &mut dyn io::Write) -> io::Result<()> {
    let json = FixJson {
        schema_version: 1,
        changes,
        files: shown_diffs(files),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

/// Each file with its diff as text.
pub(crate) fn shown_diffs(files: &[Diff]) -> Vec<FileJson<'_>> {
    let shown = files.iter().map(|file| FileJson {
        path: &file.path,
        diff: diff_text(file),
    });
    shown.collect()
}

/// One diff as text, without colours.
///
/// # Panics
/// Never: memory takes all that is written.
pub fn diff_text(file: &Diff) -> String {
    let mut text = Vec::new();
    diff(std::slice::from_ref(file), false, &mut text).expect("memory takes all that is written");
    String::from_utf8_lossy(&text).into_owned()
}

/// Lines around a change.
const CONTEXT: usize = 3;

/// Writes the diffs of all files.
///
/// # Errors
/// When `out` cannot be written.
pub fn diff(files: &[Diff], colour: bool, out: &mut dyn io::Write) -> io::Result<()> {
    for file in files {
        let path = file.path.trim_start_matches('/');
        header(out, colour, &format!("--- a/{path}"))?;
        header(out, colour, &format!("+++ b/{path}"))?;
        let text = TextDiff::configure().diff_lines(file.old.as_slice(), file.new.as_slice());
        for hunk in text.unified_diff().context_radius(CONTEXT).iter_hunks() {
            paint(out, colour, "36", hunk.header().to_string().as_bytes())?;
            writeln!(out)?;
            for change in hunk.iter_changes() {
                let (sign, code) = match change.tag() {
                    ChangeTag::Delete => (b'-', "31"),
                    ChangeTag::Insert => (b'+', "32"),
                    ChangeTag::Equal => (b' ', ""),
                };
                let line = change.value();
                let ended = line.ends_with(b"\n");
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                let shown = [&[sign][..], &harmless(line)].concat();
                paint(out, colour, code, &shown)?;
                writeln!(out)?;
                if !ended {
                    writeln!(out, "\\ No newline at end of file")?;
                }
            }
        }
    }
    Ok(())
}

/// What a file holds must not steer the terminal; a carriage return belongs to the line end.
fn harmless(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\t' | '\r' => out.push(c as u8),
                c if steers(c) => out.push(b'?'),
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        // Latin-1 letters stay as they are, for `patch`.
        out.extend(chunk.invalid().iter().map(|b| match b {
            0x80..0xa0 => b'?',
            _ => *b,
        }));
    }
    out
}

/// Control characters, and those that turn the direction of text around.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn header(out: &mut dyn io::Write, colour: bool, text: &str) -> io::Result<()> {
    paint(out, colour, "1", text.as_bytes())?;
    writeln!(out)
}

fn paint(out: &mut dyn io::Write, colour: bool, code: &str, text: &[u8]) -> io::Result<()> {
    if !colour || code.is_empty() {
        return out.write_all(text);
    }
    write!(out, "\u{1b}[{code}m")?;
    out.write_all(text)?;
    write!(out, "\u{1b}[0m")
}
