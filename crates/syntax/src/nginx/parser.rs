//! Statements into a tree (`ngx_conf_parse` in `src/core/ngx_conf_file.c`).

use super::lexer::{End, Lexer};
use super::{NONE, Node, NodeKind, Tree, lua, to_u32};

/// Blocks whose statements are words for a handler of their own: no block may stand inside.
const DATA_BLOCKS: [&[u8]; 5] = [b"map", b"geo", b"types", b"split_clients", b"charset_map"];

/// Parses a file. Never fails: see [`Tree::errors`]. Time and memory are linear in the input, and
/// nesting does not use the call stack.
pub fn parse(bytes: &[u8]) -> Tree {
    let mut parser = Parser {
        lexer: Lexer::new(bytes),
        tree: Tree {
            nodes: Vec::with_capacity(bytes.len() / 32),
            words: Vec::with_capacity(bytes.len() / 12),
            ..Tree::default()
        },
        open: Vec::new(),
    };
    while parser.statement() {}
    parser.finish()
}

struct Parser<'b> {
    lexer: Lexer<'b>,
    tree: Tree,
    /// Blocks that are open, with whether each holds data.
    open: Vec<(u32, bool)>,
}

impl Parser<'_> {
    /// Reads one statement; false at the end of the file.
    fn statement(&mut self) -> bool {
        let first_word = self.tree.words.len();
        let end = self.lexer.statement(&mut self.tree.words);
        if end == End::Close {
            self.close();
            return true;
        }
        if self.tree.words.len() > first_word {
            self.node(first_word, end);
        }
        end != End::File
    }

    fn node(&mut self, first_word: usize, end: End) {
        let (parent, in_data) = self.open.last().copied().unwrap_or((NONE, false));
        let words = &self.tree.words[first_word..];
        let last_word_end = words.last().map_or(0, |word| word.end);
        let id = to_u32(self.tree.nodes.len());
        let ends_here = matches!(end, End::Semicolon | End::Open);
        let head_end = if ends_here {
            to_u32(self.lexer.at)
        } else {
            last_word_end
        };
        let mut node = Node {
            parent,
            next: id + 1,
            first_word: to_u32(first_word),
            words: to_u32(words.len()),
            head_end,
            body_end: head_end,
            end: head_end,
            kind: if in_data {
                NodeKind::Data
            } else {
                NodeKind::Simple
            },
        };
        if end == End::Open {
            self.open_block(id, in_data, &mut node);
        }
        self.tree.nodes.push(node);
    }

    fn open_block(&mut self, id: u32, in_data: bool, node: &mut Node) {
        let bytes = self.lexer.bytes;
        let name = Tree::value(bytes, self.tree.words[node.first_word as usize]);
        if in_data {
            let at = self.lexer.at - 1;
            let message = r#"unexpected "{""#.to_owned();
            self.lexer.error(at, self.lexer.line, message);
        }
        if !in_data && name.ends_with(b"_by_lua_block") {
            return self.lua(node);
        }
        node.kind = NodeKind::Block;
        // Until the closing brace is seen, the block reaches to the end.
        node.body_end = to_u32(bytes.len());
        node.end = node.body_end;
        self.open.push((id, DATA_BLOCKS.contains(&&*name)));
    }

    fn lua(&mut self, node: &mut Node) {
        let bytes = self.lexer.bytes;
        let from = self.lexer.at;
        node.kind = NodeKind::Lua;
        let close = lua::body_end(bytes, from);
        let body_end = *close.as_ref().unwrap_or(&bytes.len());
        let end = close.as_ref().map_or(bytes.len(), |at| at + 1);
        (node.body_end, node.end) = (to_u32(body_end), to_u32(end));
        if let Err(no_end) = close {
            let line = self.lexer.line + feeds(bytes, from, no_end.at);
            self.lexer.error(no_end.at, line, no_end.message);
        }
        self.lexer.line += feeds(bytes, from, end);
        self.lexer.at = end;
    }

    fn close(&mut self) {
        let behind = self.lexer.at;
        match self.open.pop() {
            Some((id, _)) => {
                let next = to_u32(self.tree.nodes.len());
                let node = &mut self.tree.nodes[id as usize];
                node.next = next;
                node.body_end = to_u32(behind - 1);
                node.end = to_u32(behind);
            }
            None => {
                let message = r#"unexpected "}""#.to_owned();
                self.lexer.error(behind - 1, self.lexer.line, message);
            }
        }
    }

    fn finish(mut self) -> Tree {
        if !self.open.is_empty() && self.lexer.errors.is_empty() {
            let message = r#"unexpected end of file, expecting "}""#.to_owned();
            let end = self.lexer.bytes.len();
            self.lexer.error(end, self.lexer.line, message);
        }
        let next = to_u32(self.tree.nodes.len());
        for (id, _) in self.open {
            self.tree.nodes[id as usize].next = next;
        }
        self.tree.comments = self.lexer.comments;
        self.tree.errors = self.lexer.errors;
        self.tree
    }
}

/// Line feeds in a range; none in an empty or backward one.
fn feeds(bytes: &[u8], from: usize, to: usize) -> u32 {
    let range = bytes.get(from..to).unwrap_or_default();
    to_u32(range.iter().filter(|&&b| b == b'\n').count())
}
