//! Masking: secret bytes are starred out before anything is shown.
//!
//! Finding secrets is the work of whoever knows the language; this file knows which *names*
//! usually hold one, and how to cover bytes without changing their number.

/// Parts of names whose values are secret, lower case. Matched as parts of a name with `_`, `-`,
/// `.` and brackets taken as they come: `DB_PASSWORD`, `env[API_KEY]`, `X-Auth-Token`.
const SECRET_NAME_PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "access-key",
    "accesskey",
    "private_key",
    "credential",
    "authorization",
    "cookie",
    "auth_key",
    "auth_salt",
    "session_key",
    "encryption_key",
    "app_key",
    "dsn",
    "database_url",
    "redis_url",
    "smtp_pass",
    "db_pass",
    "save_path",
    "signature",
];

/// Whether a value under this name is to be hidden.
pub fn is_secret_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_NAME_PARTS
        .iter()
        .any(|part| lower.windows(part.len()).any(|w| w == part.as_bytes()))
}

/// The range of the password in `scheme://user:password@host`, if the text has one.
pub fn password_in_url(text: &[u8]) -> Option<std::ops::Range<usize>> {
    let scheme_end = text.windows(3).position(|w| w == b"://")? + 3;
    let rest = &text[scheme_end..];
    let authority_end = rest
        .iter()
        .position(|&b| matches!(b, b'/' | b'?' | b'#' | b' ' | b'"' | b'\''))
        .unwrap_or(rest.len());
    let authority = &rest[..authority_end];
    let at = authority.iter().rposition(|&b| b == b'@')?;
    let colon = authority[..at].iter().position(|&b| b == b':')?;
    (colon + 1 < at).then_some(scheme_end + colon + 1..scheme_end + at)
}

/// A copy of `bytes[window]` in which the secret ranges (absolute offsets, sorted) are starred
/// out. Line feeds inside a secret stay, so that lines keep their numbers.
pub fn masked(bytes: &[u8], window: std::ops::Range<usize>, secrets: &[(u32, u32)]) -> Vec<u8> {
    let mut out = bytes[window.clone()].to_vec();
    for &(start, end) in secrets {
        let from = (start as usize).clamp(window.start, window.end) - window.start;
        let to = (end as usize).clamp(window.start, window.end) - window.start;
        for byte in &mut out[from..to] {
            if *byte != b'\n' {
                *byte = b'*';
            }
        }
    }
    out
}
