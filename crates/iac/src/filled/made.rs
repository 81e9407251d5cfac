//! Texts while they are made, and the places of what is in them.

use std::ops::Range;
use std::sync::Arc;

use base::outer::{Code, Part, Piece, Stands};
use base::{FilePath, Outer, OuterMap, SortedMap};
use model::MemoryFiles;

use super::Value;

/// A text with values in it.
#[derive(Debug, Default)]
pub(crate) struct Piecewise {
    text: Vec<u8>,
    /// Where its bytes stand in what it is made of.
    steps: Vec<Piece>,
    /// Its values: where, of which variable, and where that is written.
    values: Vec<(Range<u32>, String, Option<Outer>)>,
}

/// All files that are made for one container. A variable that several settings are made of is not
/// edited for one of them.
pub(crate) struct Making {
    /// How its variables are set, for people: "in `environment`".
    set: &'static str,
    files: Vec<(FilePath, Piecewise, Option<Outer>)>,
}

impl Piecewise {
    /// Adds bytes that stand as they are from `at` on.
    pub(crate) fn same(&mut self, bytes: &[u8], at: usize) {
        if !bytes.is_empty() {
            let inner = self.push(bytes);
            let outer = number(at)..number(at + bytes.len());
            self.steps.push(Piece::same(inner, outer));
        }
    }

    /// Adds the value of a variable, for which something stands at `at`.
    pub(crate) fn value(&mut self, name: &str, value: &Value, at: Range<usize>) {
        let text = value.text.as_deref().unwrap_or_default();
        self.stands_for(name, text, value.place.clone(), at);
    }

    /// Adds what stands for a variable.
    pub(crate) fn stands_for(
        &mut self,
        name: &str,
        text: &str,
        place: Option<Outer>,
        at: Range<usize>,
    ) {
        let inner = self.push(text.as_bytes());
        if !text.is_empty() {
            let outer = number(at.start)..number(at.end);
            self.steps.push(Piece::other(inner.clone(), outer));
        }
        self.values.push((inner, name.to_owned(), place));
    }

    /// Adds a text for which something else stands at `at`.
    pub(crate) fn made(&mut self, text: &str, at: Range<usize>) {
        if !text.is_empty() {
            let inner = self.push(text.as_bytes());
            let outer = number(at.start)..number(at.end);
            self.steps.push(Piece::other(inner, outer));
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Range<u32> {
        let start = number(self.text.len());
        self.text.extend_from_slice(bytes);
        start..number(self.text.len())
    }

    /// Whether a variable is in it.
    pub(crate) fn has_values(&self) -> bool {
        !self.values.is_empty()
    }
}

impl Making {
    /// Nothing yet.
    pub(crate) fn new(set: &'static str) -> Making {
        Making {
            set,
            files: Vec::new(),
        }
    }

    /// Adds a file. `outer` is where its template stands, or what is shown of a file that nobody
    /// wrote, which is sealed.
    pub(crate) fn add(&mut self, path: FilePath, text: Piecewise, outer: Option<Outer>) {
        self.files.push((path, text, outer));
    }

    /// Whether it makes a file.
    pub(crate) fn has(&self, path: &FilePath) -> bool {
        self.files.iter().any(|(known, ..)| known == path)
    }

    /// Puts all of them into a container.
    pub(crate) fn finish(self, files: &mut MemoryFiles) {
        let mut uses: SortedMap<String, usize> = SortedMap::new();
        for (_, name, _) in self.files.iter().flat_map(|(_, text, _)| &text.values) {
            *uses.entry(name.clone()).or_default() += 1;
        }
        for (path, text, outer) in self.files {
            let part = |(inner, name, place): (Range<u32>, String, Option<Outer>)| {
                let count = uses.get(&name).copied().unwrap_or(1);
                part(inner, &name, place, count, self.set)
            };
            let parts: Vec<Part> = text.values.into_iter().map(part).collect();
            let Some(outer) = outer else {
                files.insert(path.as_bytes(), text.text);
                continue;
            };
            let map = outer.map.through(&text.steps, &[]);
            let mut all: Vec<Part> = map.parts().to_vec();
            all.extend(parts);
            all.sort_by_key(|part| part.inner.start);
            let map = Arc::new(map.with_parts(all));
            files.insert_inner(path.as_bytes(), text.text, Outer { map, ..outer });
        }
    }
}

fn part(inner: Range<u32>, name: &str, place: Option<Outer>, uses: usize, set: &str) -> Part {
    let name = base::source::printable(name.as_bytes());
    let help = match (&place, uses) {
        (Some(_), 0 | 1) => None,
        (Some(_), _) => Some(format!(
            "change `{name}`, of which {uses} settings of the image are made"
        )),
        (None, 0 | 1) => Some(format!("set `{name}` {set}")),
        (None, _) => Some(format!(
            "set `{name}` {set}; {uses} settings of the image are made of it"
        )),
    };
    let place = match (place, &help) {
        (Some(place), Some(_)) => Some(sealed(&place, inner.end - inner.start)),
        (place, _) => place,
    };
    let stands = place.map_or(Stands::Nowhere, Stands::Variable);
    Part {
        inner,
        stands,
        help,
    }
}

/// The same place, where nothing may be written.
fn sealed(place: &Outer, len: u32) -> Outer {
    let all = place.map.shown(0..len);
    Outer {
        map: Arc::new(shown_at(u32::MAX, all)),
        ..place.clone()
    }
}

/// A text that is shown at one place, and written nowhere.
pub(crate) fn shown_at(len: u32, outer: Range<u32>) -> OuterMap {
    let code = Code {
        is_sealed: true,
        ..Code::default()
    };
    OuterMap::new(vec![Piece::other(0..len, outer)], code)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
