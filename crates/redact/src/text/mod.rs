//! Secrets in any text: configuration of all languages, comments, logs, messages.
//!
//! One pass over the bytes. What is looked for begins with a name, or with one of a few signs.

mod assigned;
mod command;
mod hash;
mod header;
mod pem;
pub(crate) mod prose;
mod quoted;
mod token;
mod trace;
mod url;

pub(crate) use assigned::{Assigned, LONGEST, Sign, assigned, cut_comment};
pub(crate) use header::{authorization, cookies, is_authorization, is_cookie, set_cookie};

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::value;
use crate::why::{self, Why};

/// How far a line is looked at before a place: a file may be one line.
const FAR: usize = 512;

/// The line before a place, as far as it is looked at.
fn line_before(text: &[u8], at: usize) -> &[u8] {
    let near = &text[at.saturating_sub(FAR)..at];
    let end = near.iter().rposition(|b| *b == b'\n');
    &near[end.map_or(0, |end| end + 1)..]
}

/// How much of a word is left behind a place. A value that was cut where looking ends goes on to
/// where its word ends.
pub(crate) fn rest_of_word(behind: &[u8]) -> usize {
    let is_end = |b: &u8| b.is_ascii_whitespace() || b"\"'`,;<".contains(b);
    behind.iter().position(is_end).unwrap_or(behind.len())
}

/// What is known of the text around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nothing: any text.
    Plain,
    /// A blank between name and value is enough: statements that no tree could be made of.
    Statements,
}

/// Adds everything that is found in `text[range]`, with offsets into `text`.
pub(crate) fn find(text: &[u8], range: std::ops::Range<usize>, manner: Manner, out: &mut Vec<Hit>) {
    let end = range.end;
    let text = &text[..end];
    let mut at = range.start;
    while at < end {
        let byte = text[at];
        if is_name(byte) {
            let len = text[at..].iter().take_while(|b| is_name(**b)).count();
            at = word(text, at, at + len, manner, out).max(at + 1);
            continue;
        }
        let next = match byte {
            b':' if text[at..].starts_with(b"://") => url::at(text, at, out),
            b'@' => url::userinfo(text, at, out),
            b'$' => hash::dollar(text, at, out),
            b'*' => hash::star(text, at, out),
            b'{' => hash::brace(text, at, out),
            b'-' => pem::at(text, at, out),
            b'#' => trace::frame(text, at, out),
            b'"' | b'\'' => {
                quoted::at(text, at, out);
                None
            }
            _ => None,
        };
        at = next.unwrap_or(at + 1);
    }
}

/// Bytes of names. A dollar is none: `$http_cookie` is read, not written.
pub(crate) fn is_name(byte: u8) -> bool {
    NAME_BYTES[usize::from(byte)]
}

static NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte == b'-';
        at += 1;
    }
    table
};

