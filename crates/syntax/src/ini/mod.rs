//! PHP's ini files: php.ini and the pools of PHP-FPM.
//!
//! Both go through `Zend/zend_ini_scanner.l` and `Zend/zend_ini_parser.y` in their normal mode.
//! php.ini is one text; FPM hands every line to the parser on its own
//! (`fpm_conf_load_ini_file` in `sapi/fpm/fpm/fpm_conf.c`), so a quoted value cannot span two
//! lines there.
//!
//! What surprises, each found with the real programs (8.2):
//!
//! - Blanks before `[` make a section into an option without a name: an error. Tabs do not.
//! - `[ www ]` names a section ` www `, and `php_value[ x ]` has the offset `x ` with its blank.
//! - A dollar takes the next byte along, even a line feed: `a = x$` reads on into the next line.
//! - A single quote that nothing closes ends the reading without a word.
//! - `a = b on` sets `a` to `b` and then stumbles over `on`: the rest of php.ini is ignored.
//! - `# x` is not a comment but an option without a value.

mod lexer;
mod parser;
mod value;

use crate::SyntaxError;
use base::offset as to_u32;

pub use value::Value;

/// Which program reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One text; the first error ends the reading, what came before it counts.
    PhpIni,
    /// Line by line; the first error keeps FPM from starting.
    Fpm,
}

/// What changed in the grammar, by the PHP version that brought it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grammar {
    /// 7.2 to 8.2.
    Php72,
    /// `${NAME:-fallback}`; no `]` in names.
    #[default]
    Php83,
    /// `E_ALL` without `E_STRICT`.
    Php84,
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
    /// The key as written; of a section, what stands between the brackets.
    pub key: Range,
    /// What stands in the brackets of `key[offset]`.
    pub offset: Option<Value>,
    /// The value; of a section, its name.
    pub value: Value,
}

/// All statements of a file, in order. Offsets refer to the bytes that were parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: Vec<Entry>,
    comments: Vec<Range>,
    errors: Vec<SyntaxError>,
    ignored: Vec<Range>,
}

impl Tree {
    /// The statements before the first error that ends the reading (php.ini), or those of all
    /// lines (FPM), up to where an error ends a line.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Comments, `;` to before the line end.
    pub fn comments(&self) -> &[Range] {
        &self.comments
    }

    /// Errors in order; the first is the one PHP reports. Its line is PHP's own for php.ini; FPM
    /// says `line 1` or `line 2` of `Unknown` whatever the line, so there it is the line meant.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// What PHP never reads: behind an error, behind an unclosed `'`, behind a NUL in an FPM line.
    pub fn ignored(&self) -> &[Range] {
        &self.ignored
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

/// Parses a file as current PHP does. Never fails: see [`Tree::errors`].
pub fn parse(bytes: &[u8], dialect: Dialect) -> Tree {
    parse_as(bytes, dialect, Grammar::default())
}

/// Parses a file as one version of PHP does.
pub fn parse_as(bytes: &[u8], dialect: Dialect, grammar: Grammar) -> Tree {
    let mut tree = Tree::default();
    if dialect == Dialect::PhpIni {
        parser::read(&mut tree, bytes, (0, bytes.len()), false, 1, grammar);
        return tree;
    }
    let mut start = 0;
    for (line, text) in (1..).zip(bytes.split_inclusive(|&b| b == b'\n')) {
        let end = start + text.len();
        // FPM hands over a C string: a NUL ends it.
        let nul = text.iter().position(|&b| b == 0).map(|at| start + at);
        let read_to = nul.unwrap_or(end);
        let adds_newline = nul.is_none() && !text.ends_with(b"\n");
        parser::read(
            &mut tree,
            bytes,
            (start, read_to),
            adds_newline,
            line,
            grammar,
        );
        if nul.is_some_and(|nul| nul + 1 < end) {
            tree.ignored.push((to_u32(read_to), to_u32(end)));
        }
        start = end;
    }
    tree
}
