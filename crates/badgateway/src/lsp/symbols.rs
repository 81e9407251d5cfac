//! What is in a file: blocks of nginx, sections of ini files.

use base::{FileId, Span};
use serde_json::{Value, json};
use syntax::ini::{self, Dialect, EntryKind};
use syntax::nginx::{NodeId, NodeKind, Tree};

use super::world::See;

/// Deeper blocks are left out: no server has them, and editors draw them badly.
const DEEPEST: usize = 16;

const NAMESPACE: u32 = 3;
const CLASS: u32 = 5;
const FUNCTION: u32 = 12;

/// The symbols of a file.
pub(crate) fn symbols(see: &See<'_>, file: FileId) -> Value {
    let model = &see.world.model;
    let trees = model.nginx.iter();
    if let Some((tree, _)) = trees.filter_map(|nginx| nginx.config.tree_of(file)).next() {
        return Value::Array(of_blocks(see, file, tree, tree.roots().collect(), 0));
    }
    sections(see, file)
}

fn of_blocks(
    see: &See<'_>,
    file: FileId,
    tree: &Tree,
    nodes: Vec<NodeId>,
    depth: usize,
) -> Vec<Value> {
    let mut out = Vec::new();
    for node in nodes {
        if tree.kind(node) != NodeKind::Block || depth > DEEPEST {
            continue;
        }
        let (start, head) = tree.head_span(node);
        let end = tree.span(node).1.max(head);
        let words = tree.words(node);
        let last = words.last().map_or(head, |word| word.end);
        let name = see.quote(Span::new(file, words[0].start, words[0].end));
        let whole = see.quote(Span::new(file, start, last));
        let kind = match name.as_str() {
            "server" | "upstream" => CLASS,
            "location" | "if" => FUNCTION,
            _ => NAMESPACE,
        };
        let name = match name == "server" {
            true => server_name(see, file, tree, node).unwrap_or(whole),
            false => whole,
        };
        let children = of_blocks(see, file, tree, tree.children(node).collect(), depth + 1);
        out.push(json!({
            "name": name,
            "kind": kind,
            "range": see.range(Span::new(file, start, end)),
            "selectionRange": see.range(Span::new(file, start, last)),
            "children": children,
        }));
    }
    out
}

fn server_name(see: &See<'_>, file: FileId, tree: &Tree, server: NodeId) -> Option<String> {
    let bytes = &see.world.model.sources.get(file).bytes;
    let mut children = tree.children(server);
    let named = children.find(|node| *tree.name(bytes, *node) == *b"server_name")?;
    let word = tree.words(named).get(1)?;
    let name = see.quote(Span::new(file, word.start, word.end));
    Some(format!("server {name}"))
}

fn sections(see: &See<'_>, file: FileId) -> Value {
    let bytes = &see.world.model.sources.get(file).bytes;
    let tree = ini::parse(bytes, Dialect::Fpm);
    let all = tree.entries();
    let heads: Vec<usize> = (0..all.len())
        .filter(|&at| all[at].kind == EntryKind::Section)
        .collect();
    let shown = heads.iter().enumerate().map(|(nth, &at)| {
        let head = &all[at];
        let until = heads.get(nth + 1).map_or(all.len(), |next| *next);
        let end = all[until - 1].span.1.max(head.span.1);
        json!({
            "name": see.quote(Span::new(file, head.span.0, head.span.1)),
            "kind": CLASS,
            "range": see.range(Span::new(file, head.span.0, end)),
            "selectionRange": see.range(Span::new(file, head.span.0, head.span.1)),
        })
    });
    Value::Array(shown.collect())
}