/// Looks at a word and at what stands behind it; gives back where to go on.
fn word(text: &[u8], start: usize, end: usize, manner: Manner, out: &mut Vec<Hit>) -> usize {
    if let Some(to) = token::at(text, start, end, out) {
        return to;
    }
    if let Some(to) = header::bare(text, start, end, out) {
        return to;
    }
    let raw = &text[start..end];
    if raw.starts_with(b"-----BEGIN") {
        return pem::at(text, start, out).unwrap_or(end);
    }
    // `\\x22password\\x22`: a quote as nginx writes it into its logs.
    let escaped = text[..start].ends_with(b"\\") && raw.starts_with(b"x22");
    let start = start + if escaped { 3 } else { 0 };
    let raw = &text[start..end];
    let name_start = start
        + raw
            .iter()
            .take_while(|b| **b == b'-' || **b == b'.')
            .count();
    let word = &text[name_start..end];
    let before = start.checked_sub(1).map(|at| text[at]);
    if before == Some(b'/')
        && text.get(end) == Some(&b'/')
        && let Some(to) = path_token(text, start, end, out)
    {
        return to;
    }
    // `user%5Bpassword%5D=…`: the word begins behind the bracket.
    let bracket = before == Some(b'%') && word.len() > 2 && word[..2].eq_ignore_ascii_case(b"5b");
    let word = if bracket { &word[2..] } else { word };
    let is_parameter =
        bracket || matches!(before, Some(b'?' | b'&')) || text[..start].ends_with(b"&amp;");
    if !is_parameter && !name::may_speak(word) {
        return command::at(text, start, end, out).unwrap_or(end);
    }
    if let Some(to) = command::at(text, start, end, out) {
        return to;
    }
    // `$http_authorization`, `${TOKEN}`: read, not written, unless something is set.
    let is_read = matches!(before, Some(b'$')) && !text[..start - 1].ends_with(b"set ");
    // Names of annotations and metrics that only mention a secret.
    if before == Some(b'/')
        && (text[..start].ends_with(b"checksum/") || text[..start].ends_with(b".io/"))
    {
        return end;
    }
    let said = match is_parameter {
        true => name::parameter(word),
        false if raw.starts_with(b"-") => name::meaning(word),
        false if matches!(word, b"key" | b"Key" | b"KEY" | b"keys") => {
            name::meaning(&with_word_before(text, start, word))
        }
        false => name::meaning(word),
    };
    if said == Meaning::Nothing && !is_cookie(word) {
        return end;
    }
    if is_read && !is_assigned_variable(text, start, end) {
        return end;
    }
    let Some(found) = assigned(text, start, end, manner) else {
        return end;
    };
    // `vault.hashicorp.com/agent-inject-secret-db: …`: the name of an annotation.
    if before == Some(b'/') && found.sign == Sign::Colon && follows_domain(text, start) {
        return end;
    }
    // `pkcs11:token=name;…`: where a key is.
    if text[..start].ends_with(b"pkcs11:") {
        return end;
    }
    // `Passwort: bitte beim Support erfragen`
    if found.sign == Sign::Colon && begins_sentence(text, &found.value) {
        return end;
    }
    // `secrets:list`, `jwt.lua:31`: no name of a value has its colon glued to a plain word.
    let is_glued = found.sign == Sign::Colon
        && found.quote.is_none()
        && text.get(found.value.start - 1) == Some(&b':')
        && text[found.value.start] != b'[';
    if is_glued
        && !value::looks_random(&text[found.value.clone()])
        && !is_authorization(word)
        && !is_cookie(word)
    {
        return end;
    }
    if is_authorization(word) {
        return authorization(text, found.value.clone(), found.quote, out).unwrap_or(end);
    }
    if is_cookie(word) {
        return cookie(text, word, end, &found, out);
    }
    let why = match (is_parameter, found.sign) {
        (true, _) => &why::QUERY,
        (_, Sign::Call) => &why::ARGUMENT,
        (_, Sign::Option) => &why::OPTION,
        (_, Sign::Pair) => &why::PAIRED,
        _ => &why::NAMED,
    };
    hide(text, &found, said, why, out);
    end
}

/// A plain word, and another behind it.
fn begins_sentence(text: &[u8], value: &std::ops::Range<usize>) -> bool {
    let is_plain = text[value.clone()].iter().all(u8::is_ascii_lowercase);
    let mut behind = text[value.end..].iter();
    is_plain && behind.next() == Some(&b' ') && behind.next().is_some_and(u8::is_ascii_alphabetic)
}

/// The value of a header of cookies; gives back where to go on.
fn cookie(text: &[u8], word: &[u8], end: usize, found: &Assigned, out: &mut Vec<Hit>) -> usize {
    // `"cookies":{"name":"value"}`: each has its own name.
    if text[found.value.start] == b'{' {
        return end;
    }
    let skipped = text[found.line.clone()]
        .iter()
        .take_while(|b| b"[\"' ".contains(b))
        .count();
    let line = found.line.start + skipped..found.line.end;
    match word.to_ascii_lowercase().starts_with(b"set") {
        true => set_cookie(text, line, out),
        false => cookies(text, line, out),
    }
}

