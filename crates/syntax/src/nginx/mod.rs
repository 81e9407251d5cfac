//! nginx configuration: a flat, lossless tree.
//!
//! ```text
//! location ~ \.php$ { fastcgi_pass php; }
//! └─ head ──────────┘ └─ child ───────┘
//! ```
//!
//! A node is one directive. Its words are byte ranges of the original; whatever lies between
//! words and terminators is white space, comments, or covered by an error.

mod lexer;
mod lua;
mod parser;

use base::offset as to_u32;
use std::borrow::Cow;

use crate::SyntaxError;

pub use parser::parse;

/// Index of a directive in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// One word as written, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// What kind of statement a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Ends with `;`.
    Simple,
    /// Has a body of directives.
    Block,
    /// A statement inside `map`, `geo`, `types` and the like: words, not directives.
    Data,
    /// A `*_by_lua_block`: its body is code.
    Lua,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    /// The node behind the last one inside this.
    next: u32,
    first_word: u32,
    words: u32,
    /// Behind `;` or `{`; behind the last word when the terminator is missing.
    head_end: u32,
    /// Where the body ends: at `}`, or at the end of the file.
    body_end: u32,
    /// Behind `;` or `}`.
    end: u32,
    kind: NodeKind,
}

const NONE: u32 = u32::MAX;

/// The tree of one file. Offsets refer to the bytes that were parsed, which the tree does not own.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    words: Vec<Word>,
    comments: Vec<(u32, u32)>,
    errors: Vec<SyntaxError>,
}

/// Directives of one level, in order.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree,
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.at >= self.end {
            return None;
        }
        let id = NodeId(self.at);
        self.at = self.tree.node(id).next;
        Some(id)
    }
}

impl Tree {
    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Directives outside all blocks.
    pub fn roots(&self) -> Children<'_> {
        Children {
            tree: self,
            at: 0,
            end: to_u32(self.nodes.len()),
        }
    }

    /// Directives directly inside a block.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children {
            tree: self,
            at: id.0 + 1,
            end: self.node(id).next,
        }
    }

    /// The block around a directive.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// What kind of statement it is.
    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.node(id).kind
    }

    /// Its words, the name first; at least one.
    pub fn words(&self, id: NodeId) -> &[Word] {
        let node = self.node(id);
        let from = node.first_word as usize;
        &self.words[from..from + node.words as usize]
    }

    /// Its name as nginx sees it.
    pub fn name<'a>(&self, bytes: &'a [u8], id: NodeId) -> Cow<'a, [u8]> {
        Tree::value(bytes, self.words(id)[0])
    }

    /// A word as nginx sees it: without quotes, and with `\"`, `\'`, `\\`, `\t`, `\r`, `\n`
    /// translated. Every other backslash stays (`ngx_conf_read_token`).
    pub fn value(bytes: &[u8], word: Word) -> Cow<'_, [u8]> {
        let raw = &bytes[word.start as usize..word.end as usize];
        let inner = match raw.first() {
            Some(quote @ (b'"' | b'\'')) => {
                let rest = &raw[1..];
                rest.strip_suffix(&[*quote]).unwrap_or(rest)
            }
            _ => raw,
        };
        match inner.contains(&b'\\') {
            true => Cow::Owned(unescape(inner)),
            false => Cow::Borrowed(inner),
        }
    }

    /// From the first word to behind `;` or the closing `}`.
    pub fn span(&self, id: NodeId) -> (u32, u32) {
        (self.words(id)[0].start, self.node(id).end)
    }

    /// From the first word to behind `;` or `{`.
    pub fn head_span(&self, id: NodeId) -> (u32, u32) {
        (self.words(id)[0].start, self.node(id).head_end)
    }

    /// Between `{` and `}`.
    pub fn body_span(&self, id: NodeId) -> Option<(u32, u32)> {
        let node = self.node(id);
        matches!(node.kind, NodeKind::Block | NodeKind::Lua)
            .then_some((node.head_end, node.body_end))
    }

    /// Comments, `#` to before the line feed, in order.
    pub fn comments(&self) -> &[(u32, u32)] {
        &self.comments
    }

    /// Errors in order; the first is what nginx would say.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The number of directives.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no directive at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The pieces of the tree in order: words, terminators, closing braces and code. What lies
    /// between two pieces is not part of any directive.
    pub fn pieces(&self) -> Vec<(u32, u32)> {
        let mut out = Vec::with_capacity(self.words.len() + self.nodes.len() * 2);
        let mut open: Vec<&Node> = Vec::new();
        let close = |node: &Node, out: &mut Vec<(u32, u32)>| out.push((node.body_end, node.end));
        for (index, node) in (0..).zip(&self.nodes) {
            while let Some(last) = open.pop_if(|last| last.next <= index) {
                close(last, &mut out);
            }
            let words = &self.words[node.first_word as usize..][..node.words as usize];
            out.extend(words.iter().map(|word| (word.start, word.end)));
            let last_word = words.last().map_or(node.head_end, |word| word.end);
            let terminator = node.head_end.saturating_sub(1).max(last_word);
            out.push((terminator, node.head_end));
            match node.kind {
                NodeKind::Block => open.push(node),
                NodeKind::Lua => {
                    out.push((node.head_end, node.body_end));
                    close(node, &mut out);
                }
                NodeKind::Simple | NodeKind::Data => {}
            }
        }
        while let Some(last) = open.pop() {
            close(last, &mut out);
        }
        out
    }

    /// Writes the tree piece by piece, with what lies between the pieces: the same bytes.
    pub fn print(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (start, end) in self.pieces() {
            out.extend_from_slice(&bytes[at..start as usize]);
            out.extend_from_slice(&bytes[start as usize..end as usize]);
            at = end as usize;
        }
        out.extend_from_slice(&bytes[at..]);
        out
    }
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = match (byte, text.get(at + 1)) {
            (b'\\', Some(&next @ (b'"' | b'\'' | b'\\'))) => Some(next),
            (b'\\', Some(b't')) => Some(b'\t'),
            (b'\\', Some(b'r')) => Some(b'\r'),
            (b'\\', Some(b'n')) => Some(b'\n'),
            _ => None,
        };
        out.push(escaped.unwrap_or(byte));
        at += 1 + usize::from(escaped.is_some());
    }
    out
}
