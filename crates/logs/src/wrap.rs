//! What container runtimes put around lines: Docker's json-file, Kubernetes' CRI, and the names
//! that `docker compose logs` prints in front.

use crate::detect::LogKind;
use crate::{json, time};

/// A line without its wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inner {
    /// When the runtime saw it, UTC.
    pub time: Option<i64>,
}

/// Puts the text of a wrapped entry, which may have several lines, into `out`.
pub fn unwrap(kind: LogKind, entry: &[u8], out: &mut Vec<u8>) -> Option<Inner> {
    out.clear();
    let mut time = None;
    for line in entry.split(|b| *b == b'\n') {
        let inner = match kind {
            LogKind::DockerJson => docker(line, out),
            LogKind::Cri => cri(line, out),
            LogKind::Compose => compose(line, out),
            _ => None,
        }?;
        time = time.or(inner.time);
    }
    while out.last() == Some(&b'\n') {
        out.pop();
    }
    Some(Inner { time })
}

/// `{"log":"…\n","stream":"stderr","time":"…"}`; a text without `\n` goes on in the next line.
fn docker(line: &[u8], out: &mut Vec<u8>) -> Option<Inner> {
    let mut stamp = None;
    for (key, value) in json::fields(line)? {
        match key {
            b"log" => json::unescape(value, out),
            b"time" => stamp = time::iso(value).map(|(at, _)| at),
            _ => {}
        }
    }
    Some(Inner { time: stamp })
}

/// `2026-11-22T11:31:18.123456789Z stderr F text`; `P` instead of `F` goes on in the next line.
fn cri(line: &[u8], out: &mut Vec<u8>) -> Option<Inner> {
    let (stamp, is_full, text) = cri_parts(line)?;
    out.extend_from_slice(text);
    if is_full {
        out.push(b'\n');
    }
    Some(Inner { time: Some(stamp) })
}

fn cri_parts(line: &[u8]) -> Option<(i64, bool, &[u8])> {
    let mut words = line.splitn(4, |b| *b == b' ');
    let (stamp, stream, tag) = (words.next()?, words.next()?, words.next()?);
    let text = words.next().unwrap_or_default();
    let fits = matches!(stream, b"stdout" | b"stderr") && matches!(tag, b"F" | b"P");
    let (at, _) = time::iso(stamp).filter(|_| fits)?;
    Some((at, tag == b"F", text))
}

/// `php-1  | text`.
fn compose(line: &[u8], out: &mut Vec<u8>) -> Option<Inner> {
    out.extend_from_slice(compose_text(line)?);
    out.push(b'\n');
    Some(Inner { time: None })
}

fn compose_text(line: &[u8]) -> Option<&[u8]> {
    let head = &line[..line.len().min(64)];
    let bar = memchr::memmem::find(head, b" | ")?;
    let name = head[..bar].trim_ascii_end();
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (!name.is_empty() && name.iter().all(is_name)).then(|| &line[bar + 3..])
}

/// The kind of wrap of a line, if it has one.
pub fn kind(line: &[u8]) -> Option<LogKind> {
    if line.starts_with(b"{\"log\":\"") && memchr::memmem::find(line, b"\"time\":\"").is_some() {
        return Some(LogKind::DockerJson);
    }
    if cri_parts(line).is_some() {
        return Some(LogKind::Cri);
    }
    compose_text(line).map(|_| LogKind::Compose)
}

/// Whether an entry begins at this wrapped line: the text in it does not go on from the line
/// before, as the lines of a stack trace do.
pub fn begins(kind: LogKind, line: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
    let mut text = Vec::new();
    if unwrap(kind, &line[..end], &mut text).is_none() {
        return true;
    }
    let goes_on = [b"#".as_slice(), b" ", b"\t", b"Stack trace:", b"thrown in "];
    !goes_on.iter().any(|begin| text.starts_with(begin))
}
