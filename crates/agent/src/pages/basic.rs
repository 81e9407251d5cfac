//! The password of a browser (RFC 7617): `Authorization: Basic base64(name:password)`.

/// The password; the name is whatever was typed.
pub(super) fn password(credentials: &str) -> Option<Vec<u8>> {
    let bytes = base::base64::decode(credentials.trim().as_bytes())?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    Some(bytes[colon + 1..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn the_password_stands_behind_the_name() {
        assert_eq!(
            password("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            Some(b"open sesame".to_vec())
        );
        for wrong in [
            "QWxhZGRpbg==",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
            "Zm9v====",
            "é",
        ] {
            assert_eq!(password(wrong), None, "{wrong}");
        }
    }
}
