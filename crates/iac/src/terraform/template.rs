//! Templates: quoted strings, heredocs, and files of `templatefile()`. Text comes in the tokens of
//! HCL's scanner (a line, or less around `$` and `%`), because `~` and `<<-` look at tokens.

use super::parse::{Parser, refusal};
use super::syntax::{Expression, Part, Refusal, Style, Written};

type Read<T> = Result<T, Refusal>;

/// A piece of a template, in a row.
enum Token {
    Text(Written),
    Value(Expression, std::ops::Range<u32>),
    If(Expression, usize),
    Else(usize),
    EndIf(usize),
    For(Option<String>, String, Expression, usize),
    EndFor(usize),
}

/// Behind the opening quote, up to and with the closing one.
pub(super) fn quoted(parser: &mut Parser<'_>) -> Read<Vec<Part>> {
    let open = parser.at;
    let tokens = tokens(parser, Style::Quoted, &mut |parser| match parser.peek() {
        Some(b'"') => {
            parser.at += 1;
            Ok(true)
        }
        None | Some(b'\n') => Err(refusal(open, "this string has no end in its line")),
        Some(_) => Ok(false),
    })?;
    nested(tokens)
}

/// `<<EOF` or `<<-EOF`, up to the mark that ends it.
pub(super) fn heredoc(parser: &mut Parser<'_>) -> Read<Vec<Part>> {
    let open = parser.at;
    parser.at += 2;
    let strips = parser.peek() == Some(b'-');
    parser.at += usize::from(strips);
    let Some(mark) = parser.name() else {
        return parser.refuse("a name is missing behind `<<`");
    };
    let line_end = match parser.rest() {
        rest if rest.starts_with("\r\n") => 2,
        rest if rest.starts_with('\n') => 1,
        _ => return parser.refuse("a line must end behind the name of a heredoc"),
    };
    parser.at += line_end;
    let text = parser.text;
    let mut tokens = tokens(parser, Style::Template, &mut |parser| {
        let begins = text[..parser.at].ends_with('\n');
        let rest = parser.rest();
        if rest.is_empty() {
            let message = format!("this heredoc has no end: no line is `{mark}`");
            return Err(refusal(open, &message));
        }
        let feed = match begins {
            true => rest.find('\n'),
            false => None,
        };
        let Some(feed) = feed else {
            return Ok(false);
        };
        if rest[..feed].trim() != mark {
            return Ok(false);
        }
        // The end of the line is not the heredoc's.
        parser.at += rest[..feed].trim_end_matches('\r').len();
        Ok(true)
    })?;
    if strips {
        strip(&mut tokens);
    }
    nested(tokens)
}

/// A whole file.
pub(super) fn bare(parser: &mut Parser<'_>) -> Read<Vec<Part>> {
    let tokens = tokens(parser, Style::Template, &mut |parser| {
        Ok(parser.peek().is_none())
    })?;
    nested(tokens)
}

