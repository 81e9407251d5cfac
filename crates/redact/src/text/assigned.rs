//! What stands behind a name: by `=`, `:`, `=>`, as the next argument, as the text of an element.

use std::ops::Range;

use super::Manner;
use crate::value;

/// How a value is tied to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// `=`, `:=`, `=>`, `==`
    Equals,
    /// `:`
    Colon,
    /// `f("name", "value")`
    Call,
    /// `--name value`
    Option,
    /// `<name>value</name>`
    Element,
    /// `name: NAME` and `value: VALUE` beside each other.
    Pair,
    /// A blank.
    Blank,
}

/// A value behind a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    /// How it is tied to the name.
    pub(crate) sign: Sign,
    /// The value, without quotes.
    pub(crate) value: Range<usize>,
    /// From the value to the end of its quotes or its line.
    pub(crate) line: Range<usize>,
    /// The quote around it.
    pub(crate) quote: Option<u8>,
}

/// How far a quoted value may reach, and over how many lines.
pub(crate) const LONGEST: usize = 16 << 10;
const MOST_LINES: usize = 3;

/// The value behind a name that ends at `end`.
pub(crate) fn assigned(text: &[u8], start: usize, end: usize, manner: Manner) -> Option<Assigned> {
    let (behind, closed_quote) = closing(text, end);
    let blanks = blanks(text, behind);
    let at = behind + blanks;
    let rest = &text[at..];
    let (sign, at) = match rest {
        [b'=', b'>' | b'=', b'=', ..] => (Sign::Equals, at + 3),
        [b'=', b'>' | b'=', ..] | [b':' | b'!' | b'?', b'=', ..] => (Sign::Equals, at + 2),
        [b'=', ..] => (Sign::Equals, at + 1),
        [b':', b':' | b'/' | b'?' | b'+', ..] => return None,
        // `token:match(…)`: a method.
        [b':', rest @ ..] if is_method(rest) => return None,
        [b':', b'-', ..] if text[..start].ends_with(b"{") => (Sign::Equals, at + 2),
        [b':', ..] => (Sign::Colon, at + 1),
        [b',', ..] => match pair(text, at + 1) {
            Some(found) => found,
            None => call(text, start, at + 1, closed_quote)?,
        },
        [b'~', b'=', ..] => (Sign::Equals, at + 2),
        [b'e', b'q', b' ', ..] if blanks > 0 => (Sign::Equals, at + 3),
        [b'>', ..] if opens_element(text, start) => (Sign::Element, at + 1),
        [b'\n' | b'\r', ..] => pair(text, at)?,
        [b'-', b'>', ..] => return None,
        _ if blanks > 0 && is_option(text, start) => (Sign::Option, at),
        _ if blanks > 0 && manner == Manner::Statements => (Sign::Blank, at),
        // A Dockerfile's older form.
        _ if blanks > 0 && text[..start].ends_with(b"\nENV ") => (Sign::Blank, at),
        [b'(', b'"' | b'\'', ..] if blanks == 0 => (Sign::Call, at + 1),
        _ if blanks > 0 && !rest.starts_with(b"-") && is_token(rest) => (Sign::Blank, at),
        _ => return None,
    };
    // A parameter without a value ends where it begins.
    let is_parameter = start > 0 && matches!(text[start - 1], b'?' | b'&');
    let at = match is_parameter && sign == Sign::Equals {
        true => at,
        false => at + self::blanks(text, at),
    };
    // `string(12) "value"`: as `var_dump` shows it.
    let at = at + dumped(&text[at..]);
    // `&name "value"`: the name that YAML gives to a value.
    let at = at + anchor(&text[at..]);
    let (quote, from) = opening(text, at);
    // `"token="`: the quote ends a text around the name.
    if let Some([quote]) = quote.filter(|_| !closed_quote)
        && matches!(sign, Sign::Equals | Sign::Colon)
        && !text.get(from).is_some_and(u8::is_ascii_alphanumeric)
        && is_open(text, start, *quote)
    {
        return None;
    }
    let is_anchored = quote.is_none()
        && !closed_quote
        && matches!(sign, Sign::Equals | Sign::Colon | Sign::Blank)
        && is_anchored(text, start);
    let (to, line_end) = match quote {
        Some(quote) => {
            let to = end_of_quoted(text, start, from, quote);
            (to, to)
        }
        None => {
            let line_end = line_end(text, from);
            let to = match (sign, is_anchored) {
                (Sign::Element, _) => from + count(&text[from..line_end], |b| b != b'<'),
                (_, true) if !is_query(&text[from..line_end]) => cut_comment(text, from, line_end),
                _ => from + unquoted(&text[from..line_end]),
            };
            (to, line_end)
        }
    };
    // `;password = ; empty by default`
    let is_empty = quote.is_none() && text[from..line_end].starts_with(b"; ");
    (from < to && !is_empty).then_some(Assigned {
        sign,
        value: from..to,
        line: from..line_end,
        quote: quote.and_then(|quote| quote.last().copied()).map(|byte| {
            if byte == b'\'' || byte == b'`' {
                byte
            } else {
                b'"'
            }
        }),
    })
}

