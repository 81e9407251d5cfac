//! The password of a browser (RFC 7617): `Authorization: Basic base64(name:password)`.

/// The password; the name is whatever was typed.
pub(super) fn password(credentials: &str) -> Option<Vec<u8>> {
    let bytes = decode(credentials.trim().as_bytes())?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    Some(bytes[colon + 1..].to_vec())
}

/// Base64 (RFC 4648).
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'=');
    let (digits, padding) = text.split_at(end.unwrap_or(text.len()));
    if !text.len().is_multiple_of(4) || padding.len() > 2 || padding.iter().any(|b| *b != b'=') {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, password};

    #[test]
    fn texts_of_the_standard() {
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(decode(code.as_bytes()), Some(text.into()), "{text}");
        }
        for wrong in [
            "Zg",
            "Zg=",
            "Z===",
            "Zm9v=",
            "Zm9v====",
            "Zm 9v",
            "Zg=a",
            "\u{e9}\u{e9}",
        ] {
            assert_eq!(decode(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn the_password_stands_behind_the_name() {
        assert_eq!(
            password("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            Some(b"open sesame".to_vec())
        );
        assert_eq!(password("QWxhZGRpbg=="), None);
    }
}