fn tokens(
    parser: &mut Parser<'_>,
    style: Style,
    ends: &mut dyn FnMut(&mut Parser<'_>) -> Read<bool>,
) -> Read<Vec<Token>> {
    let mut out: Vec<Token> = Vec::new();
    let (mut trims_next, mut is_text) = (false, false);
    while !ends(parser)? {
        let trims = std::mem::take(&mut trims_next);
        let was_text = std::mem::take(&mut is_text);
        let rest = parser.rest();
        if rest.starts_with("${") || rest.starts_with("%{") {
            let is_value = rest.starts_with('$');
            let start = parser.at;
            parser.at += 2;
            if parser.peek() == Some(b'~') {
                parser.at += 1;
                if let Some(Token::Text(before)) = out.last_mut().filter(|_| was_text) {
                    let keep = before.text.trim_end().len();
                    before.cut_end(keep);
                }
            }
            let token = parser.lines(true, |parser| {
                let token = match is_value {
                    true => Token::Value(parser.expression()?, 0..0),
                    false => control(parser, start)?,
                };
                parser.space()?;
                trims_next = parser.peek() == Some(b'~');
                parser.at += usize::from(trims_next);
                match parser.peek() {
                    Some(b'}') => parser.at += 1,
                    _ => return Err(refusal(start, "this has no end: `}` is missing")),
                }
                Ok(token)
            })?;
            out.push(match token {
                Token::Value(value, _) => Token::Value(value, parser.range(start)),
                token => token,
            });
            continue;
        }
        let mut text = text(parser, style)?;
        if trims {
            let cut = text.text.len() - text.text.trim_start().len();
            text.cut_begin(cut);
        }
        is_text = true;
        out.push(Token::Text(text));
    }
    Ok(out)
}

fn control(parser: &mut Parser<'_>, start: usize) -> Read<Token> {
    parser.space()?;
    match parser.name() {
        Some("if") => Ok(Token::If(parser.expression()?, start)),
        Some("else") => Ok(Token::Else(start)),
        Some("endif") => Ok(Token::EndIf(start)),
        Some("endfor") => Ok(Token::EndFor(start)),
        Some("for") => {
            let (key, value) = parser.names()?;
            Ok(Token::For(key, value, parser.expression()?, start))
        }
        _ => Err(refusal(start, "`%{` begins no `if` and no `for` here")),
    }
}

/// One token of text: there is at least one byte of it.
fn text(parser: &mut Parser<'_>, style: Style) -> Read<Written> {
    let mut out = Written {
        style,
        ..Written::default()
    };
    let rest = parser.rest();
    let start = parser.at;
    let sign = rest.as_bytes()[0];
    if matches!(sign, b'$' | b'%') {
        let is_escape =
            rest.as_bytes().get(1) == Some(&sign) && rest.as_bytes().get(2) == Some(&b'{');
        parser.at += if is_escape { 3 } else { 1 };
        if is_escape && parser.peek() == Some(b'~') {
            parser.at += 1;
        }
        let written = &rest[..parser.at - start];
        let at = parser.range(start);
        match is_escape {
            // `$${` is `${`: two bytes that one thing stands for.
            true => out.push(&written[1..], at),
            false => out.push(written, at),
        }
        return Ok(out);
    }
    while let Some(byte) = parser.peek() {
        let start = parser.at;
        match byte {
            b'$' | b'%' => break,
            b'"' | b'\n' if style == Style::Quoted => break,
            b'\\' if style == Style::Quoted => {
                let c = escape(parser)?;
                out.push(c.encode_utf8(&mut [0; 4]), parser.range(start));
                continue;
            }
            b'\n' => {
                parser.at += 1;
                out.push("\n", parser.range(start));
                break;
            }
            _ => {
                let is_end = |c: char| {
                    matches!(c, '$' | '%' | '\n')
                        || style == Style::Quoted && matches!(c, '"' | '\\')
                };
                let rest = parser.rest();
                parser.at += rest.find(is_end).unwrap_or(rest.len());
                let piece = &rest[..parser.at - start];
                out.push(piece, parser.range(start));
            }
        }
    }
    Ok(out)
}

fn escape(parser: &mut Parser<'_>) -> Read<char> {
    let rest = parser.rest();
    let unicode = |digits: usize| {
        let hex = rest.get(2..2 + digits)?;
        char::from_u32(u32::from_str_radix(hex, 16).ok()?)
    };
    let (c, len) = match rest.as_bytes().get(1) {
        Some(b'n') => (Some('\n'), 2),
        Some(b'r') => (Some('\r'), 2),
        Some(b't') => (Some('\t'), 2),
        Some(b'"') => (Some('"'), 2),
        Some(b'\\') => (Some('\\'), 2),
        Some(b'u') => (unicode(4), 6),
        Some(b'U') => (unicode(8), 10),
        _ => (None, 0),
    };
    match c {
        Some(c) => {
            parser.at += len;
            Ok(c)
        }
        None => parser.refuse("this escape is not known to Terraform"),
    }
}

/// `<<-`: takes away from all lines what the least indented one has. A line that is all space does
/// not count, unless something of it was trimmed.
fn strip(tokens: &mut [Token]) {
    let mut least = usize::MAX;
    let mut begins = true;
    let mut lines = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        let text = match token {
            Token::Text(text) => Some(text.text.as_str()),
            _ => None,
        };
        if std::mem::take(&mut begins) {
            let spaces = match text {
                Some(text) if text.trim_start().is_empty() && text.ends_with('\n') => usize::MAX,
                Some(text) => {
                    lines.push(number);
                    text.chars().take_while(|c| c.is_whitespace()).count()
                }
                None => 0,
            };
            least = least.min(spaces);
        }
        begins = text.is_some_and(|text| text.ends_with('\n'));
    }
    for number in lines {
        if let Token::Text(text) = &mut tokens[number] {
            let cut = text.text.chars().take(least).map(char::len_utf8).sum();
            text.cut_begin(cut);
        }
    }
}

