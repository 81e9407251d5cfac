//! Values of Compose files, filled in and merged, each with the place where it is written.

use base::SortedMap;
use base::outer::Piece;
use yaml::{Id, Range, Style, Tree, Value as Yaml};

use super::variables::{Variables, fill};

/// Where something is written: a file's number, and its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At {
    /// The file.
    pub(crate) file: usize,
    /// The bytes.
    pub(crate) range: Range,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where.
    pub(crate) at: At,
    /// What it does to what it is merged with.
    pub(crate) tag: Tag,
    /// What.
    pub(crate) value: Value,
}

/// Tags of Compose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// None: it is merged.
    None,
    /// `!reset`: what was there goes.
    Reset,
    /// `!override`: it takes the place of what was there.
    Override,
}

/// Kinds of values.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(SortedMap<String, Node>),
}

/// A text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// With its variables filled in.
    pub(crate) text: String,
    /// Variables that are set nowhere.
    pub(crate) holes: Vec<String>,
    /// Whether Compose would refuse it.
    pub(crate) is_refused: bool,
    /// As it is written, and where the bytes of `text` stand in it; when that is not the same.
    pub(crate) raw: Option<(String, Vec<Piece>)>,
    /// How it is written.
    pub(crate) style: Style,
}

/// More than the values of any file that people write; aliases can make many out of few.
const MOST_NODES: usize = 300_000;

/// Makes values of trees, as many as is bearable.
pub(crate) struct Maker<'m> {
    /// The file's number.
    pub(crate) file: usize,
    /// Its bytes.
    pub(crate) bytes: &'m [u8],
    /// Its tree.
    pub(crate) tree: &'m Tree,
    /// What is filled in.
    pub(crate) variables: &'m Variables,
    /// Values so far.
    pub(crate) count: usize,
}

impl Maker<'_> {
    /// The value of a node; `None` when there are too many.
    pub(crate) fn node(&mut self, id: Id) -> Option<Node> {
        self.count += 1;
        if self.count > MOST_NODES {
            return None;
        }
        let range = self.tree.node(id).range;
        let value = match &self.tree.node(id).value {
            _ if self.tree.is_null(id) => Value::Null,
            Yaml::Scalar(text, style) => Value::Text(self.text(text, *style)),
            Yaml::List(items) => {
                let items = items.iter().map(|item| self.node(*item));
                Value::List(items.collect::<Option<_>>()?)
            }
            Yaml::Map(_) => {
                let mut map = SortedMap::new();
                for (key, value) in self.tree.fields(id).unwrap_or_default() {
                    let Some(key) = self.tree.text(key) else {
                        continue;
                    };
                    // A map's own fields come before those that are merged into it.
                    if !map.contains_key(key) {
                        map.insert(key.to_owned(), self.node(value)?);
                    }
                }
                Value::Map(map)
            }
        };
        Some(Node {
            at: At {
                file: self.file,
                range,
            },
            tag: self.tag(range.0 as usize),
            value,
        })
    }

    fn text(&self, text: &str, style: Style) -> Text {
        if !text.contains('$') {
            return Text::plain(text, style);
        }
        let filled = fill(text, self.variables);
        Text {
            text: filled.text,
            holes: filled.holes.into_iter().collect(),
            is_refused: filled.is_refused,
            raw: Some((text.to_owned(), filled.steps)),
            style,
        }
    }

    /// The tag stands before the value, or is where it begins.
    fn tag(&self, at: usize) -> Tag {
        let (before, after) = self.bytes.split_at(at.min(self.bytes.len()));
        let before = before.trim_ascii_end();
        let is = |word: &[u8]| before.ends_with(word) || after.starts_with(word);
        match (is(b"!reset"), is(b"!override")) {
            (true, _) => Tag::Reset,
            (_, true) => Tag::Override,
            _ => Tag::None,
        }
    }
}

impl Text {
    /// A text without variables.
    pub(crate) fn plain(text: &str, style: Style) -> Text {
        Text {
            text: text.to_owned(),
            holes: Vec::new(),
            is_refused: false,
            raw: None,
            style,
        }
    }

    /// What of it is not known, in words.
    pub(crate) fn hole(&self) -> Option<String> {
        if self.is_refused {
            return Some("it has a `$` that Compose does not understand".to_owned());
        }
        let name = self.holes.first()?;
        let name = base::source::printable(name.as_bytes());
        Some(format!(
            "`{name}` is set neither in `.env` nor by a default"
        ))
    }
}

impl Node {
    /// A field of a map.
    pub(crate) fn field(&self, name: &str) -> Option<&Node> {
        self.map()?.get(name)
    }

    /// The fields of a map.
    pub(crate) fn map(&self) -> Option<&SortedMap<String, Node>> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a field.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        Some(&self.field(name)?.text()?.text)
    }

    /// The elements of a list; a single text is a list of one.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Text(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// A map, or a list of `NAME=value` or of names, as names and values.
    pub(crate) fn pairs(&self) -> SortedMap<String, Option<Node>> {
        if let Some(map) = self.map() {
            let pair = |(name, value): (&String, &Node)| {
                let is_null = matches!(value.value, Value::Null);
                (name.clone(), (!is_null).then(|| value.clone()))
            };
            return map.iter().map(pair).collect();
        }
        let pair = |item: &Node| {
            let text = item.text()?;
            let (name, value) = match text.text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text.text.as_str(), None),
            };
            let value = value.map(|value| {
                let value = Text {
                    text: value.to_owned(),
                    raw: None,
                    ..text.clone()
                };
                Node {
                    value: Value::Text(value),
                    ..item.clone()
                }
            });
            Some((name.to_owned(), value))
        };
        self.items().iter().filter_map(pair).collect()
    }
}
