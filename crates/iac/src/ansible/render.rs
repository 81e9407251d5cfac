//! A template of Jinja, rendered with the place of every piece. What has no value stays as a hole
//! with its name; what decides over more than a value (a condition, a loop) must be known.

use std::ops::Range;

use super::lex::{Cut, Token, split, tokens};
use super::scope::Scope;
use super::text::{Given, Run};
use super::value::{Node, Value};

/// Statements in statements.
const DEEPEST: usize = 40;

/// What a template may become.
const MOST_BYTES: usize = 4 << 20;

/// Rounds of all loops of a template.
const MOST_ROUNDS: usize = 100_000;

/// A template with its values filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    /// Its text; the document of every run is number 0, the template.
    pub(crate) runs: Vec<Run>,
    /// Why some of its places are holes.
    pub(crate) holes: Vec<String>,
    rounds: usize,
    bytes: usize,
}

impl Rendered {
    /// A text in which nothing is filled in.
    pub(crate) fn literal(text: &str) -> Rendered {
        let run = Run {
            text: text.to_owned(),
            from: Some((0, 0..text.len(), true)),
            given: None,
        };
        Rendered {
            runs: vec![run],
            ..Rendered::default()
        }
    }

    /// The whole text.
    pub(crate) fn joined(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// Renders a template, or says why that cannot be done. `from` is where it begins in the text.
pub(crate) fn render(
    text: &str,
    scope: &Scope<'_>,
    cut: Cut,
    from: usize,
) -> Result<Rendered, String> {
    // Jinja takes the last line feed away, and Ansible puts those back that are missing then.
    let feeds = text.len() - text.trim_end_matches('\n').len();
    let source = text.strip_suffix('\n').unwrap_or(text);
    let source = if feeds > 0 {
        source.strip_suffix('\r').unwrap_or(source)
    } else {
        source
    };
    let tokens = tokens(source, from, cut)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
    };
    let parts = parser.parts(&[], 0)?;
    if parser.at < tokens.len() {
        return Err("a statement of Jinja ends what did not begin".to_owned());
    }
    let mut out = Rendered::default();
    let mut inner = Scope::new(scope.layers.clone(), scope.engine, scope.closed.clone());
    inner.locals.clone_from(&scope.locals);
    inner.is_task.set(scope.is_task.get());
    inner.inherit(scope);
    let done = all(&parts, source, &mut inner, &mut out);
    scope.learn(&inner);
    done?;
    let got = out.joined();
    let got = got.len() - got.trim_end_matches('\n').len();
    for missing in (0..feeds.saturating_sub(got)).rev() {
        let at = text.len() - missing - 1;
        push_text(&mut out, text, at..at + 1);
    }
    Ok(out)
}

/// A part of a template.
enum Piece {
    /// Bytes that stay.
    Text(Range<usize>),
    /// A value.
    Value(Range<usize>, String),
    /// Conditions (the last may have none) and what they are for.
    If(Vec<(Option<String>, Vec<Piece>)>),
    /// A loop.
    For(Box<Loop>),
    /// `{% set name = … %}`
    Set(String, String),
}

/// `{% for names in list if filter %}`
struct Loop {
    names: Vec<String>,
    list: String,
    filter: Option<String>,
    body: Vec<Piece>,
    otherwise: Vec<Piece>,
}

struct Parser<'p> {
    tokens: &'p [Token],
    at: usize,
}

/// The first word of a statement.
fn word(statement: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let end = statement.find(|c| !is_part(c)).unwrap_or(statement.len());
    &statement[..end]
}

