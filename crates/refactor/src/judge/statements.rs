//! A file as a list of statements, and what changes from one list to another.

use syntax::ini::{self, Dialect, EntryKind};
use syntax::nginx::{self, NodeId, NodeKind, Tree};

use crate::papers::Tongue;

/// More statements than any small edit touches; longer stretches count as changed as a whole.
const MOST_COMPARED: usize = 400;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The heads of the blocks around it, the outermost first; the section of an ini file.
    pub(crate) path: Vec<Vec<u8>>,
    /// The directive or setting. `php_value[x]` sets `x`, wherever it stands.
    pub(crate) name: Vec<u8>,
    /// What stands before the values, as written.
    pub(crate) key: Vec<u8>,
    /// The values, as written.
    pub(crate) values: Vec<Vec<u8>>,
    pub(crate) shape: Shape,
    /// Its place; of a block, that of its head.
    pub(crate) span: (usize, usize),
    /// Where its body ends.
    pub(crate) end: usize,
}

/// What a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A directive or a setting.
    Simple,
    /// A block, or the head of a section.
    Block,
    /// A line of a table such as `map`.
    Entry,
    /// Code of another language.
    Code,
}

/// A file, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) statements: Vec<Statement>,
    /// All comments in order.
    pub(crate) comments: Vec<Vec<u8>>,
    /// The first thing that the server would not take.
    pub(crate) error: Option<String>,
    /// What no server reads.
    pub(crate) ignored: Vec<u8>,
}

/// A statement that is other than it was: in the old list, in the new list, or in both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed<'t> {
    pub(crate) old: Option<&'t Statement>,
    pub(crate) new: Option<&'t Statement>,
}

impl Statement {
    fn same(&self, other: &Statement) -> bool {
        (&self.path, &self.key, &self.values, self.shape)
            == (&other.path, &other.key, &other.values, other.shape)
    }

    /// All its bytes, for looking into.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = self.key.clone();
        for value in &self.values {
            out.push(b' ');
            out.extend_from_slice(value);
        }
        out
    }
}

/// Reads a file.
pub(crate) fn read(tongue: Tongue, bytes: &[u8]) -> Text {
    match tongue {
        Tongue::Nginx => read_nginx(bytes),
        Tongue::Fpm => read_ini(bytes, Dialect::Fpm),
        Tongue::PhpIni | Tongue::Other => read_ini(bytes, Dialect::PhpIni),
    }
}

fn read_nginx(bytes: &[u8]) -> Text {
    let tree = nginx::parse(bytes);
    let slice = |(start, end): (u32, u32)| bytes[start as usize..end as usize].to_vec();
    let mut open: Vec<(NodeId, Vec<u8>)> = Vec::new();
    let ids = (0..u32::try_from(tree.len()).unwrap_or(0)).map(NodeId);
    let statements = ids.map(|id| {
        let parent = tree.parent(id);
        while open.last().is_some_and(|(last, _)| Some(*last) != parent) {
            open.pop();
        }
        let words = tree.words(id).iter();
        let mut words: Vec<Vec<u8>> = words.map(|word| slice((word.start, word.end))).collect();
        let key = words.remove(0);
        let path = open.iter().map(|(_, head)| head.clone()).collect();
        let shape = match tree.kind(id) {
            NodeKind::Simple => Shape::Simple,
            NodeKind::Block => Shape::Block,
            NodeKind::Data => Shape::Entry,
            NodeKind::Lua => Shape::Code,
        };
        let mut statement = Statement {
            path,
            name: tree.name(bytes, id).into_owned(),
            key,
            values: words,
            shape,
            span: usizes(tree.head_span(id)),
            end: tree.span(id).1 as usize,
        };
        match shape {
            Shape::Block => open.push((id, statement.bytes())),
            Shape::Code => statement.values.extend(tree.body_span(id).map(slice)),
            Shape::Simple | Shape::Entry => {}
        }
        statement
    });
    Text {
        statements: statements.collect(),
        comments: tree.comments().iter().map(|at| slice(*at)).collect(),
        error: tree.errors().first().map(|error| error.message.clone()),
        ignored: Vec::new(),
    }
}

