//! What a file of Terraform says: blocks, arguments and expressions, each with its bytes.

use std::ops::Range;

/// The inside of a file or a block.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// `name = expression`, in order.
    pub(super) arguments: Vec<Argument>,
    /// `kind "label" { … }`, in order.
    pub(super) blocks: Vec<Block>,
}

/// `name = expression`
#[derive(Debug)]
pub(super) struct Argument {
    /// Its name.
    pub(super) name: String,
    /// Its value.
    pub(super) value: Expression,
}

/// `kind "label" "label" { … }`
#[derive(Debug)]
pub(super) struct Block {
    /// `resource`
    pub(super) kind: String,
    /// Its labels.
    pub(super) labels: Vec<String>,
    /// The bytes of its first words.
    pub(super) at: Range<u32>,
    /// What stands in its braces.
    pub(super) body: Body,
}

impl Body {
    /// The value of an argument.
    pub(super) fn get(&self, name: &str) -> Option<&Expression> {
        let found = self.arguments.iter().find(|one| one.name == name)?;
        Some(&found.value)
    }

    /// The blocks of a kind.
    pub(super) fn all<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> + 'b {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// Something that has a value.
#[derive(Debug)]
pub(super) struct Expression {
    /// Its bytes.
    pub(super) at: Range<u32>,
    /// What it is.
    pub(super) kind: Kind,
    /// How many expressions lie in each other.
    pub(super) depth: usize,
}

/// Kinds of expressions.
#[derive(Debug)]
pub(super) enum Kind {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `60`
    Number(f64),
    /// `"…"`, `<<EOF`
    Template(Vec<Part>),
    /// `[…]`
    List(Vec<Expression>),
    /// `{ key = value }`
    Object(Vec<(Expression, Expression)>),
    /// The first word of `var.timeout`.
    Name(String),
    /// `.name` behind something.
    Field(Box<Expression>, String),
    /// `[0]` behind something.
    Index(Box<Expression>, Box<Expression>),
    /// `[*]` behind something, and what is asked of each.
    Splat(Box<Expression>, Vec<String>),
    /// `name(…)`; whether the last argument is a list of arguments.
    Call(String, Vec<Expression>, bool),
    /// `-` or `!`
    Unary(char, Box<Expression>),
    /// Two values with an operator between.
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `a ? b : c`
    Condition(Box<[Expression; 3]>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
}

/// `[for key, value in over : value if condition]`
#[derive(Debug)]
pub(super) struct For {
    /// The name of the key.
    pub(super) key: Option<String>,
    /// The name of the value.
    pub(super) value: String,
    /// What is gone through.
    pub(super) over: Expression,
    /// The keys of an object.
    pub(super) to_key: Option<Expression>,
    /// What comes out.
    pub(super) to_value: Expression,
    /// What must hold.
    pub(super) condition: Option<Expression>,
    /// Whether values of the same key are gathered.
    pub(super) is_grouped: bool,
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Part {
    /// Text, and where it stands.
    Text(Written),
    /// `${…}`, and its bytes.
    Value(Expression, Range<u32>),
    /// `%{ if }`
    If(Expression, Vec<Part>, Vec<Part>),
    /// `%{ for }`: key, value, over what, and what is repeated.
    For(Option<String>, String, Expression, Vec<Part>),
}

/// A text whose bytes know where they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// The text.
    pub(super) text: String,
    /// Its pieces: how many bytes, and where they stand. A piece of another length is an escape.
    pub(super) pieces: Vec<(u32, Range<u32>)>,
    /// How it is written.
    pub(super) style: Style,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is: a file that `file()` reads.
    #[default]
    Plain,
    /// `"…"`
    Quoted,
    /// `<<EOF`, and files of `templatefile()`: all but `${` and `%{` is as it is.
    Template,
    /// In a script.
    Script,
    /// In a way in which nothing can be written.
    Sealed,
}

impl Written {
    /// Adds bytes that stand there as they are, or something that stands for them.
    pub(super) fn push(&mut self, text: &str, at: Range<u32>) {
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if len == 0 {
            return;
        }
        self.text.push_str(text);
        let is_same = len == at.end - at.start;
        match self.pieces.last_mut() {
            Some((before, last))
                if is_same && *before == last.end - last.start && last.end == at.start =>
            {
                *before += len;
                last.end = at.end;
            }
            _ => self.pieces.push((len, at)),
        }
    }

    /// Takes bytes away at the beginning.
    pub(super) fn cut_begin(&mut self, count: usize) {
        self.text.drain(..count);
        let mut left = u32::try_from(count).unwrap_or(u32::MAX);
        while let Some((len, at)) = self.pieces.first_mut().filter(|_| left > 0) {
            if *len <= left {
                left -= *len;
                self.pieces.remove(0);
                continue;
            }
            *len -= left;
            at.start = (at.start + left).min(at.end);
            left = 0;
        }
    }

    /// Takes all bytes away behind these.
    pub(super) fn cut_end(&mut self, keep: usize) {
        let mut left = u32::try_from(self.text.len() - keep).unwrap_or(u32::MAX);
        self.text.truncate(keep);
        while let Some((len, at)) = self.pieces.last_mut().filter(|_| left > 0) {
            if *len <= left {
                left -= *len;
                self.pieces.pop();
                continue;
            }
            *len -= left;
            at.end = at.end.saturating_sub(left).max(at.start);
            left = 0;
        }
    }
}

/// Why a file cannot be read, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The byte.
    pub(super) at: u32,
    /// The reason, in words.
    pub(super) message: String,
}
