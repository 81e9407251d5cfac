//! Places as editors count them: lines from 0, columns in UTF-16 units or bytes.
//!
//! A file need not be UTF-8. An editor shows a byte that is none as one character, so it counts
//! as one.

use serde_json::{Value, json};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Units of UTF-16: what every client knows.
    #[default]
    Utf16,
    /// Bytes.
    Utf8,
}

impl Encoding {
    /// The first that the client likes and we know.
    pub(crate) fn chosen(capabilities: &Value) -> Self {
        let offered = capabilities["general"]["positionEncodings"].as_array();
        let known = offered
            .into_iter()
            .flatten()
            .find_map(|name| match name.as_str() {
                Some("utf-8") => Some(Encoding::Utf8),
                Some("utf-16") => Some(Encoding::Utf16),
                _ => None,
            });
        known.unwrap_or_default()
    }

    /// Its name in the protocol.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Encoding::Utf16 => "utf-16",
            Encoding::Utf8 => "utf-8",
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf8 => c.len_utf8(),
        }
    }
}

/// A text with its lines: LF, CR LF and a lone CR end one, as the protocol says.
pub(crate) struct Text<'t> {
    bytes: &'t [u8],
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Text<'t> {
    /// Looks for the lines.
    pub(crate) fn new(bytes: &'t [u8], encoding: Encoding) -> Self {
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = (0..bytes.len()).filter(|&at| is_end(at));
        let starts = std::iter::once(0).chain(ends.map(|at| at + 1)).collect();
        Self {
            bytes,
            starts,
            encoding,
        }
    }

    /// The place of a byte.
    pub(crate) fn position(&self, offset: usize) -> Value {
        let offset = offset.min(self.bytes.len());
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let mut column = 0;
        for chunk in self.bytes[self.starts[line]..offset].utf8_chunks() {
            let valid = chunk.valid().chars().map(|c| self.encoding.width(c));
            column += valid.sum::<usize>() + chunk.invalid().len();
        }
        json!({"line": line, "character": column})
    }

    /// The range of bytes.
    pub(crate) fn range(&self, start: u32, end: u32) -> Value {
        json!({"start": self.position(start as usize), "end": self.position(end as usize)})
    }

    /// The byte at a place: past the end of a line its end, past the last line the end of all.
    pub(crate) fn offset(&self, position: &Value) -> Option<usize> {
        let line = usize::try_from(position["line"].as_u64()?).ok()?;
        let column = usize::try_from(position["character"].as_u64()?).ok()?;
        let Some(&start) = self.starts.get(line) else {
            return Some(self.bytes.len());
        };
        let end = self.starts.get(line + 1).copied();
        let text = &self.bytes[start..end.unwrap_or(self.bytes.len())];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let (mut at, mut counted) = (start, 0);
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                counted += self.encoding.width(c);
                if counted > column {
                    return Some(at);
                }
                at += c.len_utf8();
            }
            let invalid = chunk.invalid().len();
            if counted + invalid > column {
                return Some(at + (column - counted));
            }
            counted += invalid;
            at += invalid;
        }
        Some(at)
    }

    /// The bytes of a range; nothing when it is none.
    pub(crate) fn bytes_of(&self, range: &Value) -> Option<std::ops::Range<usize>> {
        let start = self.offset(&range["start"])?;
        let end = self.offset(&range["end"])?;
        (start <= end).then_some(start..end)
    }
}