/// Behind brackets and quotes that close around a name.
fn closing(text: &[u8], end: usize) -> (usize, bool) {
    let mut at = end;
    let mut closed = false;
    loop {
        let rest = &text[at..];
        at += match rest {
            [b']' | b')', ..] if at < end + 4 => 1,
            [b'[', b']', ..] => 2,
            _ if !closed && opening(text, at).0.is_some() => {
                closed = true;
                opening(text, at).1 - at
            }
            _ if rest.len() >= 3 && rest[..3].eq_ignore_ascii_case(b"%5d") => 3,
            _ if rest.len() >= 3 && rest[..3].eq_ignore_ascii_case(b"%5b") => 3,
            _ => return (at, closed),
        };
    }
}

/// Signs that open and close a text; in logs and pages they are escaped.
const QUOTES: [&[u8]; 8] = [
    b"\"", b"'", b"`", b"\\\"", b"\\'", b"\\x22", b"&quot;", b"%22",
];

/// The quote that opens here, and where its inside begins.
fn opening(text: &[u8], at: usize) -> (Option<&'static [u8]>, usize) {
    let quote = QUOTES
        .into_iter()
        .find(|quote| text[at..].starts_with(quote));
    (quote, at + quote.map_or(0, <[u8]>::len))
}

fn quoted_end(text: &[u8], from: usize, quote: &[u8]) -> Option<usize> {
    let most = (from + LONGEST).min(text.len());
    let is_plain = quote.len() == 1;
    let mut at = from;
    while at < most {
        if text[at..].starts_with(quote) {
            return Some(at);
        }
        let is_escaped =
            is_plain && text[at] == b'\\' && text.get(at + 1).is_some_and(|b| *b != b'\n');
        at += if is_escaped { 2 } else { 1 };
    }
    None
}

/// The end of a quoted value. One that goes on over lines is a value only behind a key at the
/// beginning of a line; anywhere else its quote was never closed.
fn end_of_quoted(text: &[u8], start: usize, from: usize, quote: &[u8]) -> usize {
    let line_end = line_end(text, from);
    match quoted_end(text, from, quote) {
        Some(end)
            if end <= line_end
                || is_anchored(text, start) && lines(text, from, end) <= MOST_LINES =>
        {
            end
        }
        _ => line_end,
    }
}

fn lines(text: &[u8], from: usize, to: usize) -> usize {
    text[from..to].iter().filter(|b| **b == b'\n').count()
}

/// The end of a value that reaches to the end of its line, without a comment behind it.
pub(crate) fn cut_comment(text: &[u8], from: usize, line_end: usize) -> usize {
    let line = &text[from..line_end];
    let is_mark = |w: &[u8]| matches!(w, [b' ' | b'\t', b'#' | b';'] | [b' ', b'/']);
    let comment = line.windows(2).position(is_mark).unwrap_or(line.len());
    let mut value = line[..comment].trim_ascii_end();
    while let Some(rest) = value
        .strip_suffix(b";")
        .or_else(|| value.strip_suffix(b","))
    {
        value = rest.trim_ascii_end();
    }
    from + value.len()
}

/// The end of a value in the middle of a line.
fn unquoted(line: &[u8]) -> usize {
    let is_end = |at: usize| {
        let next = line.get(at + 1).copied().unwrap_or(b' ');
        match line[at] {
            b' ' | b'\t' | b'&' | b'"' | b'\'' | b'<' | b'>' | b';' | b'`' | b'|' => true,
            b')' | b']' | b'}' => !next.is_ascii_alphanumeric(),
            b',' => {
                next.is_ascii_whitespace() || b"\"'{".contains(&next) || begins_key(&line[at + 1..])
            }
            // `\x0d`: as nginx writes it into its logs.
            b'\\' => {
                matches!(next, b'n' | b'r' | b't' | b'"' | b'\'' | b' ')
                    || line[at + 1..].starts_with(b"x0")
            }
            _ => false,
        }
    };
    (0..line.len()).find(|at| is_end(*at)).unwrap_or(line.len())
}

fn begins_key(rest: &[u8]) -> bool {
    let len = count(rest, |b| b.is_ascii_alphanumeric() || b == b'_');
    len > 0 && matches!(rest.get(len), Some(b'=' | b':'))
}

/// Whether nothing but signs of lists, comments and keys stands before a name on its line.
fn is_anchored(text: &[u8], start: usize) -> bool {
    let line = super::line_before(text, start);
    let mut rest = line.trim_ascii();
    loop {
        let before = rest.len();
        const OPENERS: [&[u8]; 29] = [
            b"-",
            b"#",
            b";",
            b"//",
            b"*",
            b"export",
            b"set",
            b"ENV",
            b"ARG",
            b"define",
            b"env[",
            b"php_admin_value[",
            b"php_value[",
            b"local",
            b"$",
            b"\"",
            b"'",
            b"declare",
            b"const",
            b"let",
            b"var",
            b"my",
            b"final",
            b"static",
            b"private",
            b"public",
            b"protected",
            b"readonly",
            b"global",
        ];
        for opener in OPENERS {
            rest = rest.strip_prefix(opener).unwrap_or(rest).trim_ascii_start();
        }
        if rest.is_empty() {
            return true;
        }
        if rest.len() == before {
            return false;
        }
    }
}

