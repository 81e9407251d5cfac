//! Arguments in the frames of PHP's stack traces: `#0 /srv/db.php(12): PDO->__construct('…', 'u', 'p')`.

use std::ops::Range;

use crate::find::Hit;
use crate::place;
use crate::value;
use crate::why;

/// No frame is longer.
const LONGEST: usize = 8 << 10;

/// Looks at the frame that begins here; gives back where to go on.
pub(super) fn frame(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let digits = text[at + 1..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits == 0 || text.get(at + 1 + digits) != Some(&b' ') {
        return None;
    }
    let from = at + 1 + digits;
    let is_end = |w: &[u8]| w[0] == b'\n' || w == b"\\n";
    let most = (from + LONGEST).min(text.len());
    let len = text[from..most]
        .windows(2)
        .position(is_end)
        .unwrap_or(most - from);
    let line = &text[from..from + len];
    // `/path(12): name(` and `[internal function]: name(`.
    let call = place::find(line, b": ")? + 2;
    let open = call + line[call..].iter().position(|b| *b == b'(')?;
    call_arguments(text, &line[call..open], from + open + 1, from + len, out);
    Some(from + open + 1)
}

/// Hides the arguments of a call that takes a password.
pub(super) fn call_arguments(text: &[u8], name: &[u8], from: usize, to: usize, out: &mut Vec<Hit>) {
    // Of `Auth->check` the method.
    let method = name
        .rsplit(|b| *b == b'>' || *b == b':')
        .next()
        .unwrap_or(name);
    let lower =
        match method.len() > 3 && !name.ends_with(b"->__construct") && !name.ends_with(b"->auth") {
            true => method.to_ascii_lowercase(),
            false => name.to_ascii_lowercase(),
        };
    let which = which(&lower);
    let strings = strings(text, from, to);
    let count = strings.len();
    for (index, range) in strings.into_iter().enumerate() {
        let value = &text[range.clone()];
        let is_taken = match which {
            Which::Last => index + 1 == count,
            Which::Only(only) => only.contains(&index),
            Which::All => true,
            Which::Random => value.len() >= 12,
        };
        let is_harmless = value::is_path(value)
            || value.contains(&b'\\')
            || place::contains(value, b"://")
            || place::contains(value, b":host=")
            || matches!(
                value,
                b"localhost" | b"127.0.0.1" | b"root" | b"POST" | b"GET" | b"utf8mb4"
            );
        let is_secret = match which {
            Which::Random => value::looks_random(value) && value::is_plausible(value),
            Which::Only(_) | Which::Last => value.len() >= 3,
            Which::All => value::is_plausible(value) && !value::is_prose(value),
        };
        let is_sql = value.contains(&b' ') && which != Which::All;
        if is_taken && !is_harmless && is_secret && !is_sql {
            out.push(Hit::secret(range, &why::TRACE));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Only the last string.
    Last,
    /// Only the strings with these numbers.
    Only(&'static [usize]),
    /// All that are not plainly harmless.
    All,
    /// Only what looks random.
    Random,
}

fn which(lower: &[u8]) -> Which {
    let ends = |end: &[u8]| lower.ends_with(end);
    let has = |part: &[u8]| place::contains(lower, part);
    const LAST: [&[u8]; 3] = [b"ftp_login", b"imap_open", b"ldap_bind"];
    if LAST.iter().any(|name| ends(name)) {
        return Which::Last;
    }
    if ends(b"oci_connect") || ends(b"oci_pconnect") {
        return Which::Only(&[1]);
    }
    const THIRD: [&[u8]; 6] = [
        b"mysqli_connect",
        b"mysqli->__construct",
        b"mysqli->real_connect",
        b"mysqli->connect",
        b"pdo->__construct",
        b"mysql_connect",
    ];
    if THIRD.iter().any(|name| ends(name)) {
        return Which::Only(&[2]);
    }
    if ends(b"wpdb->__construct") {
        return Which::Only(&[1]);
    }
    const FIRST: [&[u8]; 6] = [
        b"password_verify",
        b"password_hash",
        b"->auth",
        b"md5",
        b"crypt",
        b"sodium_crypto_pwhash_str",
    ];
    if FIRST.iter().any(|name| ends(name)) {
        return Which::Only(&[0, 1]);
    }
    const PARTS: [&[u8]; 18] = [
        b"login",
        b"anmelde",
        b"connexion",
        b"entrar",
        b"auth",
        b"passw",
        b"token",
        b"secret",
        b"credential",
        b"signin",
        b"bearer",
        b"hash_hmac",
        b"encrypt",
        b"decrypt",
        b"apikey",
        b"connect",
        b"verify",
        b"attempt",
    ];
    match PARTS.iter().any(|part| has(part)) {
        true => Which::All,
        false => Which::Random,
    }
}

/// The insides of the quoted strings between two places, at most 32. A trace cuts them (`'abc...'`).
fn strings(text: &[u8], from: usize, to: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to && out.len() < 32 {
        let quote = text[at];
        if quote != b'\'' && quote != b'"' {
            at += 1;
            continue;
        }
        let inside = at + 1;
        let Some(len) = text[inside..to].iter().position(|b| *b == quote) else {
            break;
        };
        let cut = text[inside..inside + len]
            .strip_suffix(b"...")
            .map_or(len, <[u8]>::len);
        out.push(inside..inside + cut);
        at = inside + len + 1;
    }
    out
}
