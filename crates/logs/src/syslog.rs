//! Lines of syslog: RFC 3164 as nginx and rsyslog write it, RFC 5424, and rsyslog's ISO stamps.

use memchr::memmem;

use crate::time::{self, Zone};

/// A line without its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'l> {
    /// When, UTC.
    pub time: Option<i64>,
    /// The program, without its pid.
    pub tag: &'l [u8],
    /// What it said.
    pub text: &'l [u8],
}

/// Splits a line; `year` is taken for stamps without one.
pub fn split<'l>(line: &'l [u8], zone: &Zone, year: i64) -> Option<Line<'l>> {
    let line = match line.strip_prefix(b"<") {
        Some(rest) => {
            let end = memchr::memchr(b'>', &rest[..rest.len().min(5)])?;
            time::digits(&rest[..end])?;
            &rest[end + 1..]
        }
        None => line,
    };
    if let Some(rest) = line.strip_prefix(b"1 ") {
        return rfc5424(rest);
    }
    let (time, rest) = match stamp(line, year) {
        Some((local, rest)) => (zone.to_utc(local), rest),
        None => {
            let (value, has_zone) = time::iso(line)?;
            let end = memchr::memchr(b' ', line.get(19..)?)? + 19;
            let utc = if has_zone { value } else { zone.to_utc(value) };
            (utc, &line[end + 1..])
        }
    };
    // The host is one word; nginx may leave it out (`nohostname`).
    let space = memchr::memchr(b' ', rest)?;
    let (first, behind) = (&rest[..space], &rest[space + 1..]);
    let (tag, text) = match first.strip_suffix(b":") {
        Some(tag) => (tag, behind),
        None => {
            let end = memmem::find(behind, b": ")?;
            (&behind[..end], &behind[end + 2..])
        }
    };
    let tag = match memchr::memchr(b'[', tag) {
        Some(at) => &tag[..at],
        None => tag,
    };
    (tag.len() <= 64 && !tag.contains(&b' ')).then_some(Line {
        time: Some(time),
        tag,
        text,
    })
}

/// `Nov 22 11:20:48 `, and what follows.
fn stamp(line: &[u8], year: i64) -> Option<(i64, &[u8])> {
    let head = line.get(..16)?;
    let month = time::month(&head[..3])?;
    let day = time::digits(head[4..6].trim_ascii())?;
    (head[15] == b' ').then_some(())?;
    let clock = time::clock(&head[7..15])?;
    Some((time::millis((year, month, day), clock, 0)?, &line[16..]))
}

/// `2026-11-22T11:20:48.1Z host app 123 - - text`.
fn rfc5424(rest: &[u8]) -> Option<Line<'_>> {
    let (value, has_zone) = time::iso(rest)?;
    let mut words = rest.splitn(7, |b| *b == b' ');
    let (_, _, tag) = (words.next()?, words.next()?, words.next()?);
    let (_, _) = (words.next()?, words.next()?);
    let data = words.next()?;
    let text = words.next().unwrap_or_default();
    // Structured data may hold spaces; nobody sends it with these programs.
    let text = if data == b"-" {
        text
    } else {
        text.split(|b| *b == b']').next_back()?
    };
    Some(Line {
        time: has_zone.then_some(value),
        tag,
        text: text.trim_ascii_start(),
    })
}

/// Whether a line has the shape of syslog.
pub fn looks_like(line: &[u8]) -> bool {
    split(line, &Zone::fixed(0), 2000).is_some()
}
