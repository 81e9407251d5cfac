//! Sentences of people: `# the password of the export user is Rechnung2017`.
//!
//! Only comments and notes are read this way. What is told from the rest of a sentence is a word
//! that no sentence has: with a digit, a sign, or in quotes; or all that follows a colon.

use std::ops::Range;

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::value;
use crate::why;

/// How far behind `password` its value may stand.
const REACH: usize = 64;

/// Looks at one line.
pub(crate) fn line(text: &[u8], range: Range<usize>, out: &mut Vec<Hit>) {
    let mut at = range.start;
    while at < range.end {
        let len = text[at..range.end]
            .iter()
            .take_while(|b| is_letter(**b))
            .count();
        if len == 0 {
            at += 1;
            continue;
        }
        let word = &text[at..at + len];
        at += len;
        let said = noun(word);
        if said == Meaning::Nothing || text.get(at).is_some_and(|b| b"(_=.-/\\".contains(b)) {
            continue;
        }
        if let Some(found) = behind(text, at..range.end, said) {
            at = found.end;
            out.push(Hit::secret(found, &why::NOTE));
        }
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
}

fn noun(word: &[u8]) -> Meaning {
    match name::may_speak(word) {
        true => name::meaning(word),
        false => Meaning::Nothing,
    }
}

/// The value behind a noun.
fn behind(text: &[u8], rest: Range<usize>, said: Meaning) -> Option<Range<usize>> {
    let near = rest.start..(rest.start + REACH).min(rest.end);
    let mut at = near.start;
    let mut is_first = true;
    while at < near.end {
        match text[at] {
            b'.' | b';' if text.get(at + 1).is_none_or(|b| *b == b' ') => return None,
            b'"' | b'\'' | b'`' => return quoted(text, at, rest.end, said),
            b':' | b'=' => return value_of(text, at + 1..rest.end, said),
            b' ' | b'\t' | b',' | b'(' | b'>' | b'<' => at += 1,
            _ => {
                let len = text[at..rest.end]
                    .iter()
                    .take_while(|b| !b" \t,()\"'`".contains(b))
                    .count();
                let word = at..at + len;
                let ends_with_colon = text[word.clone()].ends_with(b":");
                if ends_with_colon {
                    return value_of(text, word.end..rest.end, said);
                }
                if matches!(
                    &text[word.clone()],
                    b"is" | b"was" | b"ist" | b"war" | b"lautet" | b"now"
                ) {
                    if let Some(found) = told(text, word.end..rest.end, said) {
                        return Some(found);
                    }
                } else if is_odd(&text[word.clone()], said, is_first) {
                    return Some(trimmed(text, word));
                }
                is_first = false;
                at += len.max(1);
            }
        }
    }
    None
}

/// `is hunter2`, `is vier Katzen auf dem Dach`.
fn told(text: &[u8], rest: Range<usize>, said: Meaning) -> Option<Range<usize>> {
    let blanks = text[rest.clone()]
        .iter()
        .take_while(|b| **b == b' ')
        .count();
    let from = rest.start + blanks;
    if matches!(text.get(from), Some(b'"' | b'\'' | b'`')) {
        return quoted(text, from, rest.end, said);
    }
    let sentence = text[from..rest.end].trim_ascii_end();
    let words: Vec<&[u8]> = sentence.split(|b| *b == b' ').collect();
    let first = words.first()?;
    if is_odd(first, said, true) {
        return Some(trimmed(text, from..from + first.len()));
    }
    // Several plain words: a passphrase, unless it is the rest of a sentence.
    let is_sentence = words.iter().any(|word| value::is_prose(word))
        || sentence.ends_with(b".")
        || words.len() < 3;
    let is_passphrase = said == Meaning::Secret && !is_sentence && words.len() < 9;
    is_passphrase.then_some(from..from + sentence.len())
}

fn quoted(text: &[u8], at: usize, end: usize, said: Meaning) -> Option<Range<usize>> {
    let from = at + 1;
    let len = text[from..end].iter().position(|b| *b == text[at])?;
    let value = &text[from..from + len];
    let is_secret = said == Meaning::Secret && !is_plain(value) && value::is_plausible(value)
        || value::looks_random(value);
    is_secret.then_some(from..from + len)
}

/// What follows a colon: the first word, or all of them when none is of a sentence.
fn value_of(text: &[u8], rest: Range<usize>, said: Meaning) -> Option<Range<usize>> {
    let blanks = text[rest.clone()]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'>'))
        .count();
    let from = rest.start + blanks;
    if matches!(text.get(from), Some(b'"' | b'\'' | b'`')) {
        return quoted(text, from, rest.end, said);
    }
    let len = text[from..rest.end]
        .iter()
        .take_while(|b| !b" \t,;)".contains(b))
        .count();
    let first = trimmed(text, from..from + len);
    let word = &text[first.clone()];
    if value::is_prose(word) || !value::is_plausible(word) {
        return None;
    }
    match said {
        Meaning::Suspicious => (value::looks_random(word) && word.len() >= 12).then_some(first),
        _ => {
            let is_name = word.contains(&b'/') && !value::looks_random(word);
            let more = text[first.end..rest.end].trim_ascii();
            let is_sentence = !more.is_empty() && !more.starts_with(b"(") && is_plain(word);
            (!is_name && !is_sentence).then_some(first)
        }
    }
}

/// A word that no sentence has.
fn is_odd(word: &[u8], said: Meaning, is_next: bool) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    let has = |f: fn(&u8) -> bool| word.iter().any(f);
    let (digits, letters) = (has(u8::is_ascii_digit), has(u8::is_ascii_alphabetic));
    let signs = word.iter().any(|b| b"!#$%&*+?@^_~".contains(b));
    let inner_capital =
        word.iter().skip(1).any(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let is_name = word.contains(&b'/')
        || word.contains(&b'(')
        || word.contains(&b'$')
        || is_file(word)
        || word.starts_with(b"#");
    let is_enough = match said {
        Meaning::Secret if is_next => {
            digits && letters || signs && letters && digits || inner_capital && word.contains(&b'-')
        }
        Meaning::Secret => digits && letters && (signs || word.len() >= 8),
        _ => return value::looks_random(word) && word.len() >= 16 && value::is_plausible(word),
    };
    is_enough && !is_name && word.len() >= 6 && value::is_plausible(word) && !is_version(word)
}

fn is_version(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"sha", b"md5", b"tls", b"php", b"rfc", b"http", b"base64", b"oauth", b"v",
    ];
    let lower = word.to_ascii_lowercase();
    let is_date = word.len() == 10 && word.iter().filter(|b| **b == b'-').count() == 2;
    is_date
        || NAMES.iter().any(|name| {
            lower.starts_with(name)
                && lower[name.len()..]
                    .iter()
                    .all(|b| b.is_ascii_digit() || b".-".contains(b))
        })
}

fn is_file(word: &[u8]) -> bool {
    let end = word.rsplit(|b| *b == b'.').next().unwrap_or_default();
    end.len() < word.len() && end.len() <= 4 && end.iter().all(u8::is_ascii_lowercase)
}

/// Small letters only.
fn is_plain(word: &[u8]) -> bool {
    word.iter()
        .all(|b| b.is_ascii_lowercase() || b"-_ ".contains(b))
}

/// Without the signs that end a sentence.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let mut end = range.end;
    while end > range.start + 1 && matches!(text[end - 1], b'.' | b',' | b';') {
        end -= 1;
    }
    range.start..end
}
