//! systemd's journal, as `journalctl -o json` and `-o export` write it
//! (<https://systemd.io/JOURNAL_EXPORT_FORMATS/>).

use crate::json;
use crate::time;

/// The fields of an entry that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// When, UTC.
    pub time: Option<i64>,
    /// `SYSLOG_IDENTIFIER`, or `kernel`.
    pub identifier: Vec<u8>,
    /// `MESSAGE`.
    pub message: Vec<u8>,
}

/// Whether a line is one of `journalctl -o json`.
pub fn looks_like_json(line: &[u8]) -> bool {
    line.starts_with(b"{")
        && memchr::memmem::find(line, b"\"__REALTIME_TIMESTAMP\"").is_some()
        && memchr::memmem::find(line, b"\"MESSAGE\"").is_some()
}

/// Reads a line of `-o json`.
pub fn json(line: &[u8]) -> Option<Entry> {
    let mut entry = Entry::default();
    for (key, value) in json::fields(line)? {
        match key {
            b"__REALTIME_TIMESTAMP" => entry.time = micros(value),
            b"SYSLOG_IDENTIFIER" => json::unescape(value, &mut entry.identifier),
            b"_TRANSPORT" if value == b"kernel" && entry.identifier.is_empty() => {
                entry.identifier.extend_from_slice(b"kernel");
            }
            // What is not UTF-8 comes as an array of numbers.
            b"MESSAGE" if is_bytes(value) => bytes(value, &mut entry.message),
            b"MESSAGE" => json::unescape(value, &mut entry.message),
            _ => {}
        }
    }
    Some(entry)
}

/// Whether a value is an array of numbers. A text may begin with a bracket, too: FPM's does.
fn is_bytes(value: &[u8]) -> bool {
    let inner = value
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"));
    inner.is_some_and(|inner| {
        let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b',' | b' ');
        inner.iter().all(is_part)
    })
}

fn bytes(array: &[u8], out: &mut Vec<u8>) {
    let numbers = array
        .split(|b| !b.is_ascii_digit())
        .filter(|word| !word.is_empty());
    out.extend(numbers.filter_map(|word| u8::try_from(time::digits(word)?).ok()));
}

/// Microseconds since 1970.
fn micros(text: &[u8]) -> Option<i64> {
    time::digits(text).map(|micros| micros / 1000)
}

/// Whether an entry of `-o export` begins at this line: the cursor comes first.
pub fn begins_export(line: &[u8]) -> bool {
    line.starts_with(b"__CURSOR=")
}

/// Reads an entry of `-o export`.
pub fn export(block: &[u8]) -> Option<Entry> {
    let mut entry = Entry::default();
    let mut rest = block;
    let mut is_entry = false;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        let (name, value) = match memchr::memchr(b'=', line) {
            Some(at) => (&line[..at], &line[at + 1..]),
            None if line.is_empty() => continue,
            None => {
                // A name alone: the length in eight bytes, the value, a newline.
                let length = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
                let length = usize::try_from(length).ok()?;
                let value = rest.get(8..)?.get(..length)?;
                rest = rest.get(8 + length + 1..).unwrap_or_default();
                (line, value)
            }
        };
        is_entry |= name.starts_with(b"__");
        match name {
            b"__REALTIME_TIMESTAMP" => entry.time = micros(value),
            b"SYSLOG_IDENTIFIER" => entry.identifier = value.to_vec(),
            b"_TRANSPORT" if value == b"kernel" && entry.identifier.is_empty() => {
                entry.identifier = b"kernel".to_vec();
            }
            b"MESSAGE" => entry.message = value.to_vec(),
            _ => {}
        }
    }
    is_entry.then_some(entry)
}
