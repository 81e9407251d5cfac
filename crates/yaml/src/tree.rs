//! A YAML file as a tree in which every scalar knows its place.
//!
//! Aliases point at the node that they name, so a file with a million references is no larger
//! here than on disk. Who walks the tree visits no node twice.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// Rule files nest some ten levels.
const DEEPEST: usize = 100;

/// A node's number.
pub type Id = usize;

/// Where something is: bytes of the file.
pub type Range = (u32, u32);

/// What a file holds.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The root of each document.
    pub documents: Vec<Id>,
}

/// One value.
#[derive(Debug)]
pub struct Node {
    /// Its bytes; for a list and a map, those of its beginning.
    pub range: Range,
    /// What it is.
    pub value: Value,
}

/// Kinds of values.
#[derive(Debug)]
pub enum Value {
    /// A text, number or nothing at all.
    Scalar(String, Style),
    /// A sequence.
    List(Vec<Id>),
    /// A mapping: keys and values.
    Map(Vec<(Id, Id)>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|` or `>`
    Block,
}

/// Why a file cannot be read, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The byte.
    pub at: u32,
    /// The reason, in words.
    pub message: String,
}

impl Tree {
    /// Adds a value, for a tree that is put together from others; its number.
    pub fn push(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The node of a number.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// All nodes, in the order of the file.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text of a scalar.
    pub fn text(&self, id: Id) -> Option<&str> {
        match &self.nodes[id].value {
            Value::Scalar(text, _) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether this is no value: `key:` with nothing behind it.
    pub fn is_null(&self, id: Id) -> bool {
        match &self.nodes[id].value {
            Value::Scalar(text, Style::Plain) => matches!(text.as_str(), "" | "~" | "null"),
            _ => false,
        }
    }

    /// The elements of a list.
    pub fn list(&self, id: Id) -> Option<&[Id]> {
        match &self.nodes[id].value {
            Value::List(items) => Some(items),
            Value::Scalar(..) | Value::Map(_) => None,
        }
    }

    /// The fields of a map with those that `<<` merges into it; its own come first and win.
    pub fn fields(&self, id: Id) -> Option<Vec<(Id, Id)>> {
        let Value::Map(_) = &self.nodes[id].value else {
            return None;
        };
        let mut fields = Vec::new();
        let (mut open, mut seen) = (vec![id], BTreeSet::new());
        while let Some(id) = open.pop().filter(|_| seen.len() < DEEPEST) {
            if !seen.insert(id) {
                continue;
            }
            match &self.nodes[id].value {
                Value::Map(own) => {
                    for (key, value) in own {
                        match self.text(*key) {
                            Some("<<") => open.push(*value),
                            _ => fields.push((*key, *value)),
                        }
                    }
                }
                Value::List(items) => open.extend(items.iter().rev().take(DEEPEST)),
                Value::Scalar(..) => {}
            }
        }
        Some(fields)
    }

    /// The value of one field.
    pub fn field(&self, id: Id, name: &str) -> Option<Id> {
        let Value::Map(own) = &self.nodes[id].value else {
            return None;
        };
        let found = own.iter().find(|(key, _)| self.text(*key) == Some(name));
        Some(found?.1)
    }
}

/// Reads a file.
pub fn parse(bytes: &[u8]) -> Result<Tree, Refusal> {
    let text = checked(bytes)?;
    let places = Places::of(text);
    let mut tree = Tree::default();
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Id> = BTreeMap::new();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| Refusal {
            at: places.byte(*error.marker()),
            message: format!("this is no YAML: {}", error.info()),
        })?;
        let range = (places.byte(span.start), places.byte(span.end));
        let refuse = |message: &str| Refusal {
            at: range.0,
            message: message.to_owned(),
        };
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                (Value::Scalar(text.into_owned(), style_of(style)), anchor)
            }
            Event::SequenceStart(anchor, _) => (Value::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => (Value::Map(Vec::new()), anchor),
            Event::Alias(anchor) => {
                let id = anchors.get(&anchor).copied();
                let id = id.filter(|id| open.iter().all(|open| open.id != *id));
                let id = id.ok_or_else(|| refuse("this alias names what holds it"))?;
                close(&mut tree, &mut open, id)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = open.pop() {
                    close(&mut tree, &mut open, done.id)?;
                }
                continue;
            }
            _ => continue,
        };
        let is_scalar = matches!(value, Value::Scalar(..));
        let id = tree.nodes.len();
        tree.nodes.push(Node { range, value });
        if anchor > 0 {
            anchors.insert(anchor, id);
        }
        if is_scalar {
            close(&mut tree, &mut open, id)?;
            continue;
        }
        if open.len() >= DEEPEST {
            return Err(refuse("more than 100 levels of lists and maps"));
        }
        open.push(Open {
            id,
            key: None,
            names: BTreeSet::new(),
        });
    }
    Ok(tree)
}

/// A list or map whose end has not come yet.
struct Open {
    id: Id,
    key: Option<Id>,
    names: BTreeSet<String>,
}

/// Puts a finished value where it belongs.
fn close(tree: &mut Tree, open: &mut [Open], id: Id) -> Result<(), Refusal> {
    let Some(parent) = open.last_mut() else {
        tree.documents.push(id);
        return Ok(());
    };
    let name = tree.text(id).map(str::to_owned);
    match &mut tree.nodes[parent.id].value {
        Value::List(items) => items.push(id),
        Value::Map(fields) => match parent.key.take() {
            Some(key) => fields.push((key, id)),
            None => {
                parent.key = Some(id);
                let Some(name) = name else { return Ok(()) };
                if let Some(again) = parent.names.replace(name) {
                    return Err(Refusal {
                        at: tree.nodes[id].range.0,
                        message: format!(
                            "`{}` stands here twice",
                            base::source::printable(again.as_bytes())
                        ),
                    });
                }
            }
        },
        Value::Scalar(..) => {}
    }
    Ok(())
}

/// The bytes as text. The parser would take a NUL for the end.
fn checked(bytes: &[u8]) -> Result<&str, Refusal> {
    let refuse = |at: usize, message: &str| Refusal {
        at: u32::try_from(at).unwrap_or(u32::MAX),
        message: message.to_owned(),
    };
    let is_foreign = |byte: &u8| *byte < b' ' && !b"\t\r\n".contains(byte) || *byte == 0x7f;
    if let Some(at) = bytes.iter().position(is_foreign) {
        return Err(refuse(at, "this is no YAML: a control character"));
    }
    std::str::from_utf8(bytes)
        .map_err(|error| refuse(error.valid_up_to(), "this is no YAML: not UTF-8"))
}

/// From the parser's places, which count characters, to bytes.
struct Places {
    /// Where each character begins; nothing when all are single bytes.
    starts: Vec<u32>,
    end: u32,
}

impl Places {
    fn of(text: &str) -> Places {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let starts = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(at, _)| byte(at)).collect(),
        };
        Places {
            starts,
            end: byte(text.len()),
        }
    }

    fn byte(&self, marker: Marker) -> u32 {
        let index = marker.index();
        match self.starts.is_empty() {
            true => u32::try_from(index).unwrap_or(u32::MAX).min(self.end),
            false => self.starts.get(index).copied().unwrap_or(self.end),
        }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}
