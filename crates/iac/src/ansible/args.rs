//! The arguments of a module, filled in.

use super::play::{Place, Run};
use super::scope::{Hole, Scope, is_template};
use super::text::{Given, Run as Piece, of_scalar, sealed};
use super::value::{At, Node, Value, plain};

/// What Ansible takes for an argument that was not given.
pub(crate) const OMIT: &str = "__omit_place_holder__";

/// Arguments by their names.
pub(crate) struct Args<'r> {
    fields: Vec<(String, Node)>,
    pub(crate) scope: Scope<'r>,
    at: Option<At>,
}

impl<'r> Args<'r> {
    /// Of a task: a map, a line of `name=value`, and what `args:` adds.
    pub(crate) fn of(run: &Run<'r, '_>, args: &Node, task: &Node, place: &Place) -> Args<'r> {
        let mut fields = match &args.value {
            Value::Map(fields) => fields.to_vec(),
            Value::Text(text) => line(text, args.at),
            _ => Vec::new(),
        };
        let more = task
            .field("args")
            .and_then(Node::fields)
            .unwrap_or_default();
        fields.extend(more.iter().cloned());
        Args {
            fields,
            scope: run.scope(place),
            at: args.at.or(task.at),
        }
    }

    /// An argument as it is written.
    pub(crate) fn node(&self, names: &[&str]) -> Option<&Node> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(key, node)| names.contains(&key.as_str()) && !node.is_null());
        found.map(|(_, node)| node)
    }

    /// Where the arguments are written.
    pub(crate) fn at(&self) -> Option<At> {
        self.at
    }

    /// Whether one is given.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.node(names).is_some()
    }

    /// The text of an argument; `None` when it is not given.
    pub(crate) fn text(&self, names: &[&str]) -> Result<Option<String>, Hole> {
        let Some(node) = self.node(names) else {
            return Ok(None);
        };
        let text = self.scope.text(node)?;
        Ok((text != OMIT).then_some(text))
    }

    /// Whether an argument says yes.
    pub(crate) fn is(&self, names: &[&str], other: bool) -> Result<bool, Hole> {
        Ok(match self.text(names)? {
            None => other,
            Some(text) => match text.to_lowercase().as_str() {
                "yes" | "on" | "1" | "true" | "y" | "t" => true,
                "no" | "off" | "0" | "false" | "n" | "f" | "" => false,
                _ => return Err(Hole::Unknown(format!("`{}` is no yes and no no", names[0]))),
            },
        })
    }

    /// The texts of a list, or of one with commas.
    pub(crate) fn list(&self, names: &[&str]) -> Result<Vec<String>, Hole> {
        let Some(node) = self.node(names) else {
            return Ok(Vec::new());
        };
        let node = self.scope.deep(node)?;
        match &node.value {
            Value::List(items) => Ok(items.iter().filter_map(Node::word).collect()),
            _ => {
                let text = node.word().unwrap_or_default();
                let words = text.split(',').map(|word| word.trim().to_owned());
                Ok(words.filter(|word| !word.is_empty()).collect())
            }
        }
    }
}

/// Pieces of text, why some of them are holes, and the document that they are of.
pub(crate) type Pieces = (Vec<Piece>, Vec<String>, Option<usize>);

/// The pieces of a text of a task that becomes a part of a file, and what of it is not known.
pub(crate) fn pieces(
    run: &mut Run<'_, '_>,
    node: &Node,
    scope: &Scope<'_>,
    task: Option<At>,
) -> Result<Pieces, String> {
    let rendered = scope.rendered(node)?;
    let doc = document(run, node, task);
    let mut out = rendered.runs;
    for piece in &mut out {
        piece.from = match (piece.from.take(), doc) {
            (Some((_, range, is_same)), Some(doc)) => {
                // What is not written there as it is stands there as a whole.
                let is_same = is_same && node.written.is_some();
                Some((doc, range, is_same))
            }
            _ => None,
        };
    }
    // A value of a variable that is no text of this task: it is edited where it is given.
    let is_own = node.as_text().is_some_and(is_template) || node.at.is_some();
    if !is_own && let [piece] = out.as_mut_slice() {
        piece.given = Some(Given {
            name: "item".to_owned(),
            at: node.at,
            written: node.written.clone(),
        });
    }
    Ok((out, rendered.holes, doc))
}

/// The document of a text in a task.
fn document(run: &mut Run<'_, '_>, node: &Node, task: Option<At>) -> Option<usize> {
    let at = node.at.or(task)?;
    let file = run.book.file(at.file);
    let (path, bytes) = (run.book.repo.given(&file.path), file.bytes.clone());
    let key = (path.clone(), Some(at.range));
    let len = node.as_text().map_or(0, str::len);
    let written = node.written.clone();
    Some(run.docs.add(key, || match &written {
        Some((style, text)) if !text.contains("{%") => {
            of_scalar(path, bytes, at.range, (*style, text))
        }
        Some((_, text)) => sealed(path, bytes, at.range, text.len()),
        None => sealed(path, bytes, at.range, len),
    }))
}

/// `src=a dest="b c"` as arguments.
fn line(text: &str, at: Option<At>) -> Vec<(String, Node)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let (mut word, mut open, mut depth) = (String::new(), None, 0_usize);
    let mut end = |word: &mut String| {
        if let Some((name, value)) = word.split_once('=') {
            out.push((name.trim().to_owned(), value.to_owned()));
        }
        word.clear();
    };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, open) {
            (c, Some(quote)) if c == quote => {
                open = None;
                if depth > 0 {
                    word.push(c);
                }
            }
            ('"' | '\'', None) => {
                open = Some(c);
                if depth > 0 {
                    word.push(c);
                }
            }
            ('{', _) if chars.peek() == Some(&'{') => {
                depth += 1;
                word.push(c);
            }
            ('}', _) if chars.peek() == Some(&'}') => {
                depth = depth.saturating_sub(1);
                word.push(c);
                word.extend(chars.next());
            }
            (c, None) if c.is_whitespace() && depth == 0 => end(&mut word),
            (c, _) => word.push(c),
        }
    }
    end(&mut word);
    let node = |value: String| Node {
        at,
        written: None,
        value: match is_template(&value) {
            true => Value::Text(value.as_str().into()),
            false => plain(&value),
        },
        is_final: false,
    };
    out.into_iter()
        .map(|(name, value)| (name, node(value)))
        .collect()
}

/// A node that is filled in when it is asked for.
pub(crate) fn open_text(text: &str) -> Node {
    Node {
        is_final: false,
        ..Node::text(text)
    }
}
