//! From bytes to what they say, as HCL's own scanner and parser read them. Nesting is counted: a
//! file of a million brackets is a message.

use std::ops::Range;

use super::syntax::{Argument, Block, Body, Expression, For, Kind, Refusal};
use super::template;

/// How deep blocks, and expressions in expressions, may lie. People write some ten levels.
const DEEPEST: usize = 60;

/// Operators by how tight they bind, loosest first; longer ones of a level first.
const OPERATORS: [&[&str]; 6] = [
    &["||"],
    &["&&"],
    &["==", "!="],
    &[">=", "<=", ">", "<"],
    &["+", "-"],
    &["*", "/", "%"],
];

type Read<T> = Result<T, Refusal>;

/// Reads a file.
pub(super) fn file(bytes: &[u8]) -> Read<Body> {
    let text = checked(bytes)?;
    let mut parser = Parser::new(text);
    let body = parser.body(None)?;
    Ok(body)
}

/// Reads a file of `templatefile()`.
pub(super) fn template(bytes: &[u8]) -> Read<Vec<super::syntax::Part>> {
    let text = checked(bytes)?;
    template::bare(&mut Parser::new(text))
}

fn checked(bytes: &[u8]) -> Read<&str> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(refusal(0, "it is larger than any configuration"));
    }
    std::str::from_utf8(bytes).map_err(|error| refusal(error.valid_up_to(), "it is not UTF-8"))
}

pub(super) fn refusal(at: usize, message: &str) -> Refusal {
    Refusal {
        at: u32::try_from(at).unwrap_or(u32::MAX),
        message: message.to_owned(),
    }
}

