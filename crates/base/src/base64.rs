//! Base64 (RFC 4648), strict: text that no encoder writes is not decoded. A crate for it would be
//! the largest function in the browser's module.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// With padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let is_there = at <= group.len();
            let letter = STANDARD[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if is_there { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The standard alphabet with padding.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let ends = [b"==".as_slice(), b"="];
    let plain = ends.iter().find_map(|end| text.strip_suffix(*end));
    let plain = plain.unwrap_or(text);
    let is_whole = text.len().is_multiple_of(4);
    is_whole.then(|| decode_plain(plain, standard))?
}

/// The standard alphabet with padding or without, or the alphabet for addresses without.
pub fn decode_any(text: &[u8]) -> Option<Vec<u8>> {
    decode(text)
        .or_else(|| decode_plain(text, standard))
        .or_else(|| decode_plain(text, for_addresses))
}

fn standard(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

fn for_addresses(letter: u8) -> Option<u32> {
    match letter {
        b'-' => Some(62),
        b'_' => Some(63),
        b'+' | b'/' => None,
        letter => standard(letter),
    }
}

fn decode_plain(text: &[u8], value: fn(u8) -> Option<u32>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0;
        for letter in group {
            bits = bits << 6 | value(*letter)?;
        }
        bits <<= 6 * (4 - group.len());
        let [_, bytes @ ..] = bits.to_be_bytes();
        // Two letters are one byte; one letter is none. What is left over must be zero.
        let (whole, rest) = bytes.split_at(group.len() - 1);
        if group.len() == 1 || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(whole);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_any, encode};

    #[test]
    fn there_and_back() {
        let all: Vec<u8> = (0..=255).rev().cycle().take(1000).collect();
        for length in 0..all.len() {
            let text = encode(&all[..length]);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(&all[..length]));
            let plain = text.trim_end_matches('=');
            assert_eq!(
                decode_any(plain.as_bytes()).as_deref(),
                Some(&all[..length])
            );
            let url = plain.replace('+', "-").replace('/', "_");
            assert_eq!(decode_any(url.as_bytes()).as_deref(), Some(&all[..length]));
        }
        assert_eq!(encode(b"user:pass"), "dXNlcjpwYXNz");
        assert_eq!(encode(b"\xff\xfe\xfd\xfc"), "//79/A==");
    }

    #[test]
    fn what_no_encoder_writes() {
        for text in [
            "A", "AA", "AAA", "A===", "====", "AA=", "AB==", "AAB=", "AA==AA==", "AA=A", "A A=",
            "AA==\n", "A-__",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        for text in ["A", "AB", "AAB", "A===", "AA=", "+-AA", "-_==", "AA A"] {
            assert_eq!(decode_any(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b""), Some(Vec::new()));
    }
}
