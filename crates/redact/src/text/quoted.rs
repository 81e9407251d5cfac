//! Generated values in quotes that no name announces: `jwt:verify("7DpXspZF…", token)`,
//! `proxy_set_header X-Origin "nrf485…"`.

use crate::find::Hit;
use crate::value;
use crate::why;

/// Shorter ones may be names; longer ones are data.
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=128;

/// Looks at the text whose quote opens here.
pub(super) fn at(text: &[u8], at: usize, out: &mut Vec<Hit>) {
    let quote = text[at];
    let rest = &text[at + 1..];
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"+/_-".contains(b);
    let most = LENGTHS.end() + 1;
    let len = rest.iter().take(most).take_while(is_part).count();
    // Base64 ends in them; in the middle they part a name from a value.
    let len = len
        + rest[len..]
            .iter()
            .take(2)
            .take_while(|b| **b == b'=')
            .count();
    if !LENGTHS.contains(&len) || rest.get(len) != Some(&quote) {
        return;
    }
    let behind = rest[len + 1..].trim_ascii_start();
    let is_key = behind.starts_with(b":") || behind.starts_with(b"=>");
    if !is_key && is_secret(&rest[..len], &text[..at]) {
        out.push(Hit::secret(at + 1..at + 1 + len, &why::RANDOM_TEXT));
    }
}

fn is_secret(value: &[u8], before: &[u8]) -> bool {
    // `$key eq "…"`, `token == "…"`: a visitor who sends it is let in.
    let code = before.trim_ascii_end();
    let is_compared = [b" eq".as_slice(), b" ne", b"===", b"!=="]
        .iter()
        .any(|sign| code.ends_with(sign));
    match is_compared {
        true => value::looks_random(value) && value::is_plausible(value),
        false => is_generated(value) && !is_told(before),
    }
}

/// Whether a name before the quote says what stands in it: `"reqId": "`, `pin-sha256="`. Those that
/// mean a secret are known; `value` says nothing.
fn is_told(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let (before, is_assigned) = match before.split_last() {
        Some((b':', before)) => (before, false),
        Some((b'=', before)) => (before, true),
        _ => return false,
    };
    // `$sum == "…"`
    let before = before.strip_suffix(b"=").unwrap_or(before);
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let from = before.iter().rposition(|b| !super::is_name(*b));
    let name = &before[from.map_or(0, |at| at + 1)..];
    // Behind `=` nearly anything may stand, but for these.
    const SUMS: [&[u8]; 14] = [
        b"sha",
        b"sum",
        b"hash",
        b"digest",
        b"pin",
        b"nonce",
        b"integrity",
        b"etag",
        b"print",
        b"public",
        b"pub",
        b"cert",
        b"id",
        b"uuid",
    ];
    let lower = name.to_ascii_lowercase();
    if is_assigned {
        return SUMS.iter().any(|sum| crate::place::contains(&lower, sum));
    }
    const SILENT: [&[u8]; 4] = [b"value", b"default", b"data", b"session"];
    // `if ($arg_name = "…")`: what a visitor sent is compared.
    let is_sent = lower.starts_with(b"arg_") || lower.starts_with(b"http_");
    !is_sent
        && !SILENT
            .iter()
            .any(|silent| name.eq_ignore_ascii_case(silent))
}

/// Small and capital letters and digits, changing as in no name. Hexadecimal digits are sums and
/// ids far more often than secrets.
fn is_generated(value: &[u8]) -> bool {
    let has = |f: fn(&u8) -> bool| value.iter().any(f);
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && value::changes(value) * 3 > value.len()
        && value::entropy(value) > 3.7
        && value::is_plausible(value)
}
