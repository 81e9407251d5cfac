//! Values of manifests while they are put together: each knows the file that it stands in.

use std::sync::Arc;

use base::OuterMap;
use yaml::{Id, Node, Range, Style, Tree, Value};

use super::super::manifest::{Home, Made};

/// A value.
#[derive(Clone)]
pub(super) struct Draft {
    pub home: Arc<Home>,
    pub range: Range,
    /// Where its text stands, when that is no scalar of YAML.
    pub map: Option<Arc<OuterMap>>,
    pub what: What,
}

/// What it is.
#[derive(Clone)]
pub(super) enum What {
    Text(String, Style),
    List(Vec<Draft>),
    Map(Vec<(String, Draft)>),
}

impl Draft {
    /// A value of a file. An alias is copied each time, so `left` says how many there may be;
    /// `None` when there are more.
    pub(super) fn of(home: &Arc<Home>, tree: &Tree, id: Id, left: &mut usize) -> Option<Draft> {
        *left = left.checked_sub(1)?;
        let node = tree.node(id);
        let what = match &node.value {
            Value::Scalar(text, style) => What::Text(text.clone(), *style),
            Value::List(items) => {
                let items = items.iter().map(|id| Draft::of(home, tree, *id, left));
                What::List(items.collect::<Option<_>>()?)
            }
            Value::Map(_) => {
                let fields = tree.fields(id).unwrap_or_default().into_iter();
                let fields = fields.filter_map(|(key, value)| Some((tree.text(key)?, value)));
                let mut out: Vec<(String, Draft)> = Vec::new();
                for (key, value) in fields {
                    // Its own come first; what is merged in stands behind them.
                    if out.iter().all(|(known, _)| known != key) {
                        out.push((key.to_owned(), Draft::of(home, tree, value, left)?));
                    }
                }
                What::Map(out)
            }
        };
        Some(Draft {
            home: home.clone(),
            range: node.range,
            map: None,
            what,
        })
    }

    /// A text at the place of another value.
    pub(super) fn text_at(text: impl Into<String>, at: &Draft) -> Draft {
        Draft {
            home: at.home.clone(),
            range: at.range,
            map: None,
            what: What::Text(text.into(), Style::Plain),
        }
    }

    /// A map at the place of another value.
    pub(super) fn map_at(fields: Vec<(String, Draft)>, at: &Draft) -> Draft {
        Draft {
            what: What::Map(fields),
            ..Draft::text_at("", at)
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Draft> {
        match &self.what {
            What::Map(fields) => {
                let found = fields.iter().find(|(key, _)| key == name);
                found.map(|(_, value)| value)
            }
            What::Text(..) | What::List(_) => None,
        }
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Draft> {
        match &mut self.what {
            What::Map(fields) => {
                let found = fields.iter_mut().find(|(key, _)| key == name);
                found.map(|(_, value)| value)
            }
            What::Text(..) | What::List(_) => None,
        }
    }

    pub(super) fn find(&self, path: &[&str]) -> Option<&Draft> {
        path.iter().try_fold(self, |at, name| at.get(name))
    }

    pub(super) fn find_mut(&mut self, path: &[&str]) -> Option<&mut Draft> {
        path.iter().try_fold(self, |at, name| at.get_mut(name))
    }

    pub(super) fn is_null(&self) -> bool {
        match &self.what {
            What::Text(text, Style::Plain) => matches!(text.as_str(), "" | "~" | "null"),
            _ => false,
        }
    }

    /// The text of a scalar that is not nothing.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text, _) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The elements of a list in a field.
    pub(super) fn items(&self, name: &str) -> &[Draft] {
        match self.get(name).map(|value| &value.what) {
            Some(What::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn items_mut(&mut self, name: &str) -> &mut [Draft] {
        match self.get_mut(name).map(|value| &mut value.what) {
            Some(What::List(items)) => items,
            _ => &mut [],
        }
    }

    /// The fields of a map in a field.
    pub(super) fn fields(&self, name: &str) -> &[(String, Draft)] {
        match self.get(name).map(|value| &value.what) {
            Some(What::Map(fields)) => fields,
            _ => &[],
        }
    }

    /// Sets a field of a map.
    pub(super) fn set(&mut self, name: &str, value: Draft) {
        if let Some(known) = self.get_mut(name) {
            *known = value;
        } else if let What::Map(fields) = &mut self.what {
            fields.push((name.to_owned(), value));
        }
    }

    /// Takes a field out of a map.
    pub(super) fn remove(&mut self, name: &str) {
        if let What::Map(fields) = &mut self.what {
            fields.retain(|(key, _)| key != name);
        }
    }

    /// Changes the text of a scalar, whose place stays.
    pub(super) fn write(&mut self, text: String) {
        self.what = What::Text(text, Style::Plain);
        self.map = None;
    }

    /// How many values there are in it.
    pub(super) fn count(&self) -> usize {
        1 + match &self.what {
            What::Text(..) => 0,
            What::List(items) => items.iter().map(Draft::count).sum(),
            What::Map(fields) => fields.iter().map(|(_, value)| value.count()).sum::<usize>(),
        }
    }

    /// Where its text stands in its file.
    pub(super) fn outer(&self) -> OuterMap {
        match (&self.map, &self.what) {
            (Some(map), _) => map.as_ref().clone(),
            (None, What::Text(text, style)) => {
                yaml::inner(&self.home.bytes, self.range, text, *style)
            }
            (None, _) => OuterMap::default(),
        }
    }

    /// Moves what was read from a text to where that stands: `outer` says it.
    pub(super) fn move_outward(&mut self, text: &[u8], outer: &OuterMap) {
        match &mut self.what {
            What::Text(own, style) => {
                let own = yaml::inner(text, self.range, own, *style);
                self.map = Some(Arc::new(outer.inside(&own)));
            }
            What::List(items) => {
                for item in items {
                    item.move_outward(text, outer);
                }
            }
            What::Map(fields) => {
                for (_, value) in fields {
                    value.move_outward(text, outer);
                }
            }
        }
        let (start, end) = self.range;
        let shown = outer.shown(start..end.max(start));
        self.range = (shown.start, shown.end);
    }

    /// Adds it to a tree; its number there.
    pub(super) fn put(self, tree: &mut Tree, made: &mut Made) -> Id {
        let value = match self.what {
            What::Text(text, style) => Value::Scalar(text, style),
            What::List(items) => {
                let ids = items.into_iter().map(|item| item.put(tree, made));
                Value::List(ids.collect())
            }
            What::Map(fields) => {
                let mut ids = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    let key = Draft::text_at(key, &value).put(tree, made);
                    ids.push((key, value.put(tree, made)));
                }
                Value::Map(ids)
            }
        };
        let range = self.range;
        let id = tree.push(Node { range, value });
        made.homes.push(self.home);
        if let Some(map) = self.map {
            made.maps.insert(id, map);
        }
        id
    }
}
