//! Hashes of passwords as `crypt`, htpasswd and LDAP write them.

use crate::find::Hit;
use crate::why;

/// `$2y$10$…`, `$apr1$…`, `$6$…`, `$argon2id$…`.
pub(super) fn dollar(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    const KINDS: [&[u8]; 16] = [
        b"$apr1$",
        b"$2y$",
        b"$2a$",
        b"$2b$",
        b"$2x$",
        b"$1$",
        b"$5$",
        b"$6$",
        b"$y$",
        b"$argon2i$",
        b"$argon2id$",
        b"$argon2d$",
        b"$scrypt$",
        b"$pbkdf2",
        b"$P$B",
        b"$H$9",
    ];
    let rest = &text[at..];
    let kind = KINDS.iter().find(|kind| rest.starts_with(kind))?;
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"$./=,+-*".contains(b);
    let len = rest.iter().take_while(is_part).count();
    // Compose writes every dollar twice.
    (len > kind.len() + 8).then(|| {
        out.push(Hit::secret(at..at + len, &why::PASSWORD_HASH));
        at + len
    })
}

/// `*` and 40 capital hexadecimal digits: MySQL's.
pub(super) fn star(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let is_part = |b: &&u8| b.is_ascii_digit() || matches!(b, b'A'..=b'F');
    let len = text[at + 1..].iter().take_while(is_part).count();
    (len == 40).then(|| {
        out.push(Hit::secret(at..at + 41, &why::PASSWORD_HASH));
        at + 41
    })
}

/// `{SHA}…`, `{SSHA}…`, `{PLAIN}…`.
pub(super) fn brace(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    const KINDS: [&[u8]; 8] = [
        b"{SHA}",
        b"{SSHA}",
        b"{PLAIN}",
        b"{CRYPT}",
        b"{MD5}",
        b"{SMD5}",
        b"{SHA256}",
        b"{SSHA512}",
    ];
    let rest = &text[at..];
    let kind = KINDS
        .iter()
        .find(|kind| rest.len() > kind.len() && rest[..kind.len()].eq_ignore_ascii_case(kind))?;
    let from = at + kind.len();
    let is_part = |b: &&u8| !b.is_ascii_whitespace() && !b"\"':;".contains(b);
    let len = text[from..].iter().take_while(is_part).count();
    (len >= 3).then(|| {
        out.push(Hit::secret(from..from + len, &why::PASSWORD_HASH));
        from + len
    })
}
