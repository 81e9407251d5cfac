//! Sentences of people: `# the password of the export user is Rechnung2017`.
//!
//! Comments, notes and messages are read this way. What is told from the rest of a sentence is a
//! word that no sentence has: with a digit, a sign, or in quotes; or what follows a colon.

use std::ops::Range;

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::value;
use crate::why;

/// Which lines are sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Those that begin with the sign of a comment, and what follows one.
    Comments,
    /// All.
    All,
    /// All, but they are messages of programs, with paths, addresses and counts in them.
    Logged,
}

/// How far behind `password` its value may stand.
const REACH: usize = 64;

/// Looks at one line.
pub(crate) fn line(text: &[u8], range: Range<usize>, lines: Lines, out: &mut Vec<Hit>) {
    let mut at = range.start;
    while at < range.end {
        let len = text[at..range.end]
            .iter()
            .take_while(|b| is_word(**b))
            .count();
        if len == 0 {
            at += 1;
            continue;
        }
        let word = &text[at..at + len];
        let said = match word.eq_ignore_ascii_case(b"key") {
            true => noun(&super::with_word_before(text, at, word)),
            false => noun(word),
        };
        at += len;
        let is_call = text.get(at) == Some(&b'(');
        if said == Meaning::Nothing
            || is_call
            || lines == Lines::Logged && said != Meaning::Secret && !is_code(word)
            // `sha256 fingerprint of the key: …`
            || crate::place::contains(&text[range.start.max(at.saturating_sub(REACH))..at], b"ingerprint")
        {
            continue;
        }
        let rest = Rest {
            text,
            // A line may be a whole file.
            end: range.end.min(at + super::FAR),
            said,
            lines,
        };
        let found = match is_code(word) {
            true => rest.code(at),
            false => rest.behind(at),
        };
        if let Some(mut found) = found {
            if found.end == rest.end {
                found.end += super::rest_of_word(&text[found.end..range.end]);
            }
            at = found.end;
            out.push(Hit::secret(found, &why::NOTE));
        }
    }
}

/// Words with slashes, dots and equals signs are paths, hosts and settings, and no nouns.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_-./=?&+%@#$".contains(&byte)
}

/// What a word of a sentence says of those behind it.
fn noun(word: &[u8]) -> Meaning {
    const LOGINS: [&[u8]; 10] = [
        b"acceso",
        b"acc\xc3\xa8s",
        b"login",
        b"logins",
        b"zugang",
        b"zugangsdaten",
        b"anmeldung",
        b"phrase",
        b"credentials",
        b"admin",
    ];
    let is_plain = word
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || *b >= 0x80);
    if !is_plain {
        return Meaning::Nothing;
    }
    // Password, in letters that make no names.
    const FOREIGN: [&str; 8] = [
        "hasło",
        "Hasło",
        "пароль",
        "Пароль",
        "密码",
        "密碼",
        "パスワード",
        "비밀번호",
    ];
    if FOREIGN.iter().any(|foreign| word == foreign.as_bytes()) {
        return Meaning::Secret;
    }
    if is_code(word) || LOGINS.iter().any(|login| word.eq_ignore_ascii_case(login)) {
        return Meaning::Suspicious;
    }
    match name::may_speak(word) {
        true => name::meaning(word),
        false => Meaning::Nothing,
    }
}

/// `code`, `Anmeldecode`: a number that is good for one login.
fn is_code(word: &[u8]) -> bool {
    let is = |known: &[u8]| word.eq_ignore_ascii_case(known);
    let ends = |end: &[u8]| {
        word.len() > end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
    };
    is(b"code") || is(b"otp") || is(b"pin") || ends(b"ecode") || ends(b"ngscode")
}

/// What stands behind a noun.
struct Rest<'t> {
    text: &'t [u8],
    end: usize,
    said: Meaning,
    lines: Lines,
}

