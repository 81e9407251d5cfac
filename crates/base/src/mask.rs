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
    "sessid",
    "encryption_key",
    "app_key",
    "dsn",
    "database_url",
    "redis_url",
    "smtp_pass",
    "db_pass",
    "save_path",
    "signature",
    "secure_link",
    "license",
];

/// Whole words of names whose values are secret: `mysqli.default_pw`, `MAIL_PASS`.
const SECRET_WORDS: &[&[u8]] = &[b"pw", b"pass", b"psk", b"salt", b"jwt", b"bearer"];

/// Words that say so at the end of a name: `STRIPE_KEY`, `X-Auth`.
const SECRET_ENDS: &[&[u8]] = &[b"key", b"auth"];

/// What a server is passed to is no secret.
const NOT_SECRET: &[&[u8]] = &[
    b"fastcgi_cache_key",
    b"fastcgi_pass",
    b"grpc_pass",
    b"memcached_pass",
    b"pass",
    b"proxy_cache_key",
    b"proxy_pass",
    b"proxy_ssl_certificate_key",
    b"scgi_cache_key",
    b"scgi_pass",
    b"ssl_certificate_key",
    b"uwsgi_cache_key",
    b"uwsgi_pass",
];

/// Whether a value under this name is to be hidden.
pub fn is_secret_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    // Asked of every word of a file: most places begin no part at all.
    let begins = |rest: &[u8]| {
        let parts = SECRET_NAME_PARTS.iter().map(|part| part.as_bytes());
        let mut fitting = parts.filter(|part| part[0] == rest[0]);
        fitting.any(|part| rest.starts_with(part))
    };
    if (0..lower.len()).any(|at| begins(&lower[at..])) {
        return true;
    }
    if NOT_SECRET.contains(&lower.as_slice()) {
        return false;
    }
    let words = || lower.split(|b| !b.is_ascii_alphanumeric());
    let last = words().rfind(|word| !word.is_empty());
    words().any(|word| SECRET_WORDS.contains(&word))
        || last.is_some_and(|word| SECRET_ENDS.contains(&word) && words().count() > 1)
}

/// The range of the secret in `scheme://user:password@host` or `scheme://token@host`, if the text
/// has one.
pub fn password_in_url(text: &[u8]) -> Option<std::ops::Range<usize>> {
    let scheme_end = text.windows(3).position(|w| w == b"://")? + 3;
    let rest = &text[scheme_end..];
    let is_end = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b';' | b'`');
    let word_end = rest.iter().position(is_end).unwrap_or(rest.len());
    let word = &rest[..word_end];
    let path = word.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
    let authority = &word[..path.unwrap_or(word.len())];
    let colon = authority.iter().position(|&b| b == b':');
    let at = match authority.iter().rposition(|&b| b == b'@') {
        Some(at) => at,
        // A password with a slash in it; what follows a colon is no port then.
        None => {
            let behind = &authority[colon? + 1..];
            let is_port = !behind.is_empty() && behind.iter().all(u8::is_ascii_digit);
            let at = word.iter().rposition(|&b| b == b'@');
            at.filter(|_| !is_port && !behind.starts_with(b"$"))?
        }
    };
    let from = match colon.filter(|colon| *colon < at) {
        Some(colon) => colon + 1,
        None => 0,
    };
    (from < at).then_some(scheme_end + from..scheme_end + at)
}

/// How far a quoted secret may span lines.
const LONGEST: usize = 64 << 10;

/// The secrets of any text by what stands in front of them: `name = value`, `"name": "value"`,
/// `--name=value`, `name value`. Each reaches to the end of its line or statement: rather too much
/// than too little. Ranges are sorted and do not overlap.
pub fn scan(text: &[u8]) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    let mut push = |from: usize, to: usize| {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if from < to {
            out.push((number(from), number(to)));
        }
    };
    let mut at = 0;
    while let Some(found) = password_in_url(&text[at..]) {
        push(at + found.start, at + found.end);
        at += found.end;
    }
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'$');
    let mut at = 0;
    while at < text.len() {
        if !is_name(text[at]) {
            at += 1;
            continue;
        }
        let len = text[at..].iter().take_while(|b| is_name(**b)).count();
        let (start, end) = (at, at + len);
        at = end;
        let name = &text[start..end];
        // `$http_authorization` is read, not written.
        let is_read = name.starts_with(b"$") && !text[..start].ends_with(b"set ");
        if len > 128 || is_read || !is_secret_name(name) {
            continue;
        }
        if let Some((from, to)) = value_behind(text, end) {
            push(from, to);
            at = to;
        }
    }
    merged(out)
}

/// The value behind a name that ends here: behind blanks, signs of assignment and quotes.
fn value_behind(text: &[u8], end: usize) -> Option<(usize, usize)> {
    let between = text[end..].iter().take(32);
    let skipped = between.take_while(|b| b"]\"' \t=:>\\".contains(b)).count();
    let from = end + skipped;
    let is_value = skipped > 0
        && text
            .get(from)
            .is_some_and(|b| !matches!(b, b'\n' | b'\r' | b';'));
    if !is_value {
        return None;
    }
    let signs = &text[end..from];
    // The quote that is open: one behind a sign of assignment or a blank.
    let quote = signs.iter().rposition(|b| matches!(b, b'"' | b'\''));
    let quote = quote.filter(|at| *at > 0).map(|at| signs[at]);
    let mut to = from;
    if let Some(quote) = quote {
        let inside = text[from..].iter().take(LONGEST);
        let closed = inside.clone().position(|b| *b == quote);
        to = from + closed.map_or_else(|| line_len(&text[from..]), |len| len + 1);
    }
    let rest = text[to..].iter();
    to += rest
        .take_while(|b| !matches!(b, b';' | b'\n' | b'\r'))
        .count();
    Some((from, to))
}

fn line_len(text: &[u8]) -> usize {
    text.iter()
        .take_while(|b| !matches!(b, b'\n' | b'\r'))
        .count()
}

/// Sorted, without overlaps.
pub fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.retain(|range| range.0 < range.1);
    ranges.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.0 <= last.1 => last.1 = last.1.max(range.1),
            _ => out.push(range),
        }
    }
    out
}

/// A message with the secrets that it quotes starred out: `password=…`, addresses.
pub fn masked_text(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut ranges = Vec::new();
    for (from, to) in scan(bytes) {
        let (from, to) = (from as usize, to as usize);
        let is_assigned = bytes[..from].ends_with(b"=") || bytes[..from].ends_with(b"://");
        let is_url = bytes.get(to) == Some(&b'@');
        if is_assigned || is_url || bytes[..from].ends_with(b":") {
            let is_end =
                |b: &u8| b.is_ascii_whitespace() || matches!(b, b'`' | b'\'' | b'"' | b',');
            let len = bytes[from..to].iter().position(is_end).unwrap_or(to - from);
            ranges.push((from, from + len));
        }
    }
    if ranges.is_empty() {
        return text.to_owned();
    }
    let mut out = bytes.to_vec();
    for (from, to) in ranges {
        out[from..to].fill(b'*');
    }
    String::from_utf8_lossy(&out).into_owned()
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
