//! Flat JSON objects, as logs have them: keys and values where they stand, without building a
//! tree. Tolerant: bytes that are not UTF-8 pass, as nginx's `escape=json` lets them.

/// The keys and values of an object on one line. Values of strings come without their quotes and
/// still escaped; numbers, words, arrays and objects as they stand. `None` when it is no object.
pub fn fields(line: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut rest = line.trim_ascii().strip_prefix(b"{")?.trim_ascii_start();
    let mut fields = Vec::new();
    if rest == b"}" {
        return Some(fields);
    }
    loop {
        let (key, behind) = string(rest)?;
        let behind = behind
            .trim_ascii_start()
            .strip_prefix(b":")?
            .trim_ascii_start();
        let (value, behind) = value(behind)?;
        fields.push((key, value));
        let behind = behind.trim_ascii_start();
        match behind.first()? {
            b',' => rest = behind[1..].trim_ascii_start(),
            b'}' => return behind[1..].trim_ascii().is_empty().then_some(fields),
            _ => return None,
        }
    }
}

/// The text of a string, still escaped, and what follows it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', &text[from..])?;
        if text[at] == b'"' {
            return Some((&text[..at], &text[at + 1..]));
        }
        from = at + 2;
        if from > text.len() {
            return None;
        }
    }
}

fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    match text.first()? {
        b'"' => string(text),
        b'{' | b'[' => nested(text),
        _ => {
            let end = text
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']' | b' '))?;
            (end > 0).then(|| text.split_at(end))
        }
    }
}

/// An array or object as a whole.
fn nested(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                let (_, behind) = string(&text[at..])?;
                at = text.len() - behind.len();
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(text.split_at(at));
        }
    }
    None
}

/// Undoes the escapes of a string.
pub fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let taken = match rest.get(at + 1) {
            Some(b'n') => plain(out, b'\n'),
            Some(b't') => plain(out, b'\t'),
            Some(b'r') => plain(out, b'\r'),
            Some(b'b') => plain(out, 8),
            Some(b'f') => plain(out, 12),
            Some(b'u') => unicode(&rest[at..], out),
            Some(other) => plain(out, *other),
            None => plain(out, b'\\'),
        };
        rest = rest.get(at + taken..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn plain(out: &mut Vec<u8>, byte: u8) -> usize {
    out.push(byte);
    2
}

/// `\uXXXX`, or two of them for what lies beyond. How many bytes it took.
fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    let unit = |from: usize| -> Option<u32> {
        let digits = std::str::from_utf8(text.get(from..from + 4)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else {
        out.push(b'u');
        return 2;
    };
    let second = match text.get(6..8) {
        Some(b"\\u") => unit(8),
        _ => None,
    };
    let (code, taken) = match (first, second) {
        (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
            (0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00), 12)
        }
        _ => (first, 6),
    };
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    taken
}