/// `cache key`, `API key`: two words that are one name.
fn with_word_before(text: &[u8], start: usize, word: &[u8]) -> Vec<u8> {
    let before = text[..start].strip_suffix(b" ").unwrap_or_default();
    let len = before
        .iter()
        .rev()
        .take(24)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    [&before[before.len() - len..], b"_", word].concat()
}

/// `/reset/3f9a…`: a token that is good for one visit.
fn path_token(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    const PLACES: [&[u8]; 14] = [
        b"reset",
        b"verify",
        b"activate",
        b"activation",
        b"confirm",
        b"invite",
        b"invitation",
        b"magic",
        b"unsubscribe",
        b"token",
        b"password-reset",
        b"reset-password",
        b"verify-email",
        b"magic-link",
    ];
    let is_place = text[..start].ends_with(b"/")
        && text.get(end) == Some(&b'/')
        && PLACES.contains(&&text[start..end]);
    if !is_place {
        return None;
    }
    let from = end + 1;
    let len = text[from..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_.=~".contains(b))
        .count();
    let is_token = len >= 16 && value::looks_random(&text[from..from + len]);
    is_token.then(|| {
        out.push(Hit::secret(from..from + len, &why::PATH_TOKEN));
        from + len
    })
}

/// Whether a slash before a place ends the name of a domain.
fn follows_domain(text: &[u8], start: usize) -> bool {
    let before = &text[..start - 1];
    let len = before
        .iter()
        .rev()
        .take(64)
        .take_while(|b| is_name(**b))
        .count();
    before[before.len() - len..].contains(&b'.')
}

/// `$password = '…'`, `$config['token'] = …`, `${NAME:-fallback}`.
fn is_assigned_variable(text: &[u8], start: usize, end: usize) -> bool {
    let behind = text[end..].trim_ascii_start();
    let is_read = start >= 2 && text[start - 1] == b'{';
    behind.starts_with(b"=") && !behind.starts_with(b"==") && !is_read
        || behind.starts_with(b"['")
        || behind.starts_with(b":-")
}

/// Hides an assigned value if it can be a secret.
fn hide(text: &[u8], found: &Assigned, said: Meaning, why: &'static Why, out: &mut Vec<Hit>) {
    let value = &text[found.value.clone()];
    // `[[…]]` is how Lua quotes.
    if let Some(inner) = value.strip_prefix(b"[[")
        && let Some(len) = crate::place::find(inner, b"]]")
        && found.sign == Sign::Equals
        && value::is_secret(&inner[..len], said)
    {
        let from = found.value.start + 2;
        out.push(Hit::secret(from..from + len, why));
        return;
    }
    if found.quote.is_none() {
        match value.first() {
            Some(b'[') => return array(text, found.line.clone(), b']', said, out),
            Some(b'{') => return array(text, found.line.clone(), b'}', Meaning::Suspicious, out),
            _ => {}
        }
        if let Some(inner) = decoded(text, found.line.clone()) {
            out.push(Hit::secret(inner, why));
            return;
        }
    }
    if matches!(value.first(), Some(b'{' | b'[')) && value.contains(&b'"') {
        return;
    }
    if header::has_scheme(value) {
        header::authorization(text, found.value.clone(), found.quote, out);
        return;
    }
    // `auth = "user:password"`, `SWAGGER_BASIC=user:password`.
    let said = match said {
        Meaning::Suspicious if is_pin(text, found, value) => Meaning::Secret,
        Meaning::Suspicious if is_login(value) && says_auth(text, found.value.start) => {
            Meaning::Secret
        }
        said => said,
    };
    // `{ "token": { … } }`, `password: |`: what follows is looked at on its own.
    if matches!(value.first(), Some(b'{' | b'[' | b'|' | b'>')) && found.quote.is_none() {
        return;
    }
    // `${NAME:-fallback}`: the fallback is the value.
    if let Some(inner) = fallback(value) {
        let from = found.value.start + inner;
        let len = text[from..found.value.end]
            .iter()
            .take_while(|b| **b != b'}')
            .count();
        if value::is_secret(&text[from..from + len], said) {
            out.push(Hit::secret(from..from + len, why));
        }
        return;
    }
    // An address hides its own password; the rest of it is worth seeing.
    if crate::place::contains(value, b"://") || holds_connection(value) {
        return;
    }
    let is_sentence = found.quote.is_none() && found.sign != Sign::Equals;
    if is_sentence && value::is_prose(first_word(value)) {
        return;
    }
    let why = match said {
        Meaning::Suspicious if why.id == why::NAMED.id => &why::RANDOM,
        _ => why,
    };
    if found.quote.is_none()
        && let Some(inner) = hashed(text, found.line.clone())
    {
        out.push(Hit::secret(inner, why));
        return;
    }
    let echo: &[u8] = b"echo ";
    let skipped = if value.starts_with(echo) {
        echo.len()
    } else {
        0
    };
    let from = found.value.start + skipped;
    let to = found.value.end;
    if value::is_secret(&text[from..to], said) {
        out.push(Hit::secret(from..to, why));
        // `"a"b`: what is glued to a quoted value.
        let glued = to + 1
            ..to + 1
                + text.get(to + 1..).map_or(0, |rest| {
                    rest.iter()
                        .take_while(|b| b.is_ascii_alphanumeric())
                        .count()
                });
        // One that was cut has no quote behind it.
        let is_closed = found.quote.is_some() && value.len() < LONGEST;
        if is_closed && !glued.is_empty() {
            out.push(Hit::secret(glued, why));
        }
    }
}

/// `admin_pin = "7358"`: a number of a few digits.
fn is_pin(text: &[u8], found: &Assigned, value: &[u8]) -> bool {
    let before = tail(text, found.value.start).to_ascii_lowercase();
    let name = before.trim_ascii_end();
    let name = name
        .strip_suffix(b"\"")
        .or_else(|| name.strip_suffix(b"'"))
        .unwrap_or(name)
        .trim_ascii_end();
    let name = name
        .strip_suffix(b"=")
        .or_else(|| name.strip_suffix(b":"))
        .unwrap_or(name)
        .trim_ascii_end();
    (4..=8).contains(&value.len())
        && value.iter().all(u8::is_ascii_digit)
        && (name.ends_with(b"_pin") || name.ends_with(b" pin"))
}

/// The bytes before a place, as far as a name reaches.
fn tail(text: &[u8], at: usize) -> &[u8] {
    &text[at.saturating_sub(24)..at]
}

/// Whether the name before a value is about logging in.
fn says_auth(text: &[u8], at: usize) -> bool {
    let name = tail(text, at).to_ascii_lowercase();
    crate::place::contains(&name, b"auth") || crate::place::contains(&name, b"basic")
}

/// `user:password`, not `host:port`.
fn is_login(value: &[u8]) -> bool {
    let mut parts = value.splitn(2, |b| *b == b':');
    let (user, rest) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let is_port = rest.iter().all(u8::is_ascii_digit);
    !user.is_empty()
        && rest.len() > 4
        && !is_port
        && !value.contains(&b'/')
        && !value.contains(&b' ')
}

/// `PASSWORD('…')`, `MD5('…')`: a password in the clear, in SQL.
fn hashed(text: &[u8], line: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    const CALLS: [&[u8]; 8] = [
        b"PASSWORD(",
        b"OLD_PASSWORD(",
        b"MD5(",
        b"SHA1(",
        b"SHA2(",
        b"SHA(",
        b"ENCRYPT(",
        b"CRYPT(",
    ];
    let rest = &text[line.clone()];
    let call = CALLS
        .iter()
        .find(|call| rest.len() > call.len() && rest[..call.len()].eq_ignore_ascii_case(call))?;
    let from = line.start + call.len() + 1;
    let quote = *text.get(from - 1).filter(|b| matches!(b, b'\'' | b'"'))?;
    let len = text[from..line.end].iter().position(|b| *b == quote)?;
    value::is_plausible(&text[from..from + len]).then_some(from..from + len)
}

/// `base64_decode('…')`, `hex2bin('…')`: the text that is decoded.
fn decoded(text: &[u8], line: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let call = &text[line.clone()];
    let name = call
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b))
        .count();
    let quote = *call.get(name + 1).filter(|b| matches!(b, b'"' | b'\''))?;
    let from = line.start + name + 2;
    let len = text[from..line.end].iter().position(|b| *b == quote)?;
    let value = &text[from..from + len];
    const DECODERS: [&[u8]; 7] = [
        b"base64",
        b"b64",
        b"hex",
        b"decode",
        b"from_base",
        b"bytes",
        b"unpack",
    ];
    let lower = call[..name].to_ascii_lowercase();
    let is_decoder = DECODERS
        .iter()
        .any(|part| crate::place::contains(&lower, part));
    let is_call = is_decoder && call.get(name) == Some(&b'(');
    (is_call && len >= 16 && value::looks_random(value) && value::is_plausible(value))
        .then_some(from..from + len)
}