impl Rest<'_> {
    fn behind(&self, start: usize) -> Option<Range<usize>> {
        let near = (start + REACH).min(self.end);
        let mut at = start;
        let mut is_next = true;
        while at < near {
            match self.text[at] {
                b'.' | b';' if self.text.get(at + 1).is_none_or(|b| *b == b' ') => return None,
                b',' if self.lines == Lines::Logged => return None,
                // `user / password`
                b'/' if self.text[..at].ends_with(b" ") && self.text.get(at + 1) == Some(&b' ') => {
                    let word = self.word(at + 2);
                    let odd = is_odd(&self.text[word.clone()], true);
                    return odd.then(|| self.trimmed(word));
                }
                b'"' | b'\'' | b'`' => return self.quoted(at),
                b':' | b'=' => return self.value(at + 1),
                b' ' | b'\t' | b',' | b'(' | b')' | b'>' | b'<' => at += 1,
                _ => {
                    let word = self.word(at);
                    let is_verb = matches!(
                        &self.text[word.clone()],
                        b"is"
                            | b"was"
                            | b"ist"
                            | b"war"
                            | b"lautet"
                            | b"est"
                            | b"es"
                            | b"hei\xc3\x9ft"
                            | b"heisst"
                            | b"now"
                    );
                    if self.text[word.clone()].ends_with(b":") {
                        return self.value(word.end);
                    }
                    if is_verb && let Some(found) = self.told(word.end) {
                        return Some(found);
                    }
                    let is_secret = self.said == Meaning::Secret;
                    let is_near = is_next || self.lines != Lines::Logged;
                    if is_secret && !is_verb && is_near && is_odd(&self.text[word.clone()], is_next)
                    {
                        return Some(self.trimmed(word));
                    }
                    // `user:password` behind a login.
                    if !is_secret && let Some(found) = self.login(word.clone()) {
                        return Some(found);
                    }
                    is_next = false;
                    at = word.end.max(at + 1);
                }
            }
        }
        None
    }

    /// `841712` behind `code`.
    fn code(&self, start: usize) -> Option<Range<usize>> {
        let near = (start + REACH).min(self.end);
        let begin = self.begin(start);
        let line = &self.text[..self.end];
        let said = line[begin..start].to_ascii_lowercase();
        const TOPICS: [&[u8]; 13] = [
            b"reset",
            b"one-time",
            b"verif",
            b"login",
            b"2fa",
            b"otp",
            b"sms",
            b"confirm",
            b"anmelde",
            b"security",
            b"auth",
            b"tan",
            b"pin",
        ];
        if !TOPICS
            .iter()
            .any(|topic| crate::place::contains(&said, topic))
        {
            return None;
        }
        let mut found: Option<Range<usize>> = None;
        let mut at = start;
        while at < near {
            let len = self.text[at..self.end]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric())
                .count();
            let word = &self.text[at..at + len];
            if (4..=10).contains(&len) && word.iter().all(u8::is_ascii_digit) {
                // The longest: `reset code for user 4711 is 621978`.
                let longest = found.as_ref().map_or(0, Range::len);
                if len > longest {
                    found = Some(at..at + len);
                }
            }
            let is_last = self.text.get(at + 1).is_none_or(|b| *b == b' ');
            if len == 0 && matches!(self.text[at], b'.' | b',' | b';') && is_last {
                break;
            }
            at += len.max(1);
        }
        found
    }

    /// `is hunter2`, `is vier Katzen auf dem Dach`.
    fn told(&self, start: usize) -> Option<Range<usize>> {
        let from = start + self.blanks(start);
        if matches!(self.text.get(from), Some(b'"' | b'\'' | b'`')) {
            return self.quoted(from);
        }
        let first = self.word(from);
        let code = &self.text[self.trimmed(first.clone())];
        if self.said == Meaning::Secret
            && (4..=10).contains(&code.len())
            && code.iter().all(u8::is_ascii_digit)
        {
            return Some(self.trimmed(first));
        }
        if self.said == Meaning::Secret && is_odd(&self.text[first.clone()], true) {
            return Some(self.trimmed(first));
        }
        // `amber-falcon-umber-harbor`
        let dashes = code.iter().filter(|b| **b == b'-').count();
        if self.said == Meaning::Secret
            && self.lines != Lines::Logged
            && dashes > 1
            && code.len() > 14
            && value::is_plausible(code)
        {
            return Some(self.trimmed(first));
        }
        // Several plain words: a passphrase, unless they are the rest of a sentence.
        let sentence = self.text[from..self.end].trim_ascii_end();
        let mut words = sentence.split(|b| *b == b' ');
        let count = words.clone().count();
        let is_sentence = words.any(value::is_prose) || sentence.iter().any(|b| b".:/".contains(b));
        let is_passphrase = self.said == Meaning::Secret
            && self.lines != Lines::Logged
            && !is_sentence
            && (3..9).contains(&count);
        is_passphrase.then_some(from..from + sentence.len())
    }

    /// A quoted text that is no name.
    fn quoted(&self, at: usize) -> Option<Range<usize>> {
        let quote = self.text[at];
        let begin = self.begin(at);
        let before = self.text[begin..at].iter().filter(|b| **b == quote).count();
        let from = at + 1;
        let len = self.text[from..self.end].iter().position(|b| *b == quote)?;
        let value = &self.text[from..from + len];
        let has = |f: fn(&u8) -> bool| value.iter().any(f);
        let dashes = value.iter().filter(|b| **b == b'-').count();
        let signs = value.iter().any(|b| b"!#%&*+?@^~".contains(b));
        let is_odd = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) || signs || dashes > 1;
        let is_secret = match self.said {
            Meaning::Secret => {
                is_odd
                    && value::is_plausible(value)
                    && !value.contains(&b'/')
                    && !is_version(value)
                    && !is_host(value)
            }
            _ => value.len() >= 12 && value::looks_random(value) && value::is_plausible(value),
        };
        // `mysql -u root -p "$X"` is a command.
        let is_command =
            crate::place::contains(value, b" -") || value.contains(&b'$') || value.contains(&b'=');
        (before % 2 == 0 && is_secret && !is_command).then_some(from..from + len)
    }

    /// What follows a colon: the first word, unless it begins a sentence.
    fn value(&self, start: usize) -> Option<Range<usize>> {
        let from = start + self.blanks(start);
        if matches!(self.text.get(from), Some(b'"' | b'\'' | b'`')) {
            return self.quoted(from);
        }
        let len = self.text[from..self.end]
            .iter()
            .take_while(|b| !b" \t,;)".contains(b))
            .count();
        let first = self.trimmed(from..from + len);
        let word = &self.text[first.clone()];
        if value::is_prose(word) || !value::is_plausible(word) || is_host(word) {
            return None;
        }
        let more = self.text[first.end..self.end].trim_ascii();
        let is_sentence = !more.is_empty() && !more.starts_with(b"(") && is_plain(word);
        let is_name = word.contains(&b'/') && !value::looks_random(word);
        match (self.said, self.lines) {
            (Meaning::Suspicious, _) => {
                if let Some(slash) = crate::place::find(&self.text[from..self.end], b" / ") {
                    let word = self.word(from + slash + 3);
                    return is_odd(&self.text[word.clone()], true).then(|| self.trimmed(word));
                }
                (word.len() >= 12 && value::looks_random(word)).then_some(first)
            }
            (_, Lines::Logged) => is_odd(word, true).then_some(first),
            _ => {
                // A plain word is one only where nothing else follows.
                let is_all = more.is_empty() && !is_prose_like(word) || !is_plain(word);
                (!is_name && !is_sentence && is_all).then_some(first)
            }
        }
    }

    /// The password of `user:password`.
    fn login(&self, word: Range<usize>) -> Option<Range<usize>> {
        let text = &self.text[word.clone()];
        let colon = text.iter().position(|b| *b == b':')?;
        let (user, secret) = (&text[..colon], &text[colon + 1..]);
        let is_user = !user.is_empty() && user.iter().all(u8::is_ascii_alphanumeric);
        let is_login = is_user && !secret.starts_with(b"/") && is_odd(secret, true);
        is_login.then(|| self.trimmed(word.start + colon + 1..word.end))
    }

    /// Where the line of a place begins, as far as it is looked at.
    fn begin(&self, at: usize) -> usize {
        at - super::line_before(self.text, at).len()
    }

    fn blanks(&self, start: usize) -> usize {
        let is_blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'>');
        self.text[start..self.end]
            .iter()
            .take_while(is_blank)
            .count()
    }

    fn word(&self, from: usize) -> Range<usize> {
        let is_end = |b: &&u8| !b" \t,()\"'`".contains(b);
        from..from + self.text[from..self.end].iter().take_while(is_end).count()
    }

    /// Without the signs that end a sentence.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let word = &self.text[range.clone()];
        let signs = word
            .iter()
            .rev()
            .take_while(|b| b".,;:".contains(b))
            .count();
        range.start..range.end - signs.min(word.len().saturating_sub(1))
    }
}

