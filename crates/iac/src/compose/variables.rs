//! `${NAME}` and `.env`: what values of a Compose file stand for.

use std::ops::Range;

use base::outer::Piece;
use base::{SortedMap, SortedSet, offset};

/// Values of variables. What is not here may still be set by whoever starts the stack.
pub(crate) type Variables = SortedMap<String, String>;

/// Defaults stand in defaults; nobody nests deeper.
const DEEPEST: usize = 10;

/// A text whose variables are filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filled {
    /// The text, with nothing where a value is not known.
    pub(crate) text: String,
    /// Where its bytes stand in the text that is written.
    pub(crate) steps: Vec<Piece>,
    /// Variables that are set nowhere.
    pub(crate) holes: SortedSet<String>,
    /// What Compose would refuse.
    pub(crate) is_refused: bool,
}

/// Fills in a text as Compose does.
pub(crate) fn fill(raw: &str, variables: &Variables) -> Filled {
    let mut filled = Filled::default();
    fill_into(raw, variables, &mut filled, 0);
    filled
}

fn fill_into(raw: &str, variables: &Variables, filled: &mut Filled, depth: usize) {
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let literal = rest.find('$').unwrap_or(rest.len());
        push(filled, &rest[..literal], at..at + literal);
        at += literal;
        let Some(rest) = raw[at..].strip_prefix('$') else {
            return;
        };
        let (len, value) = match rest.as_bytes().first() {
            Some(b'$') => (2, "$".to_owned()),
            Some(b'{') => match closing(rest) {
                Some(end) if depth < DEEPEST => {
                    let inner = &rest[1..end];
                    (end + 2, braced(inner, variables, filled, depth))
                }
                _ => {
                    filled.is_refused = true;
                    (1, "$".to_owned())
                }
            },
            Some(b) if b.is_ascii_alphabetic() || *b == b'_' => {
                let len = name_len(rest);
                (len + 1, plain(&rest[..len], variables, filled))
            }
            _ => {
                filled.is_refused = true;
                (1, "$".to_owned())
            }
        };
        push_value(filled, &value, at..at + len);
        at += len;
    }
}

/// Where the brace that opens a text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at),
            b'}' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

fn name_len(text: &str) -> usize {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    text.bytes().take_while(|b| is_part(b)).count()
}

fn plain(name: &str, variables: &Variables, filled: &mut Filled) -> String {
    match variables.get(name) {
        Some(value) => value.clone(),
        None => {
            filled.holes.insert(name.to_owned());
            String::new()
        }
    }
}

/// What stands between braces: a name and perhaps what to take when it is not set.
fn braced(inner: &str, variables: &Variables, filled: &mut Filled, depth: usize) -> String {
    let (name, rest) = inner.split_at(name_len(inner));
    if name.is_empty() {
        filled.is_refused = true;
        return String::new();
    }
    let value = variables.get(name);
    let (operator, word) = match rest.as_bytes() {
        [b':', b'-' | b'?' | b'+', ..] => rest.split_at(2),
        [b'-' | b'?' | b'+', ..] => rest.split_at(1),
        [] => return plain(name, variables, filled),
        _ => {
            filled.is_refused = true;
            return String::new();
        }
    };
    let is_set = match operator.starts_with(':') {
        true => value.is_some_and(|value| !value.is_empty()),
        false => value.is_some(),
    };
    match (is_set, operator.trim_start_matches(':')) {
        (true, "+") | (false, "-") => {
            let mut inner = Filled::default();
            fill_into(word, variables, &mut inner, depth + 1);
            filled.holes.extend(inner.holes);
            filled.is_refused |= inner.is_refused;
            inner.text
        }
        (false, "+") => String::new(),
        (false, _) => plain(name, &Variables::new(), filled),
        (true, _) => value.cloned().unwrap_or_default(),
    }
}

/// Adds what a variable stands for, which is written in other bytes.
fn push_value(filled: &mut Filled, value: &str, outer: Range<usize>) {
    if !value.is_empty() {
        let start = offset(filled.text.len());
        filled.text.push_str(value);
        let inner = start..offset(filled.text.len());
        let outer = offset(outer.start)..offset(outer.end);
        filled.steps.push(Piece::other(inner, outer));
    }
}

fn push(filled: &mut Filled, text: &str, outer: Range<usize>) {
    if !text.is_empty() {
        let start = offset(filled.text.len());
        filled.text.push_str(text);
        let inner = start..offset(filled.text.len());
        let outer = offset(outer.start)..offset(outer.end);
        filled.steps.push(Piece::same(inner, outer));
    }
}

/// Reads a file of variables: `NAME=value`, with quotes, comments, and names of earlier ones.
pub(crate) fn env_file(text: &str, known: &mut Variables) {
    for (name, range) in env_places(text) {
        let quote = text[..range.start].chars().next_back();
        let value = match quote {
            Some('\'') => text[range].to_owned(),
            _ => fill(&text[range], known).text,
        };
        known.insert(name, value);
    }
}

/// The names in a file of variables, and where their values stand, without quotes and comments.
pub(crate) fn env_places(text: &str) -> Vec<(String, Range<usize>)> {
    let mut out = Vec::new();
    let mut begin = 0;
    for whole in text.split_inclusive('\n') {
        let at = begin;
        begin += whole.len();
        let trimmed = whole.trim_start();
        let line = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let at = at + whole.len() - value.len();
        let name = name.trim_end();
        if line.starts_with('#') || name_len(name) != name.len() || name.is_empty() {
            continue;
        }
        let at = at + value.len() - value.trim_start().len();
        let value = value.trim();
        let quoted = |quote: char| Some(value.strip_prefix(quote)?.split_once(quote)?.0.len());
        let range = match quoted('\'').or(quoted('"')) {
            Some(len) => at + 1..at + 1 + len,
            None => {
                let comment = value.find(" #").unwrap_or(value.len());
                at..at + value[..comment].trim_end().len()
            }
        };
        out.push((name.to_owned(), range));
    }
    out
}
