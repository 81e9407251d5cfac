//! Where in the file each byte of a scalar's text stands.
//!
//! Text and file are read side by side. What YAML adds (indentation, folded lines, escapes) is
//! white space or known by its backslash, so the two never need to be searched.

use crate::tree::{Range, Style};
use base::offset;

/// For each byte of a text its place in the file: where what stands for it begins and ends.
#[derive(Debug)]
pub struct Places {
    bytes: Vec<Range>,
    whole: Range,
}

impl Places {
    /// Of a scalar that stands at `range` of a file.
    pub fn of(file: &[u8], range: Range, text: &str, style: Style) -> Places {
        let places = aligned(file, range, text, style);
        Places {
            bytes: places.unwrap_or_default(),
            whole: range,
        }
    }

    /// The bytes of a part of the text; the whole scalar when that cannot be told.
    pub fn range(&self, start: usize, end: usize) -> Range {
        let at = |index: usize| self.bytes.get(index).copied();
        let last = end.checked_sub(1).filter(|last| *last >= start);
        match (at(start), last.and_then(at)) {
            (Some((from, _)), Some((_, to))) if from <= to => (from, to),
            (Some((from, _)), _) => (from, from),
            (None, _) => match self.bytes.last() {
                // An expression that ends too early is pointed at behind its last word.
                Some((_, last)) => (*last, *last),
                None => self.whole,
            },
        }
    }
}

fn aligned(file: &[u8], range: Range, text: &str, style: Style) -> Option<Vec<Range>> {
    let (mut at, end) = (range.0 as usize, file.len());
    // An anchor and a tag stand before the content; no plain scalar begins like one.
    while matches!(file.get(at), Some(b'&' | b'!')) {
        at += file[at..].iter().position(u8::is_ascii_whitespace)?;
        at += file[at..].iter().position(|b| !b.is_ascii_whitespace())?;
    }
    match style {
        Style::Plain => {}
        // What stands behind `|` is no content, if the range begins there.
        Style::Block if matches!(file.get(at), Some(b'|' | b'>')) => {
            at += file[at..].iter().position(|&b| b == b'\n')?;
        }
        Style::Block => {}
        Style::Single | Style::Double => at += 1,
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_whitespace() {
            let length = match escape(file, at, style) {
                Some((length, escaped)) if escaped == Some(c) => length,
                _ => usize::from(file.get(at).is_some_and(u8::is_ascii_whitespace)),
            };
            out.push((offset(at.min(end)), offset((at + length).min(end))));
            at += length;
            continue;
        }
        at = skip(file, at, style);
        let length = match escape(file, at, style) {
            Some((length, _)) => length,
            None => {
                let mut bytes = [0; 4];
                let written = c.encode_utf8(&mut bytes).as_bytes();
                file[at.min(end)..].starts_with(written).then_some(())?;
                written.len()
            }
        };
        out.extend(std::iter::repeat_n(
            (offset(at), offset(at + length)),
            c.len_utf8(),
        ));
        at += length;
    }
    Some(out)
}

/// Past white space that the text does not have, and lines that a backslash joins.
fn skip(file: &[u8], mut at: usize, style: Style) -> usize {
    loop {
        match (file.get(at), file.get(at + 1)) {
            (Some(b), _) if b.is_ascii_whitespace() => at += 1,
            (Some(b'\\'), Some(b'\n' | b'\r')) if style == Style::Double => at += 1,
            _ => return at,
        }
    }
}

/// The length of an escape and, when it is white space, what it stands for.
fn escape(file: &[u8], at: usize, style: Style) -> Option<(usize, Option<char>)> {
    let next = file.get(at + 1)?;
    match (style, file.get(at)?) {
        (Style::Single, b'\'') if *next == b'\'' => Some((2, None)),
        (Style::Double, b'\\') => Some(match next {
            b'n' => (2, Some('\n')),
            b't' | b'\t' => (2, Some('\t')),
            b'r' => (2, Some('\r')),
            b' ' => (2, Some(' ')),
            b'x' => (4, None),
            b'u' => (6, None),
            b'U' => (10, None),
            b'\n' | b'\r' => return None,
            _ => (2, None),
        }),
        _ => None,
    }
}