impl Parser<'_> {
    /// Pieces until one of these statements, which is not taken.
    fn parts(&mut self, ends: &[&str], depth: usize) -> Result<Vec<Piece>, String> {
        if depth > DEEPEST {
            return Err("statements of Jinja in more than 40 levels".to_owned());
        }
        let mut out = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Text(range) => out.push(Piece::Text(range.clone())),
                Token::Value(range, inner) => {
                    out.push(Piece::Value(range.clone(), inner.clone()));
                }
                Token::Statement(_, statement) if ends.contains(&word(statement)) => {
                    return Ok(out);
                }
                Token::Statement(_, statement) => {
                    self.at += 1;
                    self.statement(statement, &mut out, depth)?;
                    continue;
                }
            }
            self.at += 1;
        }
        match ends.first() {
            None => Ok(out),
            Some(_) => Err(format!("`{{% {} %}}` is missing", ends[ends.len() - 1])),
        }
    }

    fn end(&mut self) -> String {
        let statement = match self.tokens.get(self.at) {
            Some(Token::Statement(_, statement)) => statement.clone(),
            _ => String::new(),
        };
        self.at += 1;
        statement
    }

    fn statement(&mut self, text: &str, out: &mut Vec<Piece>, depth: usize) -> Result<(), String> {
        let rest = text[word(text).len()..].trim();
        match word(text) {
            "if" => {
                let mut branches = Vec::new();
                let mut condition = Some(rest.to_owned());
                loop {
                    let body = self.parts(&["elif", "else", "endif"], depth + 1)?;
                    branches.push((condition, body));
                    let end = self.end();
                    condition = match word(&end) {
                        "elif" => Some(end["elif".len()..].trim().to_owned()),
                        "else" => None,
                        _ => break,
                    };
                }
                out.push(Piece::If(branches));
            }
            "for" => {
                let (names, list) = rest
                    .split_once(" in ")
                    .ok_or("`{% for %}` without `in` is not read")?;
                if list.trim_end().ends_with(" recursive") {
                    return Err("a recursive loop of Jinja is not read".to_owned());
                }
                let (list, filter) = match list.split_once(" if ") {
                    Some((list, filter)) if !filter.contains(" else ") => {
                        (list, Some(filter.trim().to_owned()))
                    }
                    _ => (list, None),
                };
                let body = self.parts(&["else", "endfor"], depth + 1)?;
                let otherwise = match word(&self.end()) {
                    "else" => {
                        let parts = self.parts(&["endfor"], depth + 1)?;
                        self.end();
                        parts
                    }
                    _ => Vec::new(),
                };
                let names = names.trim_matches(['(', ')', ' ']).split(',');
                out.push(Piece::For(Box::new(Loop {
                    names: names.map(|name| name.trim().to_owned()).collect(),
                    list: list.trim().to_owned(),
                    filter,
                    body,
                    otherwise,
                })));
            }
            "set" => {
                let parts = split(rest, b'=');
                match parts.split_first() {
                    Some((name, value)) if !value.is_empty() && word(name) == *name => {
                        let value = rest[rest.find('=').map_or(0, |at| at + 1)..].trim();
                        out.push(Piece::Set((*name).to_owned(), value.to_owned()));
                    }
                    _ => return Err(format!("`{{% {text} %}}` is not read")),
                }
            }
            // A block that nobody replaces is what is in it.
            "block" => {
                let body = self.parts(&["endblock"], depth + 1)?;
                self.end();
                out.extend(body);
            }
            other => {
                let other = base::source::printable(other.as_bytes());
                return Err(format!("the statement `{other}` of Jinja is not read"));
            }
        }
        Ok(())
    }
}

fn all(
    pieces: &[Piece],
    source: &str,
    scope: &mut Scope<'_>,
    out: &mut Rendered,
) -> Result<(), String> {
    for piece in pieces {
        match piece {
            Piece::Text(range) => push_text(out, source, range.clone()),
            Piece::Value(range, expression) => push_value(out, source, range, expression, scope)?,
            Piece::Set(name, value) => {
                let node = scope.eval(value);
                let node = node.unwrap_or_else(|hole| Node::unknown(hole.why()));
                scope.locals.push((name.clone(), node));
            }
            Piece::If(branches) => {
                for (condition, body) in branches {
                    let is_it = match condition {
                        None => true,
                        Some(condition) => scope.is_true(condition).map_err(|hole| {
                            let condition = base::source::printable(condition.as_bytes());
                            format!("`{{% if {condition} %}}`: {}", hole.why())
                        })?,
                    };
                    if is_it {
                        all(body, source, scope, out)?;
                        break;
                    }
                }
            }
            Piece::For(of) => each(of, source, scope, out)?,
        }
        if out.bytes > MOST_BYTES {
            return Err("it becomes larger than 4 MiB".to_owned());
        }
    }
    Ok(())
}