fn read_ini(bytes: &[u8], dialect: Dialect) -> Text {
    let tree = ini::parse(bytes, dialect);
    let slice = |(start, end): ini::Range| bytes[start as usize..end as usize].to_vec();
    let mut section: Vec<u8> = Vec::new();
    let statements = tree.entries().iter().map(|entry| {
        let key = slice(entry.key);
        let offset = entry.offset.as_ref().map(|offset| offset.text.clone());
        if entry.kind == EntryKind::Section {
            section.clone_from(&key);
        }
        let is_section = entry.kind == EntryKind::Section;
        let name = match &offset {
            Some(offset) if key.starts_with(b"php_") => offset.clone(),
            _ => key.clone(),
        };
        let key = match offset {
            Some(offset) => [&key[..], b"[", &offset, b"]"].concat(),
            None => key,
        };
        Statement {
            path: match is_section {
                true => Vec::new(),
                false => vec![section.clone()],
            },
            name,
            key,
            values: match entry.kind {
                EntryKind::Pair => vec![slice(entry.value.span)],
                EntryKind::Section | EntryKind::Bare => Vec::new(),
            },
            shape: match is_section {
                true => Shape::Block,
                false => Shape::Simple,
            },
            span: usizes(entry.span),
            end: entry.span.1 as usize,
        }
    });
    Text {
        statements: statements.collect(),
        comments: tree.comments().iter().map(|at| slice(*at)).collect(),
        error: tree.errors().first().map(|error| error.message.clone()),
        ignored: tree.ignored().iter().flat_map(|at| slice(*at)).collect(),
    }
}

fn usizes((start, end): (u32, u32)) -> (usize, usize) {
    (start as usize, end as usize)
}

/// A word without the quotes around it.
pub(crate) fn bare(word: &[u8]) -> Vec<u8> {
    let end = u32::try_from(word.len()).unwrap_or(0);
    Tree::value(word, nginx::Word { start: 0, end }).into_owned()
}

/// What changes, in order.
pub(crate) fn changes<'t>(old: &'t [Statement], new: &'t [Statement]) -> Vec<Changed<'t>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a.same(b)).count();
    let (old, new) = (&old[head..], &new[head..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let tail = pairs.take_while(|(a, b)| a.same(b)).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let kept = match old.len().max(new.len()) > MOST_COMPARED {
        true => Vec::new(),
        false => common(old, new),
    };
    let mut out = Vec::new();
    let (mut from_old, mut from_new) = (0, 0);
    for (a, b) in kept.into_iter().chain([(old.len(), new.len())]) {
        paired(&old[from_old..a], &new[from_new..b], &mut out);
        (from_old, from_new) = (a + 1, b + 1);
    }
    out
}

/// The longest common part, as pairs of indices.
fn common(old: &[Statement], new: &[Statement]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut best = vec![0_u16; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            best[a * width + b] = match old[a].same(&new[b]) {
                true => best[(a + 1) * width + b + 1] + 1,
                false => best[(a + 1) * width + b].max(best[a * width + b + 1]),
            };
        }
    }
    let (mut a, mut b, mut out) = (0, 0, Vec::new());
    while a < old.len() && b < new.len() {
        if old[a].same(&new[b]) {
            out.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if best[(a + 1) * width + b] >= best[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    out
}

/// Of what is gone and what is new, equal names in equal places are one thing that changed.
fn paired<'t>(gone: &'t [Statement], added: &'t [Statement], out: &mut Vec<Changed<'t>>) {
    let mut left: Vec<&Statement> = added.iter().collect();
    for old in gone {
        let fits = |new: &&Statement| (&new.path, &new.name) == (&old.path, &old.name);
        let new = left.iter().position(fits).map(|at| left.remove(at));
        out.push(Changed {
            old: Some(old),
            new,
        });
    }
    let left = left.into_iter().map(|new| Changed {
        old: None,
        new: Some(new),
    });
    out.extend(left);
}
