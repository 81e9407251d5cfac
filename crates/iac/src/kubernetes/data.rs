//! What ConfigMaps and Secrets hold: files in scalars.

use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{Outer, OuterMap, SortedMap};
use yaml::{Id, Value};

use super::manifest::At;

/// One file of a ConfigMap or Secret.
#[derive(Clone)]
pub(crate) struct Entry {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Where they are written.
    pub outer: Outer,
    /// What tells it from others: its file and its node.
    pub at: (usize, Id),
}

/// A ConfigMap or a Secret.
#[derive(Clone)]
pub(crate) struct Data<'m> {
    /// `ConfigMap nginx`, for people.
    pub shown: String,
    /// The object.
    pub at: At<'m>,
    /// Its files, by key.
    pub entries: Vec<Entry>,
    /// Keys whose value is no base64.
    pub broken: Vec<String>,
}

/// What has been unpacked: an alias that is named a thousand times is unpacked once.
#[derive(Default)]
pub(crate) struct Unpacked(SortedMap<(usize, Id, bool), Option<Entry>>);

impl Unpacked {
    /// The files of an object of kind `kind`, which stands in the manifest of this number.
    pub(crate) fn data<'m>(&mut self, file: usize, object: At<'m>, shown: String) -> Data<'m> {
        let is_secret = object.word("kind") == Some("Secret");
        let fields = match is_secret {
            true => [("stringData", false), ("data", true)],
            false => [("data", false), ("binaryData", true)],
        };
        let mut data = Data {
            shown,
            at: object,
            entries: Vec::new(),
            broken: Vec::new(),
        };
        let mut seen = base::SortedSet::new();
        for (field, is_packed) in fields {
            let entries = object.get(field).map(At::fields).unwrap_or_default();
            for (key, value) in entries {
                if !seen.insert(key) {
                    continue;
                }
                let known = self.0.entry((file, value.id, is_packed));
                let entry = known.or_insert_with(|| entry(file, value, is_packed));
                match entry {
                    Some(entry) => data.entries.push(Entry {
                        key: key.to_owned(),
                        ..entry.clone()
                    }),
                    None => data.broken.push(key.to_owned()),
                }
            }
        }
        data
    }
}

fn entry(file: usize, value: At<'_>, is_packed: bool) -> Option<Entry> {
    let node = value.manifest.tree.node(value.id);
    let Value::Scalar(text, style) = &node.value else {
        return None;
    };
    let (bytes, map) = match is_packed {
        true => {
            // A long value has lines.
            let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            let bytes = base::base64::decode(&text)?;
            let map = sealed(bytes.len(), value.range());
            (bytes, map)
        }
        false => {
            let read = || yaml::inner(value.bytes(), node.range, text, *style);
            let map = value.map().unwrap_or_else(read);
            (text.as_bytes().to_vec(), map)
        }
    };
    Some(Entry {
        key: String::new(),
        bytes: bytes.into(),
        outer: outer(value, map),
        at: value.identity(file),
    })
}

/// Where the text of a scalar stands.
pub(crate) fn inner(at: At<'_>) -> Outer {
    let node = at.manifest.tree.node(at.id);
    let map = match &node.value {
        Value::Scalar(text, style) => {
            let read = || yaml::inner(at.bytes(), node.range, text, *style);
            at.map().unwrap_or_else(read)
        }
        Value::List(_) | Value::Map(_) => sealed(0, at.range()),
    };
    outer(at, map)
}

/// A place in the file of a value.
pub(crate) fn outer(at: At<'_>, map: OuterMap) -> Outer {
    Outer {
        path: at.path().clone(),
        bytes: at.bytes().clone(),
        map: Arc::new(map),
    }
}

/// What is packed is shown as a whole, and nothing can be written there.
fn sealed(len: usize, range: std::ops::Range<u32>) -> OuterMap {
    let mut pieces = Vec::new();
    let len = base::offset(len);
    stands_for(&mut pieces, 0..len, range);
    OuterMap::new(pieces, sealed_code())
}

/// Nothing can be written.
pub(crate) fn sealed_code() -> Code {
    Code {
        is_sealed: true,
        ..Code::default()
    }
}

/// Adds a piece that stands for another.
pub(crate) fn stands_for(
    pieces: &mut Vec<Piece>,
    inner: std::ops::Range<u32>,
    outer: std::ops::Range<u32>,
) {
    if !inner.is_empty() {
        pieces.push(Piece::other(inner, outer));
    }
}
