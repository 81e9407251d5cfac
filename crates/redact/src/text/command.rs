//! Passwords on command lines and in calls: `curl -u user:pw`, `mysql -ppw`, `redis-cli -a pw`,
//! `new PDO($dsn, 'user', 'pw')`, `IDENTIFIED BY 'pw'`.

use std::ops::Range;

use crate::find::Hit;
use crate::value;
use crate::why::{self, Why};

use super::trace;

/// No command is longer.
const LONGEST: usize = 4096;

/// How a program takes a password.
#[derive(Clone, Copy)]
enum Takes {
    /// `-u user:password`
    Login,
    /// `-ppassword`
    Glued(&'static [u8]),
    /// `-a password`
    Next(&'static [u8]),
    /// `-ap password` and `-appassword`
    Both(&'static [&'static [u8]]),
    /// `login -p password`
    Registry,
    /// `-b file user password`
    Last,
}

/// What to do at a word.
#[derive(Clone, Copy)]
enum Kind {
    Program(Takes),
    /// A call whose arguments are those of this function.
    Call(&'static [u8]),
    /// The word behind it.
    Bare,
    /// The next quoted text.
    Quoted,
    /// Base64 of `user:password`.
    Encoded,
    /// `http-basic.HOST USER PASSWORD`, `github-oauth.HOST TOKEN`
    Composer,
    /// The address of a webhook without its scheme.
    Hook,
    /// The text of a secure link: what is no variable in it.
    Salt,
    /// The name of a function in JSON, with its arguments behind it.
    Frame,
    /// A quoted word that nobody would name a directive: the `;` before it was forgotten.
    Strange,
}

/// sendmail's own, and that of sendEmail.
const MAIL: &[&[u8]] = &[b"-ap", b"-xp"];

const WORDS: &[(&[u8], Kind)] = &[
    (b"AUTH", Kind::Bare),
    (b"IDENTIFIED", Kind::Quoted),
    (b"PASSWORD", Kind::Quoted),
    (b"PDO", Kind::Call(b"pdo->__construct")),
    (b"auth", Kind::Bare),
    (b"authenticate", Kind::Call(b"login")),
    (b"b64encode", Kind::Encoded),
    (b"base64_encode", Kind::Encoded),
    (b"basic_auth", Kind::Call(b"login")),
    (b"bind", Kind::Call(b"login")),
    (b"btoa", Kind::Encoded),
    (b"composer", Kind::Composer),
    (b"connect", Kind::Call(b"login")),
    (b"createHmac", Kind::Call(b"hash_hmac")),
    (b"curl", Kind::Program(Takes::Login)),
    (b"directive", Kind::Strange),
    (b"docker", Kind::Program(Takes::Registry)),
    (b"encode_base64", Kind::Encoded),
    (b"ftp_login", Kind::Call(b"ftp_login")),
    (b"function", Kind::Frame),
    (b"hash_hmac", Kind::Call(b"hash_hmac")),
    (b"helm", Kind::Program(Takes::Registry)),
    (b"hooks.slack.com", Kind::Hook),
    (b"htpasswd", Kind::Program(Takes::Last)),
    (b"http", Kind::Program(Takes::Login)),
    (b"imap_open", Kind::Call(b"imap_open")),
    (b"ldap_bind", Kind::Call(b"login")),
    (b"ldapbind", Kind::Program(Takes::Next(b"-w"))),
    (b"ldapsearch", Kind::Program(Takes::Next(b"-w"))),
    (b"mariadb", Kind::Program(Takes::Glued(b"-p"))),
    (b"mariadb-admin", Kind::Program(Takes::Glued(b"-p"))),
    (b"mariadb-dump", Kind::Program(Takes::Glued(b"-p"))),
    (b"masterauth", Kind::Bare),
    (b"mongo", Kind::Program(Takes::Next(b"-p"))),
    (b"mongosh", Kind::Program(Takes::Next(b"-p"))),
    (b"mysql", Kind::Program(Takes::Glued(b"-p"))),
    (b"mysql_connect", Kind::Call(b"mysql_connect")),
    (b"mysql_pconnect", Kind::Call(b"mysql_connect")),
    (b"mysqladmin", Kind::Program(Takes::Glued(b"-p"))),
    (b"mysqldump", Kind::Program(Takes::Glued(b"-p"))),
    (b"mysqli", Kind::Call(b"mysqli->__construct")),
    (b"mysqli_connect", Kind::Call(b"mysqli_connect")),
    (b"nerdctl", Kind::Program(Takes::Registry)),
    (b"ngx.encode_base64", Kind::Encoded),
    (b"ngx.md5", Kind::Call(b"random")),
    (b"oci_connect", Kind::Call(b"oci_connect")),
    (b"oci_pconnect", Kind::Call(b"oci_connect")),
    (b"odbc_connect", Kind::Call(b"mysqli_connect")),
    (b"openssl", Kind::Program(Takes::Next(b"-pass"))),
    (b"pconnect", Kind::Call(b"login")),
    (b"podman", Kind::Program(Takes::Registry)),
    (b"real_connect", Kind::Call(b"mysqli->real_connect")),
    (b"redis-cli", Kind::Program(Takes::Next(b"-a"))),
    (b"requirepass", Kind::Bare),
    (b"secure_link_md5", Kind::Salt),
    (b"sendEmail", Kind::Program(Takes::Next(b"-xp"))),
    (b"sendemail", Kind::Program(Takes::Next(b"-xp"))),
    (b"sendmail", Kind::Program(Takes::Both(MAIL))),
    (b"setBasicAuth", Kind::Call(b"login")),
    (b"smbclient", Kind::Program(Takes::Login)),
    (b"sshpass", Kind::Program(Takes::Next(b"-p"))),
    (b"ssmtp", Kind::Program(Takes::Both(MAIL))),
    (b"swaks", Kind::Program(Takes::Both(MAIL))),
    (b"verify", Kind::Call(b"random")),
    (b"wget", Kind::Program(Takes::Login)),
    (b"withBasicAuth", Kind::Call(b"login")),
];

/// The first and the last byte of a word, as a number: what most words are told from these by.
const fn ends(word: &[u8]) -> usize {
    (word[0] as usize & 31) << 5 | (word[word.len() - 1] as usize & 31)
}

static ENDS: [bool; 1024] = {
    let mut table = [false; 1024];
    let mut at = 0;
    while at < WORDS.len() {
        table[ends(WORDS[at].0)] = true;
        at += 1;
    }
    table
};

/// Looks at the word from `start` to `end`; gives back where to go on.
pub(super) fn at(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let whole = &text[start..end];
    // `crypto.createHmac`
    let dot = whole.iter().rposition(|b| *b == b'.');
    let last = dot.map(|dot| &whole[dot + 1..]);
    let known = |word: &[u8]| {
        let may_be = (3..=20).contains(&word.len()) && ENDS[ends(word)];
        let search = || WORDS.binary_search_by(|(known, _)| (*known).cmp(word)).ok();
        may_be.then(search).flatten()
    };
    let (word, index) = match (known(whole), last) {
        (Some(index), _) => (whole, index),
        (None, Some(last)) => (last, known(last)?),
        (None, None) => return None,
    };
    match WORDS[index].1 {
        Kind::Program(takes) => program(text, end, takes, out),
        Kind::Call(function) => call(text, function, end, out),
        Kind::Bare => bare(text, word, end, out),
        Kind::Quoted => quoted(text, end, out),
        Kind::Encoded => encoded(text, end, out),
        Kind::Composer => composer(text, end, out),
        Kind::Hook => hook(text, start, out),
        Kind::Salt => salt(text, end, out),
        Kind::Frame => frame(text, end, out),
        Kind::Strange => strange(text, end, out),
    }
}

fn push(text: &[u8], range: Range<usize>, why: &'static Why, out: &mut Vec<Hit>) {
    if value::is_plausible(&text[range.clone()]) {
        out.push(Hit::secret(range, why));
    }
}

fn program(text: &[u8], end: usize, takes: Takes, out: &mut Vec<Hit>) -> Option<usize> {
    // `["mariadb-admin", "-p…"]`: the program's own quote is no opening one.
    let from = end + usize::from(matches!(text.get(end), Some(b'"' | b'\'')));
    let len = text[from..]
        .iter()
        .take(LONGEST)
        .take_while(|b| !b"\n|;".contains(b))
        .count();
    let mut words = words(text, from, from + len);
    // What a shell does with the output.
    let redirect = words
        .iter()
        .position(|word| text[word.clone()].starts_with(b">"));
    words.truncate(redirect.unwrap_or(words.len()));
    for (index, range) in words.iter().enumerate() {
        let word = &text[range.clone()];
        let next = words.get(index + 1).cloned();
        let found = match takes {
            Takes::Login if is_login_option(word) => next.and_then(|next| behind_colon(text, next)),
            Takes::Glued(option) if word == option => {
                next.filter(|next| next.start == range.end + 1 && text[range.end] != b' ')
            }
            Takes::Glued(option) if word.starts_with(option) && !word.starts_with(b"-po") => {
                Some(range.start + option.len()..range.end)
            }
            Takes::Next(option) if word == option => next,
            Takes::Both(options) => match options.iter().find_map(|one| word.strip_prefix(*one)) {
                Some(b"") => next,
                Some(rest) => Some(range.end - rest.len()..range.end),
                None => None,
            },
            Takes::Registry if word == b"-p" && is_login(text, &words[..index]) => next,
            Takes::Last if index + 1 == words.len() && index >= 2 => {
                let first = &text[words[0].clone()];
                let takes = first.starts_with(b"-") && first.contains(&b'b');
                // Without a file: `-nb user password`.
                (takes && (index >= 3 || first.contains(&b'n'))).then(|| range.clone())
            }
            _ => None,
        };
        // `openssl … -pass pass:X`, `-passin pass:X`
        let found = match matches!(takes, Takes::Next(b"-pass")) {
            true => word
                .strip_prefix(b"pass:")
                .map(|_| range.start + 5..range.end),
            false => found,
        };
        if let Some(range) = found {
            push(text, range, &why::OPTION, out);
        }
    }
    Some(end)
}

/// `docker login …`: elsewhere `-p` is a port.
fn is_login(text: &[u8], words: &[Range<usize>]) -> bool {
    words.iter().any(|word| &text[word.clone()] == b"login")
}

/// `-u`, `-su`, `--user`
fn is_login_option(word: &[u8]) -> bool {
    let is_short = word.len() < 6 && word.ends_with(b"u") && !word.starts_with(b"--");
    matches!(word, b"--user" | b"-U") || is_short && word.starts_with(b"-")
}

fn behind_colon(text: &[u8], word: Range<usize>) -> Option<Range<usize>> {
    let sign = text[word.clone()]
        .iter()
        .position(|b| matches!(b, b':' | b'%'))?;
    Some(word.start + sign + 1..word.end)
}

/// Words without their quotes.
fn words(text: &[u8], from: usize, to: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to && out.len() < 64 {
        let byte = text[at];
        if byte.is_ascii_whitespace() || b",[]".contains(&byte) {
            at += 1;
            continue;
        }
        let is_end = |b: &u8| b.is_ascii_whitespace() || b"\"'".contains(b);
        let (start, len) = match byte {
            b'"' | b'\'' => (
                at + 1,
                text[at + 1..to].iter().take_while(|b| **b != byte).count(),
            ),
            _ => (at, text[at..to].iter().take_while(|b| !is_end(b)).count()),
        };
        out.push(start..start + len);
        at = start + len + usize::from(start > at);
    }
    out
}

/// `new PDO('mysql:…', 'user', 'pw')`.
fn call(text: &[u8], function: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let open = text.get(end).filter(|b| **b == b'(').map(|_| end + 1)?;
    let len = closing(&text[open..]);
    // `new PDO($dsn, 'user', 'pw')`: which string is which is not known.
    let is_variable = text[open..].trim_ascii_start().starts_with(b"$");
    let function = if is_variable { b"login" } else { function };
    trace::call_arguments(text, function, open, open + len, out);
    Some(open)
}

/// `requirepass pw`, `AUTH pw`: a blank between.
fn bare(text: &[u8], word: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    if text.get(end) == Some(&b'(') {
        return call(text, b"login", end, out);
    }
    let blanks = text[end..]
        .iter()
        .take(8)
        .take_while(|b| **b == b' ')
        .count();
    if blanks == 0 {
        return None;
    }
    let mut from = end + blanks;
    // `AUTH PLAIN dGVzdA==`
    for method in [b"PLAIN ".as_slice(), b"LOGIN "] {
        from += if word == b"AUTH" && text[from..].starts_with(method) {
            method.len()
        } else {
            0
        };
    }
    let is_encoded = from > end + blanks;
    let is_end = |b: &&u8| !b.is_ascii_whitespace() && !b"\";'".contains(b);
    let len = text[from..].iter().take_while(is_end).count();
    let value = &text[from..from + len];
    let is_hidden = match word {
        b"requirepass" | b"masterauth" => !value::is_prose(value) && value::is_plausible(value),
        _ => value::is_plausible(value) && (value::looks_random(value) || is_encoded && len >= 8),
    };
    is_hidden.then(|| {
        out.push(Hit::secret(from..from + len, &why::OPTION));
        from + len
    })
}

/// `IDENTIFIED BY 'pw'`, `CREATE ROLE x PASSWORD 'pw'`, `SET PASSWORD FOR 'a'@'b' = 'pw'`.
fn quoted(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let line = &text[end..end
        + text[end..]
            .iter()
            .take(160)
            .take_while(|b| **b != b'\n')
            .count()];
    let rest = line.strip_prefix(b" ")?;
    const WORDS: [&[u8]; 5] = [b"FOR ", b"BY ", b"WITH ", b"AS ", b"'"];
    if !WORDS.iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    // Of `FOR 'a'@'b' = 'pw'` the last one.
    let close = line.iter().rposition(|b| *b == b'\'')?;
    let open = line[..close].iter().rposition(|b| *b == b'\'')?;
    push(text, end + open + 1..end + close, &why::NAMED, out);
    Some(end + close)
}

/// `base64_encode("user:pw")`.
fn encoded(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let rest = text[end..].strip_prefix(b"(")?;
    let quote = *rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let from = end + 2;
    let len = text[from..].iter().take(256).position(|b| *b == quote)?;
    let range = behind_colon(text, from..from + len)?;
    push(text, range.clone(), &why::ARGUMENT, out);
    Some(range.end)
}

/// `composer config http-basic.repo.example user password`
fn composer(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let len = text[end..]
        .iter()
        .take(LONGEST)
        .take_while(|b| !b"\n|;&".contains(b))
        .count();
    let words = words(text, end, end + len);
    let is_host = |range: &Range<usize>| {
        const KINDS: [&[u8]; 5] = [
            b"http-basic.",
            b"bearer.",
            b"github-oauth.",
            b"gitlab-token.",
            b"gitlab-oauth.",
        ];
        KINDS
            .iter()
            .any(|kind| text[range.clone()].starts_with(kind))
    };
    let at = words.iter().position(is_host)?;
    let skipped = 1 + usize::from(text[words[at].clone()].starts_with(b"http-basic."));
    let value = words.get(at + skipped)?.clone();
    push(text, value.clone(), &why::OPTION, out);
    Some(value.end)
}

/// `hooks.slack.com/services/…` without `https://`.
fn hook(text: &[u8], start: usize, out: &mut Vec<Hit>) -> Option<usize> {
    if text[..start].ends_with(b"://") {
        return None;
    }
    let len = text[start..]
        .iter()
        .take(512)
        .take_while(|b| !b.is_ascii_whitespace() && !b"\"'<>;`|".contains(b))
        .count();
    super::url::webhook(&text[start..start + len], start, out);
    None
}

/// `secure_link_md5 "$secure_link_expires$uri pepper"`, where no tree of nginx was made: in YAML,
/// in a comment.
fn salt(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let len = text[end..]
        .iter()
        .take(512)
        .take_while(|b| !b"\n;".contains(b))
        .count();
    let line = &text[end..end + len];
    let from = end + line.iter().take_while(|b| b" \"'".contains(b)).count();
    let to = end + line.trim_ascii_end().len();
    if line.first() != Some(&b' ') || text.get(from) != Some(&b'$') {
        return None;
    }
    let mut at = from;
    while at < to {
        if text[at] == b'$' {
            at += 1;
            at += text[at..to]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || b"_{}".contains(b))
                .count();
            continue;
        }
        let is_part = |b: &&u8| !b"$\"' ".contains(b);
        let len = text[at..to].iter().take_while(is_part).count();
        if len >= 3 {
            out.push(Hit::secret(at..at + len, &why::LINK_SALT));
        }
        at += len.max(1);
    }
    Some(to)
}

/// `unknown directive "8qM-nUCH…"`
fn strange(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let from = end + text[end..].strip_prefix(b" \"").map(|_| 2)?;
    let len = text[from..].iter().take(256).position(|b| *b == b'"')?;
    let value = &text[from..from + len];
    (len >= 12 && value::looks_random(value)).then(|| {
        out.push(Hit::secret(from..from + len, &why::RANDOM));
        from + len
    })
}

/// Where the arguments end: at the parenthesis that closes them, or with the line.
fn closing(arguments: &[u8]) -> usize {
    let mut quote = None;
    let mut depth = 0;
    for (at, byte) in arguments.iter().take(LONGEST).enumerate() {
        match (quote, *byte) {
            (_, b'\n') => return at,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'(') => depth += 1,
            (None, b')') if depth == 0 => return at,
            (None, b')') => depth -= 1,
            (None, _) => {}
        }
    }
    arguments.len().min(LONGEST)
}

/// `"function":"connect","args":["cloud","…"]`: a frame of a stack trace in JSON.
fn frame(text: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let rest = text[end..].strip_prefix(b"\":\"")?;
    let is_end = |b: &u8| matches!(b, b'"' | b'\n');
    let name = rest.iter().take(LONGEST).position(is_end)?;
    let near = &rest[name..];
    let len = near.iter().take(400).take_while(|b| **b != b'\n').count();
    let args = crate::place::find(&near[..len], b"\"args\":[")?;
    let from = end + 3 + name + args + 8;
    let len = text[from..]
        .iter()
        .take(2048)
        .position(|b| matches!(b, b']' | b'\n'))?;
    trace::call_arguments(text, &rest[..name], from, from + len, out);
    Some(end + 3 + name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_sorted() {
        assert!(super::WORDS.is_sorted_by_key(|(word, _)| *word));
    }
}
