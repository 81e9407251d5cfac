//! PHP's ini files: php.ini and the pools of PHP-FPM.
//!
//! Both go through `Zend/zend_ini_scanner.l` and `Zend/zend_ini_parser.y` in their normal mode.
//! php.ini is one text; FPM hands every line to the parser on its own
//! (`fpm_conf_load_ini_file` in `sapi/fpm/fpm/fpm_conf.c`), so nothing can span two lines there.

mod value;

use crate::SyntaxError;

pub use value::Value;

/// Which program reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One text; the first error ends the reading, what came before it counts.
    PhpIni,
    /// Line by line; the first error keeps FPM from starting.
    Fpm,
}

/// A byte range.
pub type Range = (u32, u32);

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// `[name]`
    Section,
    /// `key = value`, `key[offset] = value`
    Pair,
    /// A key without `=`.
    Bare,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// From its first to behind its last byte, without white space and comments around it.
    pub span: Range,
    /// The key, or the name of a section.
    pub key: Range,
    /// What stands in the brackets of `key[offset]`.
    pub offset: Option<Range>,
    /// The value; of a section, its name.
    pub value: Value,
}

/// All statements of a file, in order. Offsets refer to the bytes that were parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: Vec<Entry>,
    comments: Vec<Range>,
    errors: Vec<SyntaxError>,
}

impl Tree {
    /// The statements before the first error that ends the reading (php.ini), or all that parse
    /// (FPM).
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Comments, `;` to before the line end.
    pub fn comments(&self) -> &[Range] {
        &self.comments
    }

    /// Errors in order; the first is the one PHP would report.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// Writes the tree statement by statement, with what lies between: the same bytes.
    pub fn print(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for entry in &self.entries {
            let (start, end) = (entry.span.0 as usize, entry.span.1 as usize);
            out.extend_from_slice(&bytes[at..start]);
            out.extend_from_slice(&bytes[start..end]);
            at = end;
        }
        out.extend_from_slice(&bytes[at..]);
        out
    }
}

/// Parses a file. Never fails: see [`Tree::errors`].
pub fn parse(bytes: &[u8], dialect: Dialect) -> Tree {
    let mut tree = Tree::default();
    match dialect {
        Dialect::PhpIni => {
            Scanner::new(bytes, 0, bytes.len(), 1).run(&mut tree);
        }
        Dialect::Fpm => {
            let mut start = 0;
            for (line, text) in (1..).zip(bytes.split_inclusive(|&b| b == b'\n')) {
                let end = start + text.len();
                Scanner::new(bytes, start, end, line).run(&mut tree);
                start = end;
            }
        }
    }
    tree
}

/// Reads statements between two offsets.
pub(crate) struct Scanner<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) line: u32,
}

/// A statement that PHP refuses: where, and what it stumbles over.
pub(crate) struct Refused {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl<'b> Scanner<'b> {
    fn new(bytes: &'b [u8], at: usize, end: usize, line: u32) -> Self {
        Self {
            bytes,
            at,
            end,
            line,
        }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        (at < self.end).then(|| self.bytes[at])
    }

    pub(crate) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn run(&mut self, tree: &mut Tree) {
        while self.at < self.end {
            let start = self.at;
            let line = self.line;
            match self.statement(tree) {
                Ok(()) => self.line += self.feeds(start),
                Err(refused) => {
                    let line = line + self.feeds_between(start, refused.at);
                    tree.errors.push(SyntaxError {
                        start: to_u32(refused.at.min(self.bytes.len())),
                        end: to_u32((refused.at + 1).min(self.bytes.len())),
                        line,
                        message: refused.message,
                    });
                    return;
                }
            }
        }
    }

    fn feeds(&self, from: usize) -> u32 {
        self.feeds_between(from, self.at)
    }

    fn feeds_between(&self, from: usize, to: usize) -> u32 {
        let text = &self.bytes[from..to.clamp(from, self.bytes.len())];
        to_u32(text.iter().filter(|&&b| b == b'\n').count())
    }

    /// One statement with the white space, comment and line end behind it.
    fn statement(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        self.skip_blanks();
        match self.peek() {
            None => Ok(()),
            Some(b'\n' | b'\r') => {
                self.at += 1;
                Ok(())
            }
            Some(b';') => {
                self.comment(tree);
                Ok(())
            }
            Some(b'[') => self.section(tree),
            Some(0) => {
                // A NUL ends the text for the scanner.
                self.at = self.end;
                Ok(())
            }
            Some(byte) if is_label(byte) => self.pair(tree),
            Some(_) => Err(self.unexpected()),
        }
    }

    pub(crate) fn unexpected(&self) -> Refused {
        let message = match self.peek() {
            None => "syntax error, unexpected end of file".to_owned(),
            Some(b'\n' | b'\r') => "syntax error, unexpected end of line".to_owned(),
            Some(byte) => {
                let shown = base::source::printable(&[byte]);
                format!("syntax error, unexpected '{shown}'")
            }
        };
        Refused {
            at: self.at,
            message,
        }
    }

    fn comment(&mut self, tree: &mut Tree) {
        let start = self.at;
        while !matches!(self.peek(), None | Some(b'\n' | b'\r')) {
            self.at += 1;
        }
        tree.comments.push((to_u32(start), to_u32(self.at)));
    }

    /// `[name]`, with nothing but white space behind it.
    fn section(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        let start = self.at;
        self.at += 1;
        self.skip_blanks();
        let name_start = self.at;
        let value = self.section_value()?;
        let name_end = self.at;
        self.at += 1;
        tree.entries.push(Entry {
            kind: EntryKind::Section,
            span: (to_u32(start), to_u32(self.at)),
            key: (to_u32(name_start), to_u32(name_end)),
            offset: None,
            value,
        });
        Ok(())
    }

    /// `key`, `key = value` or `key[offset] = value`.
    fn pair(&mut self, tree: &mut Tree) -> Result<(), Refused> {
        let start = self.at;
        while self.peek().is_some_and(is_label) {
            self.at += 1;
        }
        let key_end = trim_end(self.bytes, start, self.at);
        let offset = match self.peek() {
            Some(b'[') => Some(self.offset()?),
            _ => None,
        };
        self.skip_blanks();
        let mut entry = Entry {
            kind: EntryKind::Bare,
            span: (to_u32(start), to_u32(key_end)),
            key: (to_u32(start), to_u32(key_end)),
            offset,
            value: Value::default(),
        };
        match self.peek() {
            Some(b'=') => {
                self.at += 1;
                self.skip_blanks();
                entry.kind = EntryKind::Pair;
                entry.value = self.value()?;
                let end = entry.value.span.1.max(to_u32(self.at.min(self.end)));
                entry.span.1 = to_u32(trim_end(self.bytes, start, end as usize));
            }
            None | Some(b'\n' | b'\r' | b';') if offset.is_none() => {}
            _ => return Err(self.unexpected()),
        }
        tree.entries.push(entry);
        Ok(())
    }

    fn offset(&mut self) -> Result<Range, Refused> {
        self.at += 1;
        self.skip_blanks();
        let start = self.at;
        while !matches!(self.peek(), None | Some(b']' | b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.peek() != Some(b']') {
            return Err(self.unexpected());
        }
        let range = (to_u32(start), to_u32(trim_end(self.bytes, start, self.at)));
        self.at += 1;
        Ok(range)
    }
}

/// Bytes of a key (`LABEL_CHAR`). Blanks are among them: a key may have two words.
fn is_label(byte: u8) -> bool {
    !b"=\n\r\t;&|^$~(){}!\"[]\0".contains(&byte)
}

fn trim_end(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    end
}

pub(crate) fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
