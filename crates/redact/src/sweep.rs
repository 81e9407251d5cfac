//! The last look: values that were found once are hidden wherever they stand, also in base64 of
//! `user:password` and with percent signs.

use std::collections::HashMap;

/// A value in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Which value.
    pub(crate) value: usize,
    /// Whether it stands there in another writing.
    pub(crate) is_encoded: bool,
}

/// How many bytes of a needle are compared at once.
const WINDOW: usize = 4;

/// Values to look for.
#[derive(Debug, Default)]
pub(crate) struct Sweep<'v> {
    /// Needles by their first bytes, the longest first.
    by_head: HashMap<[u8; WINDOW], Vec<Needle<'v>>>,
    /// Heads that occur, by a hash of them.
    heads: Vec<u64>,
    values: Vec<&'v [u8]>,
}

#[derive(Debug)]
struct Needle<'v> {
    bytes: std::borrow::Cow<'v, [u8]>,
    value: usize,
    is_encoded: bool,
}

impl<'v> Sweep<'v> {
    /// `closed`: also those that may be ordinary words.
    pub(crate) fn new(values: impl Iterator<Item = &'v [u8]>, closed: bool) -> Self {
        let mut sweep = Self {
            heads: vec![0; 1024],
            ..Self::default()
        };
        let mut known: base::SortedSet<&[u8]> = base::SortedSet::new();
        for (index, value) in values.enumerate() {
            sweep.values.push(value);
            if !is_telling(value, closed) || !known.insert(value) {
                continue;
            }
            sweep.add(value.into(), index, false);
            let escaped = percent(value);
            if escaped != value {
                sweep.add(escaped.into(), index, true);
            }
        }
        sweep
    }

    fn add(&mut self, bytes: std::borrow::Cow<'v, [u8]>, value: usize, is_encoded: bool) {
        let Some(head) = bytes.first_chunk::<WINDOW>().copied() else {
            return;
        };
        let bit = bit(head);
        self.heads[bit / 64] |= 1 << (bit % 64);
        let needles = self.by_head.entry(head).or_default();
        // The longest first.
        let at = needles.partition_point(|needle| needle.bytes.len() >= bytes.len());
        let needle = Needle {
            bytes,
            value,
            is_encoded,
        };
        needles.insert(at, needle);
    }

    /// All places, in order, without overlaps.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Found> {
        let mut out = Vec::new();
        if self.by_head.is_empty() {
            return out;
        }
        let mut at = 0;
        while at + WINDOW <= text.len() {
            let head = [text[at], text[at + 1], text[at + 2], text[at + 3]];
            let bit = bit(head);
            if self.heads[bit / 64] & 1 << (bit % 64) == 0 {
                at += 1;
                continue;
            }
            match self.at(text, at, head) {
                Some(found) => {
                    at = found.end;
                    out.push(found);
                }
                None => at += 1,
            }
        }
        self.encoded(text, &mut out);
        out
    }

    fn at(&self, text: &[u8], at: usize, head: [u8; WINDOW]) -> Option<Found> {
        let needles = self.by_head.get(&head)?;
        let fits = |needle: &&Needle<'_>| {
            let len = needle.bytes.len();
            text[at..].starts_with(&needle.bytes) && stands_alone(text, at, at + len)
        };
        let needle = needles.iter().find(fits)?;
        Some(Found {
            start: at,
            end: at + needle.bytes.len(),
            value: needle.value,
            is_encoded: needle.is_encoded,
        })
    }

    /// Base64 whose text holds a value.
    fn encoded(&self, text: &[u8], out: &mut Vec<Found>) {
        let mut at = 0;
        while at < text.len() {
            let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
            let len = text[at..].iter().take_while(is_part).count();
            let padding = text[at + len..]
                .iter()
                .take(2)
                .take_while(|b| **b == b'=')
                .count();
            let run = at..at + len + padding;
            at = run.end.max(at + 1);
            // Shorter ones cannot hold a value, longer ones are files.
            if !(12..=4096).contains(&len) {
                continue;
            }
            let Some(plain) = base::base64::decode_any(&text[run.clone()]) else {
                continue;
            };
            // Every value stands behind a colon, or is all there is.
            let holds = |value: &&&[u8]| {
                let behind = plain.splitn(2, |b| *b == b':').nth(1);
                value.len() >= 3 && (behind == Some(**value) || plain == **value)
            };
            let is_known = out
                .iter()
                .any(|found| found.start < run.end && run.start < found.end);
            if let Some(value) = self
                .values
                .iter()
                .position(|value| holds(&value))
                .filter(|_| !is_known)
            {
                out.push(Found {
                    start: run.start,
                    end: run.end,
                    value,
                    is_encoded: true,
                });
            }
        }
        out.sort_by_key(|found| found.start);
    }
}

fn bit(head: [u8; WINDOW]) -> usize {
    let hash = u32::from_le_bytes(head).wrapping_mul(0x9E37_79B1);
    (hash >> 16) as usize
}

/// Whether a value is so long or so odd that it does not stand in a text by chance. Words such as
/// `redis` or `production` may be somebody's password and are everywhere.
pub(crate) fn is_telling(value: &[u8], closed: bool) -> bool {
    // Names of variables, directives and hosts are everywhere.
    if value
        .iter()
        .all(|b| b.is_ascii_lowercase() || *b == b'_' || *b == b'.')
    {
        return value.len() >= 20 && !value.contains(&b'_') && !value.contains(&b'.');
    }
    if closed {
        return value.len() >= 5 && !value.iter().all(|b| *b == value[0]);
    }
    // So are names of hosts with a number in them, and of customers.
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(b);
    if value.iter().all(is_name)
        && (value.contains(&b'.') || !crate::value::looks_random(value) && value.len() < 12)
    {
        return false;
    }
    // So are versions and paths, unless they are long and wild.
    if value.contains(&b'/') && (value.len() < 16 || !crate::value::looks_random(value)) {
        return false;
    }
    let has = |f: fn(&u8) -> bool| value.iter().any(f);
    let (digits, letters) = (has(u8::is_ascii_digit), has(u8::is_ascii_alphabetic));
    let signs = value
        .iter()
        .any(|b| !b.is_ascii_alphanumeric() && !b"-_. ".contains(b));
    let is_only_digits = digits && !letters;
    match value.len() {
        0..6 => false,
        6..8 => digits && letters && !is_plain(value) || signs && letters,
        8..12 => {
            (digits && letters && !is_plain(value))
                || signs && letters
                || is_only_digits && value.len() > 9
        }
        12..16 => digits || signs || value.contains(&b'-') || has(u8::is_ascii_uppercase),
        _ => !value.iter().all(|b| *b == value[0]),
    }
}

/// A word with a number behind it: `debian12`, `site01`, or a version or a path.
fn is_plain(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let rest = &value[letters..];
    letters >= 3 && rest.iter().all(u8::is_ascii_digit) && rest.len() <= 3 || value.contains(&b'/')
}

/// Not inside a longer word, unless the value is long.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    let inner_start = text.get(start);
    let inner_end = text.get(end - 1);
    end - start >= 16
        || !(is_word(before) && is_word(inner_start)
            || is_word(text.get(end)) && is_word(inner_end))
}

/// As browsers write it in addresses.
fn percent(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for byte in value {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(b) => out.push(*b),
            b => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
        }
    }
    out
}