/// `["…", "…"]`, `{"a": "…"}`: every string of it that is no key, on one line.
fn array(text: &[u8], line: std::ops::Range<usize>, close: u8, said: Meaning, out: &mut Vec<Hit>) {
    let mut at = line.start + 1;
    while at < line.end && text[at] != close {
        let quote = text[at];
        if quote != b'"' && quote != b'\'' {
            at += 1;
            continue;
        }
        let len = text[at + 1..line.end]
            .iter()
            .take_while(|b| **b != quote)
            .count();
        let range = at + 1..at + 1 + len;
        let value = &text[range.clone()];
        let behind = text[range.end..line.end]
            .iter()
            .skip(1)
            .find(|b| **b != b' ');
        // An entry of a nested list has a name of its own.
        let is_entry = text[line.start..at].trim_ascii_end().ends_with(b"=>");
        let said = if is_entry { Meaning::Suspicious } else { said };
        let is_inside =
            !crate::place::contains(value, b"://") && !matches!(behind, Some(b':' | b'='));
        if is_inside && value::is_secret(value, said) {
            out.push(Hit::secret(range.clone(), &why::NESTED));
        }
        at = range.end + 1;
    }
}

/// Reads comments and notes as sentences; `all` when every line is one.
pub(crate) fn notes(text: &[u8], what: prose::Lines, out: &mut Vec<Hit>) {
    let mut at = 0;
    for line in text.split_inclusive(|b| *b == b'\n') {
        let range = at..at + line.trim_ascii_end().len();
        at += line.len();
        let body = line.trim_ascii_start();
        const MARKS: [&[u8]; 8] = [b"#", b";", b"//", b"*", b"/*", b"--", b"<!--", b"REM "];
        let is_comment =
            MARKS.iter().any(|mark| body.starts_with(mark)) && !body.starts_with(b"-----");
        let from = match is_comment || what != prose::Lines::Comments {
            true => Some(0),
            false => line
                .windows(3)
                .position(|w| {
                    w == b" # " || w == b" //" && !body.starts_with(b"http") || w == b"; #"
                })
                .map(|at| at + 1),
        };
        if let Some(from) = from.filter(|from| range.start + from < range.end) {
            prose::line(text, range.start + from..range.end, what, out);
        }
    }
}

/// `mysql:host=db;password=x`: looked at piece by piece.
fn holds_connection(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [b"host=".as_slice(), b"dbname=", b"server="]
        .iter()
        .any(|key| crate::place::contains(&lower, key))
}

fn fallback(value: &[u8]) -> Option<usize> {
    let inner = value.strip_prefix(b"${")?;
    let name = inner
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    match &inner[name..] {
        [b':', b'-' | b'=', ..] => Some(2 + name + 2),
        [b'-' | b'=', ..] => Some(2 + name + 1),
        _ => None,
    }
}

fn first_word(value: &[u8]) -> &[u8] {
    let end = value.iter().position(u8::is_ascii_whitespace);
    let word = &value[..end.unwrap_or(value.len())];
    word.strip_prefix(b"(").unwrap_or(word)
}
