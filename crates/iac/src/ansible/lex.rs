//! Templates of Jinja as pieces: text, values and statements, each with its place.
//!
//! White space is cut as Jinja does it: `-` at a tag, the line feed behind a statement
//! (`trim_blocks`, which Ansible turns on), blanks before one (`lstrip_blocks`, which it does not).

use std::ops::Range;

/// How white space around statements is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The line feed behind a statement.
    pub(crate) trim: bool,
    /// Blanks between the begin of a line and a statement.
    pub(crate) lstrip: bool,
}

impl Default for Cut {
    fn default() -> Cut {
        Cut {
            trim: true,
            lstrip: false,
        }
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Bytes that stay.
    Text(Range<usize>),
    /// `{{ … }}`: where it is, and what is in it.
    Value(Range<usize>, String),
    /// `{% … %}`: where it is, and what is in it.
    Statement(Range<usize>, String),
}

/// The pieces of a template, or why it is none.
pub(crate) fn tokens(text: &str, from: usize, cut: Cut) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut at = from;
    // Where the text begins that is not given out yet, and whether its begin is cut.
    let mut literal = from;
    while let Some(open) = next_tag(text, at) {
        let kind = text.as_bytes()[open + 1];
        let sign = text.as_bytes().get(open + 2).copied();
        push_text(
            &mut out,
            literal,
            text_end(text, literal, open, kind, sign, cut),
        );
        let start = open + 2 + usize::from(matches!(sign, Some(b'-' | b'+')));
        let (inner_end, close) = match kind {
            b'#' => {
                let end = text[start..]
                    .find("#}")
                    .ok_or("a comment `{#` has no end")?;
                (start + end, start + end + 2)
            }
            _ => tag_end(text, start, kind)?,
        };
        let is_minus = close >= 3 && text.as_bytes()[close - 3] == b'-' && close - 3 >= start;
        let is_plus = close >= 3 && text.as_bytes()[close - 3] == b'+' && kind != b'{';
        let inner_end = inner_end
            - usize::from(
                (is_minus || is_plus && kind == b'%')
                    && inner_end > start
                    && matches!(text.as_bytes()[inner_end - 1], b'-' | b'+'),
            );
        let inner = text[start..inner_end].trim().to_owned();
        at = close;
        literal = behind(text, close, kind, is_minus, is_plus, cut);
        match kind {
            b'{' => out.push(Token::Value(open..close, inner)),
            b'%' if inner == "raw" => {
                let (end, next) = raw_end(text, close, cut)?;
                let begin = if is_minus { literal } else { close };
                push_text(&mut out, begin, end.max(begin));
                at = next;
                literal = next;
            }
            b'%' => out.push(Token::Statement(open..close, inner)),
            _ => {}
        }
        at = at.max(literal);
    }
    push_text(&mut out, literal, text.len());
    Ok(out)
}

fn push_text(out: &mut Vec<Token>, start: usize, end: usize) {
    if start < end {
        out.push(Token::Text(start..end));
    }
}

fn next_tag(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len().saturating_sub(1))
        .find(|at| bytes[*at] == b'{' && matches!(bytes[*at + 1], b'{' | b'%' | b'#'))
}

/// Where the text before a tag ends.
fn text_end(text: &str, from: usize, open: usize, kind: u8, sign: Option<u8>, cut: Cut) -> usize {
    let before = &text[from..open];
    if sign == Some(b'-') {
        return from + before.trim_end().len();
    }
    if cut.lstrip && kind != b'{' && sign != Some(b'+') {
        let line = text[..open].rfind('\n').map_or(0, |at| at + 1);
        let is_blank = text[line..open].chars().all(|c| c == ' ' || c == '\t');
        if is_blank {
            return line.max(from);
        }
    }
    open
}

