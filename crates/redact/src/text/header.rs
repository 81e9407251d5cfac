//! Values of headers that carry credentials.

use std::ops::Range;

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::value;
use crate::why;

/// `Authorization`, `http_authorization`, `HTTP_PROXY_AUTHORIZATION`.
pub(crate) fn is_authorization(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b"authorization")
}

/// `Cookie`, `Set-Cookie`, `http_cookie`, `sent_http_set_cookie`.
pub(crate) fn is_cookie(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_slice(),
        b"cookie" | b"set-cookie" | b"http_cookie" | b"set_cookie" | b"cookies" | b"http-cookie"
    ) || lower.ends_with(b"_http_set_cookie")
        || lower.ends_with(b"_http_cookie")
}

const SCHEMES: [&[u8]; 12] = [
    b"basic",
    b"bearer",
    b"token",
    b"apikey",
    b"digest",
    b"negotiate",
    b"ntlm",
    b"key",
    b"api-key",
    b"jwt",
    b"hmac",
    b"aws4-hmac-sha256",
];

/// Whether a value begins with `Basic `, `Bearer ` or the like.
pub(super) fn has_scheme(value: &[u8]) -> bool {
    let first = value.iter().take_while(|b| **b != b' ').count();
    first < value.len()
        && SCHEMES
            .iter()
            .any(|scheme| value[..first].eq_ignore_ascii_case(scheme))
}

/// `Bearer 4f…` and `Basic dX…` without a name before them.
pub(super) fn bare(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let word = &text[start..end];
    if !matches!(word, b"Bearer" | b"Basic" | b"bearer") || text.get(end) != Some(&b' ') {
        return None;
    }
    let from = end + 1;
    let len = text[from..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_.=+/~".contains(b))
        .count();
    let value = &text[from..from + len];
    let is_credential =
        len >= 16 && value::looks_random(value) || word == b"Basic" && is_login(value);
    is_credential.then(|| {
        out.push(Hit::secret(from..from + len, &why::HEADER));
        from + len
    })
}

/// Base64 of `user:password`.
fn is_login(value: &[u8]) -> bool {
    let plain = base::base64::decode(value);
    plain.is_some_and(|plain| {
        plain.contains(&b':') && plain.iter().all(|b| b.is_ascii_graphic() || *b == b' ')
    })
}

/// Hides the credentials of `Basic …`, `Bearer …`, `Token token=…`; gives back where they end.
pub(crate) fn authorization(
    text: &[u8],
    value: Range<usize>,
    quote: Option<u8>,
    out: &mut Vec<Hit>,
) -> Option<usize> {
    let mut from = value.start;
    let is_end = |b: &u8| match quote {
        Some(quote) => *b == quote || *b == b'\\' || *b == b'\n',
        None => b"\"'\r\n\\<>;".contains(b),
    };
    // No credentials are longer.
    let most = (from + (16 << 10)).min(text.len());
    let all = text[from..most]
        .iter()
        .position(is_end)
        .map_or(most, |len| from + len);
    let first = text[from..all].iter().take_while(|b| **b != b' ').count();
    let is_scheme = SCHEMES
        .iter()
        .any(|scheme| text[from..from + first].eq_ignore_ascii_case(scheme));
    if is_scheme {
        from += first;
        from += text[from..all].iter().take_while(|b| **b == b' ').count();
    }
    for name in [b"token=".as_slice(), b"key=", b"api_key="] {
        from += if text[from..all].starts_with(name) {
            name.len()
        } else {
            0
        };
    }
    let to = match quote {
        Some(_) => all,
        None => {
            from + text[from..all]
                .iter()
                .take_while(|b| !b.is_ascii_whitespace() && **b != b',')
                .count()
        }
    };
    push_literals(text, from..to, is_scheme, out);
    Some(to.max(value.start + 1))
}

/// What is left of a value when its variables are taken out.
fn push_literals(text: &[u8], range: Range<usize>, is_scheme: bool, out: &mut Vec<Hit>) {
    let value = &text[range.clone()];
    if value.contains(&b'$') && !value.starts_with(b"$2") {
        return;
    }
    let is_word =
        value::is_prose(value) || !is_scheme && !value::looks_random(value) && value.len() < 12;
    if value::is_plausible(value) && !is_word {
        out.push(Hit::secret(range, &why::HEADER));
    }
}

/// Hides the cookies of a `Cookie:` header that can be those of a session; gives back its end.
pub(crate) fn cookies(text: &[u8], range: Range<usize>, out: &mut Vec<Hit>) -> usize {
    let mut at = range.start;
    let end = range.start
        + text[range.clone()]
            .iter()
            .take_while(|b| !b"\"\r\n\\".contains(b))
            .count();
    while at < end {
        let len = text[at..end].iter().take_while(|b| **b != b';').count();
        cookie(text, at..at + len, out);
        at += len + 1;
    }
    end.max(range.start)
}

/// The same for `Set-Cookie:`, of which only the first pair is a cookie.
pub(crate) fn set_cookie(text: &[u8], range: Range<usize>, out: &mut Vec<Hit>) -> usize {
    let is_end = |b: &&u8| !b"\";\r\n\\".contains(b);
    let len = text[range.clone()].iter().take_while(is_end).count();
    cookie(text, range.start..range.start + len, out);
    range.start + len
}

fn cookie(text: &[u8], pair: Range<usize>, out: &mut Vec<Hit>) {
    let inside = &text[pair.clone()];
    let Some(sign) = inside.iter().position(|b| *b == b'=') else {
        return;
    };
    let name = inside[..sign].trim_ascii();
    let from = pair.start + sign + 1;
    let blanks = text[from..pair.end]
        .iter()
        .take_while(|b| **b == b' ')
        .count();
    let from = from + blanks;
    let value = text[from..pair.end]
        .split(|b| *b == b' ')
        .next()
        .unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let of_session = |part: &&[u8]| crate::place::contains(&lower, part);
    const SESSIONS: [&[u8]; 8] = [
        b"sess",
        b"sid",
        b"auth",
        b"remember",
        b"token",
        b"login",
        b"jwt",
        b"wordpress_",
    ];
    const TRACKERS: [&[u8]; 6] = [b"_ga", b"_gid", b"_fbp", b"__utm", b"_pk_", b"consent"];
    let is_tracker = TRACKERS.iter().any(|part| lower.starts_with(part));
    let said = match SESSIONS.iter().any(of_session) {
        true => Meaning::Secret,
        false => name::meaning(name).max(Meaning::Suspicious),
    };
    let is_number = value.iter().all(u8::is_ascii_digit);
    let is_random = said == Meaning::Secret || !is_number && value.len() > 6;
    if !is_tracker && is_random && value::is_secret(value, said) && !value.starts_with(b"$") {
        out.push(Hit::secret(from..from + value.len(), &why::COOKIE));
    }
}