fn each(of: &Loop, source: &str, scope: &mut Scope<'_>, out: &mut Rendered) -> Result<(), String> {
    let said = |why: String| {
        let list = base::source::printable(of.list.as_bytes());
        format!("`{{% for … in {list} %}}`: {why}")
    };
    let list = scope.eval(&of.list).map_err(|hole| said(hole.why()))?;
    let items: Vec<Node> = match &list.value {
        Value::List(items) => items.to_vec(),
        Value::Map(fields) => fields.iter().map(|(key, _)| Node::text(key)).collect(),
        _ => return Err(said("it is no list".to_owned())),
    };
    let before = scope.locals.len();
    let mut kept = Vec::new();
    for item in items {
        let item = match scope.resolved(&item) {
            Ok(item) => item,
            Err(hole) => Node::unknown(hole.why()),
        };
        bind(of, &item, scope).map_err(said)?;
        let is_kept = match &of.filter {
            None => true,
            Some(filter) => scope.is_true(filter).map_err(|hole| said(hole.why()))?,
        };
        scope.locals.truncate(before);
        if is_kept {
            kept.push(item);
        }
    }
    let len = kept.len();
    if len == 0 {
        return all(&of.otherwise, source, scope, out);
    }
    for (at, item) in kept.iter().enumerate() {
        out.rounds += 1;
        if out.rounds > MOST_ROUNDS {
            return Err(said("more than 100,000 rounds".to_owned()));
        }
        bind(of, item, scope).map_err(said)?;
        scope.locals.push(("loop".to_owned(), counters(at, len)));
        all(&of.body, source, scope, out)?;
        scope.locals.truncate(before);
    }
    Ok(())
}

fn bind(of: &Loop, item: &Node, scope: &mut Scope<'_>) -> Result<(), String> {
    let is_pair = "names of a loop do not fit what it is over";
    match of.names.as_slice() {
        [name] => scope.locals.push((name.clone(), item.clone())),
        names => {
            let items = item.items().filter(|items| items.len() == names.len());
            let items = items.ok_or(is_pair)?;
            for (name, item) in names.iter().zip(items) {
                scope.locals.push((name.clone(), item.clone()));
            }
        }
    }
    Ok(())
}

fn counters(at: usize, len: usize) -> Node {
    let number = |at: usize| Node::from(Value::Int(i64::try_from(at).unwrap_or(i64::MAX)));
    let is = |value: bool| Node::from(Value::Bool(value));
    Node::map(vec![
        ("index".to_owned(), number(at + 1)),
        ("index0".to_owned(), number(at)),
        ("revindex".to_owned(), number(len - at)),
        ("revindex0".to_owned(), number(len - at - 1)),
        ("length".to_owned(), number(len)),
        ("first".to_owned(), is(at == 0)),
        ("last".to_owned(), is(at + 1 == len)),
    ])
}

/// Text as it stands; Jinja makes every line end in a line feed alone.
fn push_text(out: &mut Rendered, source: &str, range: Range<usize>) {
    let mut at = range.start;
    for part in source[range].split_inclusive("\r\n") {
        let (text, feed) = match part.strip_suffix("\r\n") {
            Some(text) => (text, true),
            None => (part, false),
        };
        push(out, text.to_owned(), at..at + text.len(), true, None);
        if feed {
            let start = at + text.len();
            push(out, "\n".to_owned(), start..start + 2, false, None);
        }
        at += part.len();
    }
}

fn push(out: &mut Rendered, text: String, from: Range<usize>, is_same: bool, given: Option<Given>) {
    if text.is_empty() {
        return;
    }
    out.bytes += text.len();
    out.runs.push(Run {
        text,
        from: Some((0, from, is_same)),
        given,
    });
}

fn push_value(
    out: &mut Rendered,
    source: &str,
    range: &Range<usize>,
    expression: &str,
    scope: &Scope<'_>,
) -> Result<(), String> {
    let found = scope.eval(expression).and_then(|node| scope.deep(&node));
    let shown = found.and_then(|node| match node.shown() {
        Some(text) => Ok((text, node)),
        None => Err(super::scope::Hole::Unknown(
            "a value that Python writes in a way of its own".to_owned(),
        )),
    });
    match shown {
        Ok((text, node)) => {
            let given = Given {
                name: expression.to_owned(),
                at: node.at,
                written: node.written,
            };
            push(out, text, range.clone(), false, Some(given));
        }
        Err(hole) => {
            let is_plain = !expression.contains(['\n', '\r', '\0']);
            if !is_plain {
                return Err(hole.why());
            }
            let written = &source[range.clone()];
            let text = format!("{{{{ {expression} }}}}");
            let is_same = written == text;
            push(out, text, range.clone(), is_same, None);
            out.holes.push(format!(
                "`{{{{ {} }}}}`: {}",
                base::source::printable(expression.as_bytes()),
                hole.why()
            ));
        }
    }
    Ok(())
}