/// Where the text behind a tag begins.
fn behind(text: &str, close: usize, kind: u8, is_minus: bool, is_plus: bool, cut: Cut) -> usize {
    let rest = &text[close..];
    if is_minus {
        return close + (rest.len() - rest.trim_start().len());
    }
    if kind == b'{' || is_plus || !cut.trim {
        return close;
    }
    let feeds = ["\r\n", "\n"]
        .into_iter()
        .find(|feed| rest.starts_with(feed));
    close + feeds.map_or(0, str::len)
}

/// The end of what is in a tag, and of the tag: strings and brackets may hold its closing.
fn tag_end(text: &str, start: usize, kind: u8) -> Result<(usize, usize), String> {
    let close = if kind == b'{' { b"}}" } else { b"%}" };
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (start, 0_usize);
    while at < bytes.len() {
        if depth == 0 && bytes[at..].starts_with(close) {
            return Ok((at, at + 2));
        }
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    let line = text[..start].matches('\n').count() + 1;
    Err(format!(
        "a tag of Jinja that begins in line {line} has no end"
    ))
}

/// The end of the text of `{% raw %}`, and where the text behind `{% endraw %}` begins.
fn raw_end(text: &str, from: usize, cut: Cut) -> Result<(usize, usize), String> {
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        let open = at + found;
        let sign = text.as_bytes().get(open + 2).copied();
        let start = open + 2 + usize::from(matches!(sign, Some(b'-' | b'+')));
        let rest = text[start..].trim_start();
        if let Some(rest) = rest.strip_prefix("endraw") {
            let rest = rest.trim_start();
            let inner = text.len() - rest.len();
            let (is_minus, is_plus) = (rest.starts_with('-'), rest.starts_with('+'));
            let close = inner + usize::from(is_minus || is_plus);
            if text[close..].starts_with("%}") {
                let end = text_end(text, from, open, b'%', sign, cut);
                let next = behind(text, close + 2, b'%', is_minus, is_plus, cut);
                return Ok((end, next));
            }
        }
        at = open + 2;
    }
    Err("`{% raw %}` has no `{% endraw %}`".to_owned())
}

/// The parts of an expression between signs that stand outside of strings and brackets.
pub(crate) fn split(expression: &str, sign: u8) -> Vec<&str> {
    let bytes = expression.as_bytes();
    let (mut at, mut depth, mut from) = (0, 0_usize, 0);
    let mut out = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            byte if byte == sign && depth == 0 => {
                out.push(expression[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push(expression[from.min(expression.len())..].trim());
    out
}

#[cfg(test)]
mod tests {
    use super::{Cut, Token, split, tokens};

    fn shown(text: &str) -> String {
        let all = tokens(text, 0, Cut::default()).unwrap();
        let shown = all.iter().map(|token| match token {
            Token::Text(range) => text[range.clone()].to_owned(),
            Token::Value(_, inner) => format!("<{inner}>"),
            Token::Statement(_, inner) => format!("[{inner}]"),
        });
        shown.collect()
    }

    #[test]
    fn white_space_is_cut_as_jinja_does() {
        for (text, expected) in [
            ("a {{ b }}\nc", "a <b>\nc"),
            ("a\n{% if x %}\nb\n{% endif %}\nc", "a\n[if x]b\n[endif]c"),
            ("a\n  {%- if x -%}\n  b", "a[if x]b"),
            ("a {{- b -}} \n c", "a<b>c"),
            ("{# c #}\nx{#- d -#}\n y", "xy"),
            ("{% raw %}{{ x }}{% endraw %}\nz", "{{ x }}z"),
            ("{{ '}}' ~ {'a': {}} }}", "<'}}' ~ {'a': {}}>"),
            ("{% if x +%}\nb", "[if x]\nb"),
            ("{{ -1 }}{{ x-1 }}", "<-1><x-1>"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn signs_outside_of_strings() {
        assert_eq!(split("a | b('|') | c", b'|'), ["a", "b('|')", "c"]);
    }
}