/// Whether a quote was opened on the line before `at` and not closed.
fn is_open(text: &[u8], at: usize, quote: u8) -> bool {
    let line = super::line_before(text, at);
    line.iter().filter(|b| **b == quote).count() % 2 == 1
}

/// The length of `string(12) ` at the beginning.
fn dumped(rest: &[u8]) -> usize {
    let Some(size) = rest.strip_prefix(b"string(") else {
        return 0;
    };
    let digits = count(size, |b| b.is_ascii_digit());
    match size[digits..].starts_with(b") \"") {
        true => 7 + digits + 2,
        false => 0,
    }
}

/// The length of `&name ` at the beginning.
fn anchor(rest: &[u8]) -> usize {
    if !rest.starts_with(b"&") {
        return 0;
    }
    let name = count(&rest[1..], |b| {
        b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
    });
    match rest.get(1 + name) {
        Some(b' ') if name > 0 => name + 2,
        _ => 0,
    }
}

/// `a&b=c`: the parameters of an address.
fn is_query(value: &[u8]) -> bool {
    let mut parts = value.split(|b| *b == b'&').skip(1);
    parts.any(begins_key)
}

/// `-p`, `--password`: the name of an option.
fn is_option(text: &[u8], start: usize) -> bool {
    text[start..].starts_with(b"--")
        && text
            .get(start.wrapping_sub(1))
            .is_none_or(|b| b.is_ascii_whitespace() || b"\"'`=".contains(b))
}

fn opens_element(text: &[u8], start: usize) -> bool {
    // `(?<name>…)` is a group of a regular expression.
    text[..start].ends_with(b"<") && !text[..start].ends_with(b"?<")
}

/// A word that looks like a key, long enough not to be one by chance.
fn is_token(rest: &[u8]) -> bool {
    let len = count(rest, |b| {
        b.is_ascii_alphanumeric() || b"_-=+/.".contains(&b)
    });
    len >= 20 && value::looks_random(&rest[..len]) && !value::is_path(&rest[..len])
}

/// A name with a parenthesis right behind it.
fn is_method(rest: &[u8]) -> bool {
    let len = count(rest, |b| b.is_ascii_alphanumeric() || b == b'_');
    len > 0 && rest.get(len) == Some(&b'(')
}

/// The next argument of a call: `f("name", "value")`, `f(NAME, 'value')`.
fn call(text: &[u8], start: usize, at: usize, closed_quote: bool) -> Option<(Sign, usize)> {
    let before = &text[..start];
    let is_constant = text[start..].first().is_some_and(u8::is_ascii_uppercase);
    let is_option = text[start..].starts_with(b"--");
    let is_first = is_option
        || match closed_quote {
            true => {
                before.len() > 1 && before[before.len() - 2] == b'('
                    || before.ends_with(b"( '")
                    || before.ends_with(b"( \"")
            }
            false => is_constant && super::line_before(text, start).contains(&b'('),
        };
    let at = at + blanks(text, at);
    (is_first && matches!(text.get(at), Some(b'"' | b'\'' | b'['))).then_some((Sign::Call, at))
}

/// Behind `value:` or `"value":` that follows a name within a few bytes.
fn pair(text: &[u8], at: usize) -> Option<(Sign, usize)> {
    let window = &text[at..(at + 80).min(text.len())];
    let skipped = count(window, |b| {
        b.is_ascii_whitespace() || b"\"',{}\\-".contains(&b)
    });
    let rest = &window[skipped..];
    let word = [b"value".as_slice(), b"Value", b"VALUE", b"default"]
        .into_iter()
        .find(|word| rest.starts_with(word))?;
    let behind = &rest[word.len()..];
    let signs = count(behind, |b| b.is_ascii_whitespace() || b"\"'\\".contains(&b));
    let is_sign = matches!(behind.get(signs), Some(b':' | b'='));
    is_sign.then_some((Sign::Pair, at + skipped + word.len() + signs + 1))
}

fn blanks(text: &[u8], at: usize) -> usize {
    count(&text[at..(at + 64).min(text.len())], |b| {
        b == b' ' || b == b'\t'
    })
}

fn line_end(text: &[u8], from: usize) -> usize {
    let most = (from + LONGEST).min(text.len());
    let len = count(&text[from..most], |b| b != b'\n');
    match text[from..from + len].ends_with(b"\r") {
        true => from + len - 1,
        false => from + len,
    }
}

fn count(text: &[u8], mut holds: impl FnMut(u8) -> bool) -> usize {
    text.iter().take_while(|b| holds(**b)).count()
}
