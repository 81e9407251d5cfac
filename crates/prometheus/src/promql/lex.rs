//! The words of an expression.

use super::{Range, Refusal};

/// A word.
#[derive(Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Word,
    /// Its bytes.
    pub(super) range: Range,
}

/// Kinds of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name or a keyword.
    Name,
    /// `0.5`, `0x1f`
    Number,
    /// `5m`
    Duration,
    /// A text without its quotes and escapes.
    Text(String),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "=~", "!~", "+", "-", "*", "/", "%", "^", "<", ">", "=", "(", ")", "{",
    "}", "[", "]", ",", "@",
];

/// Takes an expression apart into words and comments.
pub(super) fn lex(text: &str) -> Result<(Vec<Token>, Vec<Range>), Refusal> {
    let bytes = text.as_bytes();
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    let (mut at, mut in_brackets) = (0, false);
    while let Some(&first) = bytes.get(at) {
        let start = at;
        let kind = match first {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += length(&bytes[at..], |b| b != b'\n');
                comments.push((start, at));
                continue;
            }
            b'"' | b'\'' | b'`' => {
                let (text, end) = quoted(text, at)?;
                at = end;
                Word::Text(text)
            }
            b':' if in_brackets => {
                at += 1;
                Word::Sign(":")
            }
            b'0'..=b'9' => number(bytes, &mut at)?,
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => number(bytes, &mut at)?,
            b if is_letter(b) || b == b':' => {
                at += length(&bytes[at..], |b| {
                    is_letter(b) || b.is_ascii_digit() || b == b':' && !in_brackets
                });
                Word::Name
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| text[at..].starts_with(**sign));
                let Some(sign) = sign else {
                    let c = text[at..].chars().next().unwrap_or_default();
                    let shown = base::source::printable(c.to_string().as_bytes());
                    return Err(refuse(
                        (at, at + c.len_utf8()),
                        format!("`{shown}` means nothing here"),
                    ));
                };
                in_brackets = match *sign {
                    "[" => true,
                    "]" => false,
                    _ => in_brackets,
                };
                at += sign.len();
                Word::Sign(sign)
            }
        };
        let range = (start, at);
        tokens.push(Token { kind, range });
    }
    Ok((tokens, comments))
}

fn refuse(range: Range, message: impl Into<String>) -> Refusal {
    Refusal {
        range,
        message: message.into(),
    }
}

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_'
}

/// How many bytes at the beginning are of a kind.
fn length(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !is(*b)).unwrap_or(bytes.len())
}

/// A number, or a duration: digits with units.
fn number(bytes: &[u8], at: &mut usize) -> Result<Word, Refusal> {
    let start = *at;
    let more = |at: usize, is: fn(u8) -> bool| length(&bytes[at.min(bytes.len())..], is);
    let is_digit = |b: u8| b.is_ascii_digit() || b == b'_';
    if bytes[start] == b'0' && matches!(bytes.get(start + 1), Some(b'x' | b'X')) {
        *at += 2 + more(start + 2, |b| b.is_ascii_hexdigit() || b == b'_');
    } else {
        *at += more(*at, is_digit);
        if bytes.get(*at) == Some(&b'.') {
            *at += 1 + more(*at + 1, is_digit);
        }
        if matches!(bytes.get(*at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(*at + 1), Some(b'+' | b'-')));
            *at += 1 + sign + more(*at + 1 + sign, is_digit);
        }
    }
    let end = *at + more(*at, |b| is_letter(b) || b.is_ascii_digit());
    let text = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
    if end == *at && is_number(text) {
        return Ok(Word::Number);
    }
    *at = end;
    match crate::duration::milliseconds(text) {
        Some(_) => Ok(Word::Duration),
        None => Err(refuse(
            (start, end),
            format!("`{text}` is neither a number nor a duration"),
        )),
    }
}

fn is_number(text: &str) -> bool {
    // Prometheus 3 takes them between digits.
    let has_stray = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    let plain = text.replace('_', "");
    let hex = plain.strip_prefix("0x").or(plain.strip_prefix("0X"));
    !has_stray
        && match hex {
            Some(digits) => i64::from_str_radix(digits, 16).is_ok(),
            None => plain.parse().is_ok_and(f64::is_finite),
        }
}

/// A text and where it ends. Backticks know no escapes.
fn quoted(text: &str, start: usize) -> Result<(String, usize), Refusal> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let open = || refuse((start, start + 1), "this text has no end");
    let mut out = String::new();
    let mut at = start + 1;
    loop {
        let c = text[at..].chars().next().ok_or_else(open)?;
        let length = c.len_utf8();
        match c {
            _ if length == 1 && bytes[at] == quote => return Ok((out, at + 1)),
            '\n' if quote != b'`' => return Err(open()),
            '\\' if quote != b'`' => {
                let (c, length) = escaped(&text[at + 1..], quote)
                    .ok_or_else(|| refuse((at, at + 1), "this is no escape that Go knows"))?;
                out.push(c);
                at += 1 + length;
            }
            c => {
                out.push(c);
                at += length;
            }
        }
    }
}

/// What stands behind a backslash, and how long it is.
fn escaped(rest: &str, quote: u8) -> Option<(char, usize)> {
    let first = *rest.as_bytes().first()?;
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = rest.get(from..from + count)?;
        let is_plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, radix)
            .ok()
            .filter(|_| is_plain)?;
        Some((code, from + count))
    };
    let (code, length) = match first {
        b'a' => (7, 1),
        b'b' => (8, 1),
        b'f' => (12, 1),
        b'n' => (10, 1),
        b'r' => (13, 1),
        b't' => (9, 1),
        b'v' => (11, 1),
        b'\\' => (92, 1),
        b'x' => digits(1, 2, 16)?,
        b'u' => digits(1, 4, 16)?,
        b'U' => digits(1, 8, 16)?,
        b'0'..=b'7' => digits(0, 3, 8).filter(|(code, _)| *code < 256)?,
        b if b == quote => (u32::from(b), 1),
        _ => return None,
    };
    Some((char::from_u32(code)?, length))
}