/// Tokens in a row as parts in each other.
fn nested(tokens: Vec<Token>) -> Read<Vec<Part>> {
    /// What is open.
    enum Open {
        If(Expression, Vec<Part>, bool, usize),
        For(Option<String>, String, Expression, usize),
    }
    let mut open: Vec<(Open, Vec<Part>)> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let unbalanced = |at: usize| refusal(at, "this ends nothing that was begun");
    for token in tokens {
        match token {
            Token::Text(text) => match parts.last_mut() {
                Some(Part::Text(before)) => {
                    let mut at = 0;
                    for (len, place) in text.pieces {
                        let end = at + len as usize;
                        before.push(&text.text[at..end], place);
                        at = end;
                    }
                }
                _ => parts.push(Part::Text(text)),
            },
            Token::Value(value, at) => parts.push(Part::Value(value, at)),
            Token::If(condition, at) => {
                let outer = std::mem::take(&mut parts);
                open.push((Open::If(condition, Vec::new(), false, at), outer));
            }
            Token::For(key, value, over, at) => {
                let outer = std::mem::take(&mut parts);
                open.push((Open::For(key, value, over, at), outer));
            }
            Token::Else(at) => match open.last_mut() {
                Some((Open::If(_, then, has_else @ false, _), _)) => {
                    *then = std::mem::take(&mut parts);
                    *has_else = true;
                }
                _ => return Err(unbalanced(at)),
            },
            Token::EndIf(at) => match open.pop() {
                Some((Open::If(condition, then, has_else, _), outer)) => {
                    let inner = std::mem::replace(&mut parts, outer);
                    parts.push(match has_else {
                        true => Part::If(condition, then, inner),
                        false => Part::If(condition, inner, Vec::new()),
                    });
                }
                _ => return Err(unbalanced(at)),
            },
            Token::EndFor(at) => match open.pop() {
                Some((Open::For(key, value, over, _), outer)) => {
                    let inner = std::mem::replace(&mut parts, outer);
                    parts.push(Part::For(key, value, over, inner));
                }
                _ => return Err(unbalanced(at)),
            },
        }
        if open.len() > 20 {
            return Err(refusal(
                0,
                "more than 20 levels of `%{ if }` and `%{ for }`",
            ));
        }
    }
    match open.pop() {
        None => Ok(parts),
        Some((Open::If(.., at) | Open::For(.., at), _)) => Err(refusal(
            at,
            "this has no end: `%{ endif }` or `%{ endfor }` is missing",
        )),
    }
}

/// How deep expressions lie in a template.
pub(super) fn depth(parts: &[Part]) -> usize {
    let each = parts.iter().map(|part| match part {
        Part::Text(_) => 0,
        Part::Value(value, _) => value.depth,
        Part::If(condition, then, other) => {
            condition.depth.max(1 + depth(then)).max(1 + depth(other))
        }
        Part::For(_, _, over, inner) => over.depth.max(1 + depth(inner)),
    });
    each.max().unwrap_or(0)
}
