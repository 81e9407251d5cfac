//! Statements: the grammar of `Zend/zend_ini_parser.y`.
//!
//! A statement counts as soon as it is complete, also when the next token is an error: bison
//! reduces by default and complains afterwards.

use super::lexer::{Kind, Lexer, Token};
use super::value::Value;
use super::{Entry, EntryKind, Grammar, Range, Tree, to_u32};
use crate::SyntaxError;

/// A token that the grammar does not allow, with the message.
pub(super) struct Refused {
    pub(super) token: Token,
    pub(super) message: String,
}

/// Reads one text into the tree.
pub(super) fn read(
    tree: &mut Tree,
    bytes: &[u8],
    (start, end): (usize, usize),
    adds_newline: bool,
    line: u32,
    grammar: Grammar,
) {
    let lexer = Lexer::new(bytes, (start, end), adds_newline, line, grammar);
    let mut parser = Parser::new(lexer, grammar);
    let result = parser.statements(tree);
    let lexer = &parser.lexer;
    let stopped_at = lexer.clip(parser.next.start);
    let comments = lexer.comments.iter();
    tree.comments.extend(comments.map(|&(a, b)| range(a, b)));
    if let Err(refused) = result {
        let (from, to) = (
            refused.token.start,
            refused.token.end.max(refused.token.start + 1),
        );
        tree.errors.push(SyntaxError {
            start: to_u32(lexer.clip(from)),
            end: to_u32(lexer.clip(to)),
            // FPM starts each line anew; only php.ini has lines to count on from.
            line: if start == 0 && line == 1 {
                lexer.line
            } else {
                line
            },
            message: refused.message,
        });
    }
    if stopped_at < end {
        tree.ignored.push(range(stopped_at, end));
    }
}

pub(super) struct Parser<'b> {
    pub(super) lexer: Lexer<'b>,
    pub(super) grammar: Grammar,
    /// The token to be looked at.
    pub(super) next: Token,
    /// Where the last `${…}` ended.
    pub(super) closed_at: usize,
}

impl<'b> Parser<'b> {
    fn new(mut lexer: Lexer<'b>, grammar: Grammar) -> Self {
        let next = lexer.next();
        Self {
            lexer,
            grammar,
            next,
            closed_at: 0,
        }
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.next;
        self.next = self.lexer.next();
        token
    }

    pub(super) fn unexpected(&self, expecting: &[&str]) -> Refused {
        let mut message = format!("syntax error, unexpected {}", self.next.kind.name());
        for (n, name) in expecting.iter().enumerate() {
            message.push_str(if n == 0 { ", expecting " } else { " or " });
            message.push_str(name);
        }
        Refused {
            token: self.next,
            message,
        }
    }

    pub(super) fn expect(&mut self, kind: Kind, expecting: &[&str]) -> Result<Token, Refused> {
        match self.next.kind == kind {
            true => Ok(self.advance()),
            false => Err(self.unexpected(expecting)),
        }
    }

    fn statements(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        loop {
            match self.next.kind {
                Kind::End => return Ok(()),
                Kind::EndOfLine => {
                    self.advance();
                }
                Kind::Section => self.section(tree)?,
                Kind::Label => self.option(tree)?,
                Kind::Offset => self.array(tree)?,
                _ => return Err(self.unexpected(&[])),
            }
        }
    }

    fn section(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        let open = self.advance();
        let inside = self.next.start;
        let name = match self.next.kind {
            Kind::Char(b']') => self.empty(inside),
            _ => self
                .words(false, inside)?
                .unwrap_or_else(|| self.empty(inside)),
        };
        let close = self.expect(Kind::Char(b']'), &["']'"])?;
        tree.entries.push(Entry {
            kind: EntryKind::Section,
            span: range(open.start, close.start + 1),
            key: range(inside, close.start),
            offset: None,
            value: name,
        });
        Ok(())
    }

    fn option(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        let key = self.advance();
        let key_range = self.range(key.text);
        if self.next.kind != Kind::Char(b'=') {
            tree.entries.push(Entry {
                kind: EntryKind::Bare,
                span: key_range,
                key: key_range,
                offset: None,
                value: self.empty(key.text.1),
            });
            return Ok(());
        }
        self.pair(tree, key_range, None)
    }

    fn array(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        let key = self.advance();
        let key_range = self.range(key.text);
        let inside = self.next.start;
        let offset = self
            .words(true, inside)?
            .unwrap_or_else(|| self.empty(inside));
        self.expect(Kind::Char(b']'), &["']'"])?;
        if self.next.kind != Kind::Char(b'=') {
            return Err(self.unexpected(&["'='"]));
        }
        self.pair(tree, key_range, Some(offset))
    }

    fn pair(&mut self, tree: &mut Tree, key: Range, offset: Option<Value>) -> Result<(), Refused> {
        let equals = self.advance();
        let value = self.value(self.lexer.clip(equals.end))?;
        let sign = equals.start + self.sign_offset(equals);
        let end = value.span.1.max(to_u32(sign + 1));
        let value_end = if value.span.0 == value.span.1 {
            to_u32(sign + 1)
        } else {
            end
        };
        tree.entries.push(Entry {
            kind: EntryKind::Pair,
            span: (key.0, value_end),
            key,
            offset,
            value,
        });
        Ok(())
    }

    /// Blanks before the `=` belong to its token.
    fn sign_offset(&self, equals: Token) -> usize {
        let text = &self.lexer.bytes[equals.start..equals.end.min(self.lexer.bytes.len())];
        text.iter().position(|&b| b == b'=').unwrap_or(0)
    }

    pub(super) fn range(&self, (from, to): (usize, usize)) -> Range {
        range(self.lexer.clip(from), self.lexer.clip(to))
    }

    pub(super) fn empty(&self, at: usize) -> Value {
        Value {
            span: self.range((at, at)),
            ..Value::default()
        }
    }
}

fn range(from: usize, to: usize) -> Range {
    (to_u32(from), to_u32(to))
}
