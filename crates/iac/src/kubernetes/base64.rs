//! Base64, as `binaryData` and the `data` of a Secret are written.

/// The bytes that a text stands for; `None` when it is no base64. White space is skipped.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'=' {
            padding += 1;
            continue;
        }
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | digit(byte)?;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    let rest = match count {
        0 => 0,
        2 => 1,
        3 => 2,
        _ => return None,
    };
    let is_padded = padding == 0 || padding == (4 - count) % 4;
    let last = (bits << (6 * (4 - count) % 24)).to_be_bytes();
    out.extend_from_slice(&last[1..=rest]);
    is_padded.then_some(out)
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_is_read_and_nothing_else() {
        for (text, bytes) in [
            ("", Some("")),
            ("YQ==", Some("a")),
            ("YWI=", Some("ab")),
            ("YWJj", Some("abc")),
            ("YWJj\nZA==", Some("abcd")),
            ("YQ", Some("a")),
            ("YQ=", None),
            ("Y", None),
            ("a b=c;", None),
            ("YQ==YQ==", None),
        ] {
            let got = decode(text);
            assert_eq!(got.as_deref(), bytes.map(str::as_bytes), "{text:?}");
        }
    }
}