/// Where one is in a file.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    depth: usize,
    /// Whether the end of a line is nothing but space here, as in parentheses.
    skips_lines: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Parser<'t> {
        Parser {
            text,
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            depth: 0,
            skips_lines: false,
        }
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn range(&self, start: usize) -> Range<u32> {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        number(start)..number(self.at)
    }

    pub(super) fn refuse<T>(&self, message: &str) -> Read<T> {
        Err(refusal(self.at, message))
    }

    /// Goes one level down.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            return self.refuse("more than 60 levels of blocks and expressions");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads something in which ends of lines mean nothing, or something.
    pub(super) fn lines<T>(
        &mut self,
        skips: bool,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        let before = std::mem::replace(&mut self.skips_lines, skips);
        let result = read(self);
        self.skips_lines = before;
        result
    }

    /// Past spaces and comments; past ends of lines where they mean nothing.
    pub(super) fn space(&mut self) -> Read<()> {
        loop {
            let rest = self.rest();
            match rest.as_bytes().first() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\r') if rest.starts_with("\r\n") && self.skips_lines => self.at += 2,
                Some(b'\n') if self.skips_lines => self.at += 1,
                Some(b'#') => self.comment(),
                Some(b'/') if rest.starts_with("//") => self.comment(),
                Some(b'/') if rest.starts_with("/*") => match rest.find("*/") {
                    Some(end) => self.at += end + 2,
                    None => return self.refuse("this comment has no end"),
                },
                _ => return Ok(()),
            }
        }
    }

    /// A comment of one line ends before the end of the line.
    fn comment(&mut self) {
        let end = self.rest().find('\n');
        self.at += end.unwrap_or(self.rest().len());
    }

    fn eats(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    pub(super) fn want(&mut self, word: &str) -> Read<()> {
        self.space()?;
        match self.eats(word) {
            true => Ok(()),
            false => self.refuse(&format!("`{word}` is missing here")),
        }
    }

    /// A name, if one stands here.
    pub(super) fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        if !(first.is_alphabetic() || first == '_') {
            return None;
        }
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        Some(&rest[..end])
    }

    /// Everything up to `}`, or to the end of the file.
    fn body(&mut self, open: Option<usize>) -> Read<Body> {
        let mut body = Body::default();
        loop {
            self.lines(true, Self::space)?;
            match (self.peek(), open) {
                (None, None) => return Ok(body),
                (None, Some(open)) => return Err(refusal(open, "this block has no end")),
                (Some(b'}'), Some(_)) => {
                    self.at += 1;
                    return Ok(body);
                }
                _ => {}
            }
            self.lines(false, |here| here.item(&mut body))?;
            self.space()?;
            let is_end =
                self.rest().starts_with("\r\n") || matches!(self.peek(), None | Some(b'\n'));
            let is_closed = open.is_some() && self.peek() == Some(b'}');
            if !(is_end || is_closed) {
                return self.refuse("something stands here behind the end of an argument");
            }
        }
    }

    fn item(&mut self, body: &mut Body) -> Read<()> {
        let start = self.at;
        // A key of a file of JSON-like values may be quoted; an argument of Terraform is a name.
        let Some(name) = self.name() else {
            return self.refuse("this is no argument and no block");
        };
        self.space()?;
        if self.peek() == Some(b'=') && !self.rest().starts_with("==") {
            self.at += 1;
            let value = self.expression()?;
            body.arguments.push(Argument {
                name: name.to_owned(),
                value,
            });
            return Ok(());
        }
        let mut labels = Vec::new();
        loop {
            self.space()?;
            match self.peek() {
                Some(b'{') => break,
                Some(b'"') => {
                    self.at += 1;
                    let end = self.rest().find(['"', '\n']);
                    let end = end.filter(|end| self.rest()[*end..].starts_with('"'));
                    let Some(end) = end else {
                        return self.refuse("this label has no end");
                    };
                    labels.push(self.rest()[..end].to_owned());
                    self.at += end + 1;
                }
                _ => match self.name() {
                    Some(label) => labels.push(label.to_owned()),
                    None => return self.refuse("this is no argument and no block"),
                },
            }
        }
        let at = self.range(start);
        let open = self.at;
        self.at += 1;
        let inner = self.deeper(|here| here.body(Some(open)))?;
        body.blocks.push(Block {
            kind: name.to_owned(),
            labels,
            at,
            body: inner,
        });
        Ok(())
    }

    /// An expression.
    pub(super) fn expression(&mut self) -> Read<Expression> {
        self.deeper(|here| {
            let start = {
                here.space()?;
                here.at
            };
            let condition = here.binary(0)?;
            here.space()?;
            if !here.eats("?") {
                return Ok(condition);
            }
            let yes = here.expression()?;
            here.want(":")?;
            let no = here.expression()?;
            here.made(start, Kind::Condition(Box::new([condition, yes, no])))
        })
    }

    fn binary(&mut self, level: usize) -> Read<Expression> {
        let Some(operators) = OPERATORS.get(level) else {
            return self.unary();
        };
        self.space()?;
        let start = self.at;
        let mut left = self.binary(level + 1)?;
        loop {
            self.space()?;
            let rest = self.rest();
            // `=>` and `~}` are no operators.
            let found = operators
                .iter()
                .find(|operator| rest.starts_with(**operator));
            let Some(operator) = found.filter(|_| !rest.starts_with("=>")) else {
                return Ok(left);
            };
            self.at += operator.len();
            let right = self.binary(level + 1)?;
            let kind = Kind::Binary(operator, Box::new(left), Box::new(right));
            left = self.made(start, kind)?;
        }
    }

    fn unary(&mut self) -> Read<Expression> {
        self.space()?;
        let start = self.at;
        match self.peek() {
            Some(sign @ (b'-' | b'!')) => {
                self.at += 1;
                let value = self.deeper(Self::unary)?;
                self.made(start, Kind::Unary(char::from(sign), Box::new(value)))
            }
            _ => self.postfix(),
        }
    }

    /// A term with what stands behind it: `.name`, `[0]`, `[*]`.
    fn postfix(&mut self) -> Read<Expression> {
        let start = self.at;
        let mut value = self.term()?;
        loop {
            self.space()?;
            let rest = self.rest();
            if rest.starts_with('.') && !rest.starts_with("...") {
                self.at += 1;
                self.space()?;
                if self.eats("*") {
                    let asked = self.asked();
                    value = self.made(start, Kind::Splat(Box::new(value), asked))?;
                    continue;
                }
                let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
                let field = match digits {
                    0 => self.name(),
                    digits => {
                        let text = &self.rest()[..digits];
                        self.at += digits;
                        Some(text)
                    }
                };
                let Some(field) = field else {
                    return self.refuse("a name is missing behind this dot");
                };
                value = self.made(start, Kind::Field(Box::new(value), field.to_owned()))?;
                continue;
            }
            if !rest.starts_with('[') {
                return Ok(value);
            }
            self.at += 1;
            let is_splat = self.lines(true, |here| {
                here.space()?;
                Ok(here.eats("*"))
            })?;
            if is_splat {
                self.want("]")?;
                let asked = self.asked();
                value = self.made(start, Kind::Splat(Box::new(value), asked))?;
                continue;
            }
            let index = self.lines(true, |here| {
                let index = here.expression()?;
                here.want("]")?;
                Ok(index)
            })?;
            value = self.made(start, Kind::Index(Box::new(value), Box::new(index)))?;
        }
    }

    /// The fields behind `[*]`.
    fn asked(&mut self) -> Vec<String> {
        let mut asked = Vec::new();
        while asked.len() < DEEPEST && self.rest().starts_with('.') {
            let before = self.at;
            self.at += 1;
            match self.name() {
                Some(name) => asked.push(name.to_owned()),
                None => {
                    self.at = before;
                    return asked;
                }
            }
        }
        asked
    }

    fn term(&mut self) -> Read<Expression> {
        let start = self.at;
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let mut inner = self.lines(true, |here| {
                    let inner = here.expression()?;
                    here.want(")")?;
                    Ok(inner)
                })?;
                inner.at = self.range(start);
                Ok(inner)
            }
            Some(b'[') => self.list(),
            Some(b'{') => self.object(),
            Some(b'"') => {
                self.at += 1;
                let parts = self.deeper(template::quoted)?;
                self.made(start, Kind::Template(parts))
            }
            Some(b'<') if self.rest().starts_with("<<") => {
                let parts = self.deeper(template::heredoc)?;
                self.made(start, Kind::Template(parts))
            }
            Some(b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn number(&mut self) -> Read<Expression> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            bytes[from..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count()
        };
        let mut len = digits(0);
        if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
            len += 1 + digits(len + 1);
        }
        if matches!(bytes.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
            if digits(len + 1 + sign) > 0 {
                len += 1 + sign + digits(len + 1 + sign);
            }
        }
        let value: Option<f64> = self.rest()[..len].parse().ok();
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return self.refuse("this is no number");
        };
        self.at += len;
        self.made(start, Kind::Number(value))
    }

    fn word(&mut self) -> Read<Expression> {
        let start = self.at;
        let Some(mut name) = self.name() else {
            return self.refuse("a value is missing here");
        };
        while self.rest().starts_with("::") {
            self.at += 2;
            if self.name().is_none() {
                return self.refuse("a name is missing here");
            }
            name = &self.text[start..self.at];
        }
        let kind = match name {
            _ if self.peek() == Some(b'(') => return self.call(start, name),
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            name => Kind::Name(name.to_owned()),
        };
        self.made(start, kind)
    }

    fn call(&mut self, start: usize, name: &str) -> Read<Expression> {
        self.at += 1;
        let (mut all, mut spreads) = (Vec::new(), false);
        self.lines(true, |here| {
            loop {
                here.space()?;
                if here.eats(")") {
                    return Ok(());
                }
                if !all.is_empty() || spreads {
                    here.refuse_unless(!spreads)?;
                }
                all.push(here.expression()?);
                here.space()?;
                spreads = here.eats("...");
                here.space()?;
                if here.eats(",") {
                    continue;
                }
                return here.want(")");
            }
        })?;
        self.made(start, Kind::Call(name.to_owned(), all, spreads))
    }

    fn refuse_unless(&self, holds: bool) -> Read<()> {
        match holds {
            true => Ok(()),
            false => self.refuse("nothing may stand behind `...`"),
        }
    }

    fn list(&mut self) -> Read<Expression> {
        let start = self.at;
        self.at += 1;
        let kind = self.lines(true, |here| {
            here.space()?;
            if let Some(found) = here.for_each(false)? {
                return Ok(found);
            }
            let mut items = Vec::new();
            loop {
                here.space()?;
                if here.eats("]") {
                    return Ok(Kind::List(items));
                }
                items.push(here.expression()?);
                here.space()?;
                if !here.eats(",") {
                    here.want("]")?;
                    return Ok(Kind::List(items));
                }
            }
        })?;
        self.made(start, kind)
    }

    fn object(&mut self) -> Read<Expression> {
        let start = self.at;
        self.at += 1;
        let found = self.lines(true, |here| {
            here.space()?;
            here.for_each(true)
        })?;
        if let Some(kind) = found {
            return self.made(start, kind);
        }
        let mut fields = Vec::new();
        loop {
            self.lines(true, Self::space)?;
            if self.eats("}") {
                break;
            }
            let key = self.lines(true, |here| {
                let key = here.expression()?;
                here.space()?;
                if here.eats("=") || here.eats(":") {
                    return Ok(key);
                }
                here.refuse("`=` is missing behind this key")
            })?;
            // A comma or the end of the line ends a field.
            let value = self.lines(false, Self::expression)?;
            fields.push((key, value));
            self.lines(false, Self::space)?;
            let is_end =
                matches!(self.peek(), Some(b'\n' | b'}')) || self.rest().starts_with("\r\n");
            if !self.eats(",") && !is_end {
                return self.refuse("`}` is missing here");
            }
        }
        self.made(start, Kind::Object(fields))
    }

    /// `for …` behind an opened bracket.
    fn for_each(&mut self, is_object: bool) -> Read<Option<Kind>> {
        let before = self.at;
        let is_for =
            self.name() == Some("for") && matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r'));
        if !is_for {
            self.at = before;
            return Ok(None);
        }
        let (key, value) = self.names()?;
        let over = self.expression()?;
        self.want(":")?;
        let mut to_value = self.expression()?;
        let mut to_key = None;
        self.space()?;
        if is_object {
            self.want("=>")?;
            to_key = Some(std::mem::replace(&mut to_value, self.expression()?));
            self.space()?;
        }
        let is_grouped = is_object && self.eats("...");
        self.space()?;
        let before = self.at;
        let condition = match self.name() {
            Some("if") => Some(self.expression()?),
            _ => {
                self.at = before;
                None
            }
        };
        self.want(if is_object { "}" } else { "]" })?;
        Ok(Some(Kind::For(Box::new(For {
            key,
            value,
            over,
            to_key,
            to_value,
            condition,
            is_grouped,
        }))))
    }

    /// `key, value in`
    pub(super) fn names(&mut self) -> Read<(Option<String>, String)> {
        let mut names = Vec::new();
        loop {
            self.space()?;
            let Some(name) = self.name() else {
                return self.refuse("a name is missing here");
            };
            names.push(name.to_owned());
            self.space()?;
            if names.len() == 2 || !self.eats(",") {
                break;
            }
        }
        self.space()?;
        if self.name() != Some("in") {
            return self.refuse("`in` is missing here");
        }
        let value = names.pop().unwrap_or_default();
        Ok((names.pop(), value))
    }

    fn made(&self, start: usize, kind: Kind) -> Read<Expression> {
        let depth = 1 + deepest(&kind);
        if depth > 2 * DEEPEST {
            return Err(refusal(start, "this expression goes on for too long"));
        }
        Ok(Expression {
            at: self.range(start),
            kind,
            depth,
        })
    }
}

/// The depth of what lies in an expression; templates are counted where they are read.
fn deepest(kind: &Kind) -> usize {
    let all = |items: &[Expression]| items.iter().map(|one| one.depth).max().unwrap_or(0);
    match kind {
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Name(_) => 0,
        Kind::Template(parts) => template::depth(parts),
        Kind::List(items) | Kind::Call(_, items, _) => all(items),
        Kind::Object(fields) => {
            let each = fields.iter().map(|(key, value)| key.depth.max(value.depth));
            each.max().unwrap_or(0)
        }
        Kind::Field(of, _) | Kind::Splat(of, _) | Kind::Unary(_, of) => of.depth,
        Kind::Index(a, b) | Kind::Binary(_, a, b) => a.depth.max(b.depth),
        Kind::Condition(three) => all(three.as_slice()),
        Kind::For(one) => {
            let mut depth = one.over.depth.max(one.to_value.depth);
            for extra in [&one.to_key, &one.condition].into_iter().flatten() {
                depth = depth.max(extra.depth);
            }
            depth
        }
    }
}
