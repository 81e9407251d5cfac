//! Passwords on command lines and in calls: `curl -u user:pw`, `mysql -ppw`, `redis-cli -a pw`,
//! `new PDO($dsn, 'user', 'pw')`.

use crate::find::Hit;
use crate::value;
use crate::why;

use super::trace;

/// Looks at the word from `start` to `end`; gives back where to go on when it was such a command.
pub(super) fn at(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let word = &text[start..end];
    let letter = match word {
        b"curl" | b"wget" | b"http" => Option_::UserAndPassword,
        b"mysql" | b"mysqldump" | b"mysqladmin" | b"mariadb" | b"mariadb-dump" => {
            Option_::Glued(b"-p")
        }
        b"sshpass" => Option_::Next(b"-p"),
        b"redis-cli" => Option_::Next(b"-a"),
        b"sendmail" | b"ssmtp" => Option_::Next(b"-ap"),
        b"ldapsearch" | b"ldapbind" | b"smbclient" => Option_::Next(b"-w"),
        b"htpasswd" => Option_::Last,
        b"PDO" | b"mysqli" | b"mysqli_connect" | b"ldap_bind" | b"ftp_login" | b"imap_open" => {
            return call(text, word, end, out);
        }
        b"auth" | b"AUTH" | b"requirepass" | b"masterauth" | b"login" => {
            return bare(text, word, end, out);
        }
        _ => return None,
    };
    let len = text[end..]
        .iter()
        .take_while(|b| !b"\n|;".contains(b))
        .count();
    let words = words(text, end, end + len);
    for (index, range) in words.iter().enumerate() {
        let word = &text[range.clone()];
        let next = words.get(index + 1).cloned();
        let found = match letter {
            Option_::UserAndPassword if word == b"-u" || word == b"--user" => {
                next.and_then(|next| behind_colon(text, next))
            }
            Option_::Glued(option)
                if word.starts_with(option)
                    && word.len() > option.len()
                    && word[..3] != *b"-po" =>
            {
                Some(range.start + option.len()..range.end)
            }
            Option_::Next(option) if word == option => next,
            Option_::Last
                if index == words.len() - 1
                    && words.len() >= 4
                    && crate::place::contains(&text[end..end + len], b" -b")
                    || matches!(letter, Option_::Last)
                        && index == words.len() - 1
                        && text[end..end + len].starts_with(b" -")
                        && text[end..end + len]
                            .iter()
                            .take_while(|b| **b != b'b')
                            .count()
                            < 6
                        && words.len() >= 4 =>
            {
                Some(range.clone())
            }
            _ => None,
        };
        if let Some(range) = found.filter(|range| value::is_plausible(&text[range.clone()])) {
            out.push(Hit::secret(range, &why::OPTION));
        }
    }
    Some(end)
}

#[derive(Clone, Copy)]
enum Option_ {
    UserAndPassword,
    Glued(&'static [u8]),
    Next(&'static [u8]),
    Last,
}

fn behind_colon(text: &[u8], word: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let colon = text[word.clone()].iter().position(|b| *b == b':')?;
    Some(word.start + colon + 1..word.end)
}

/// Words without their quotes.
fn words(text: &[u8], from: usize, to: usize) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        let byte = text[at];
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let (start, len) = match byte {
            b'"' | b'\'' => (
                at + 1,
                text[at + 1..to].iter().take_while(|b| **b != byte).count(),
            ),
            _ => (
                at,
                text[at..to]
                    .iter()
                    .take_while(|b| !b.is_ascii_whitespace() && !b"\"'".contains(b))
                    .count(),
            ),
        };
        out.push(start..start + len);
        at = start + len.max(1);
    }
    out
}

/// `new PDO('mysql:…', 'user', 'pw')`.
fn call(text: &[u8], name: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let open = text.get(end).filter(|b| **b == b'(').map(|_| end + 1)?;
    let len = text[open..].iter().take_while(|b| **b != b'\n').count();
    let is_variable = text[open..].trim_ascii_start().starts_with(b"$");
    let full = match name {
        b"PDO" => b"pdo->__construct".as_slice(),
        b"mysqli" => b"mysqli->__construct",
        name => name,
    };
    match is_variable {
        // `new PDO($dsn, 'user', 'pw')`: the last of the strings.
        true => trace::call_arguments(text, b"login", open, open + len, out),
        false => trace::call_arguments(text, full, open, open + len, out),
    }
    Some(open)
}

/// `requirepass pw`, `AUTH pw`, `login x password y`: a blank between.
fn bare(text: &[u8], word: &[u8], end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let line = &text[end..end + text[end..].iter().take_while(|b| **b != b'\n').count()];
    let is_redis = matches!(word, b"requirepass" | b"masterauth" | b"AUTH");
    let blanks = line.iter().take_while(|b| **b == b' ').count();
    if blanks == 0 {
        return None;
    }
    if word == b"login" {
        // .netrc
        let at = crate::place::find(line, b" password ")? + 10;
        let len = line[at..]
            .iter()
            .take_while(|b| !b.is_ascii_whitespace())
            .count();
        if value::is_plausible(&line[at..at + len]) {
            out.push(Hit::secret(end + at..end + at + len, &why::LOGIN_FILE));
        }
        return Some(end + at + len);
    }
    let value = line[blanks..]
        .iter()
        .take_while(|b| !b.is_ascii_whitespace() && !b"\";'".contains(b))
        .count();
    let range = end + blanks..end + blanks + value;
    let text = &text[range.clone()];
    let is_hidden = match is_redis {
        true => value::is_plausible(text) && !value::is_prose(text),
        false => value::is_plausible(text) && value::looks_random(text),
    };
    is_hidden.then(|| {
        let to = range.end;
        out.push(Hit::secret(range, &why::OPTION));
        to
    })
}