/// A word that no sentence has.
fn is_odd(word: &[u8], is_next: bool) -> bool {
    let signs = word
        .iter()
        .rev()
        .take_while(|b| b".,;:".contains(b))
        .count();
    let word = &word[..word.len() - signs];
    let has = |f: fn(&u8) -> bool| word.iter().any(f);
    let (digits, letters) = (has(u8::is_ascii_digit), has(u8::is_ascii_alphabetic));
    let signs = word.iter().any(|b| b"!#$%&*+?@^_~".contains(b));
    let is_enough = match is_next {
        true => digits && letters || signs && letters && has(u8::is_ascii_uppercase),
        false => digits && letters && (signs || word.len() >= 8),
    };
    let is_name = word.iter().any(|b| b"/($=<>[]".contains(b))
        || is_file(word)
        || word.starts_with(b"#")
        || word.contains(&b'.')
            && word
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(b))
        || is_host(word);
    is_enough
        && !is_name
        && (is_next || !is_ticket(word))
        && word.len() >= 6
        && value::is_plausible(word)
        && !is_version(word)
}

/// `OPS-1184`
fn is_ticket(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let number = word[letters..].strip_prefix(b"-").unwrap_or_default();
    (2..=10).contains(&letters) && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// A standard, a protocol or a date.
fn is_version(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 12] = [
        b"sha", b"md5", b"tls", b"php", b"rfc", b"http", b"https", b"base64", b"oauth", b"v",
        b"aes", b"rsa",
    ];
    let lower = word.to_ascii_lowercase();
    let is_rest = |rest: &[u8]| {
        rest.iter()
            .all(|b| b.is_ascii_digit() || b".-/".contains(b))
    };
    let is_date = word.len() == 10 && word.iter().filter(|b| **b == b'-').count() == 2;
    is_date
        || NAMES
            .iter()
            .any(|name| lower.strip_prefix(*name).is_some_and(is_rest))
}

fn is_file(word: &[u8]) -> bool {
    let end = word.rsplit(|b| *b == b'.').next().unwrap_or_default();
    end.len() < word.len() && end.len() <= 4 && end.iter().all(u8::is_ascii_lowercase)
}

/// An address or the name of a host.
fn is_host(word: &[u8]) -> bool {
    let dots = word.iter().filter(|b| **b == b'.').count();
    dots > 0
        && word
            .iter()
            .all(|b| b.is_ascii_digit() || b".:/".contains(b))
        || dots > 1
            && word
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(b))
}

/// `access`, `none`: a word that is rather said than typed.
fn is_prose_like(word: &[u8]) -> bool {
    word.len() < 6
}

/// Small letters only.
fn is_plain(word: &[u8]) -> bool {
    word.iter()
        .all(|b| b.is_ascii_lowercase() || b"-_ ".contains(b))
}
