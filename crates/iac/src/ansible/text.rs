//! A file that is made of several: each run of its text knows where it stands.

use std::ops::Range;
use std::sync::Arc;

use base::outer::{Code, Part, Piece, Stands};
use base::{FilePath, Outer, OuterMap, SortedMap, SortedSet};

use super::value::At;

/// A text that runs come from: a file, or a scalar of YAML in one.
#[derive(Clone, Debug)]
pub(crate) struct Doc {
    /// The file.
    pub(crate) path: FilePath,
    /// Its bytes.
    pub(crate) bytes: Arc<[u8]>,
    /// Where the text stands in it.
    pub(crate) map: Arc<OuterMap>,
}

/// What tells one from another: the file, and where in it.
pub(crate) type DocKey = (FilePath, Option<(u32, u32)>);

/// A piece of text.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// What it is.
    pub(crate) text: String,
    /// Where it stands: the document, its bytes there, and whether they are the same.
    pub(crate) from: Option<(usize, Range<usize>, bool)>,
    /// The value that was filled in, when one place gives it.
    pub(crate) given: Option<Given>,
}

/// A value that was filled in.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// What asks for it: `timeout`.
    pub(crate) name: String,
    /// Where it is given; nothing when it is made of several, or of none.
    pub(crate) at: Option<At>,
    /// How it is written there.
    pub(crate) written: Option<(yaml::Style, Arc<str>)>,
}

/// The text of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    /// Its runs.
    pub(crate) runs: Vec<Run>,
    /// The document that most of it is: what has no place of its own is shown there.
    pub(crate) main: Option<usize>,
    /// Whether comments of the original are left out.
    pub(crate) is_abridged: bool,
}

impl Text {
    /// A text that stands nowhere: what a package brings.
    pub(crate) fn plain(text: &str) -> Text {
        let run = Run {
            text: text.to_owned(),
            from: None,
            given: None,
        };
        Text {
            runs: vec![run],
            ..Text::default()
        }
    }

    /// The whole text.
    pub(crate) fn joined(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }

    /// The lines, each with its line feed.
    pub(crate) fn lines(&self) -> Vec<Vec<Run>> {
        let mut out: Vec<Vec<Run>> = Vec::new();
        let mut is_open = false;
        for run in &self.runs {
            let mut at = 0;
            for part in run.text.split_inclusive('\n') {
                let part = run.part(at..at + part.len());
                at += part.text.len();
                let is_end = part.text.ends_with('\n');
                match out.last_mut().filter(|_| is_open) {
                    Some(line) => line.push(part),
                    None => out.push(vec![part]),
                }
                is_open = !is_end;
            }
        }
        out
    }

    /// The same of lines.
    pub(crate) fn set_lines(&mut self, lines: Vec<Vec<Run>>) {
        self.runs = lines.into_iter().flatten().collect();
    }
}

impl Run {
    /// A part of it.
    pub(crate) fn part(&self, range: Range<usize>) -> Run {
        let from = self
            .from
            .clone()
            .map(|(doc, outer, is_same)| match is_same {
                true => (
                    doc,
                    outer.start + range.start..outer.start + range.end,
                    true,
                ),
                false => (doc, outer, false),
            });
        let is_whole = range == (0..self.text.len());
        Run {
            text: self.text[range].to_owned(),
            from,
            given: self.given.clone().map(|given| match is_whole {
                true => given,
                false => Given {
                    at: None,
                    written: None,
                    ..given
                },
            }),
        }
    }
}

/// All documents, and how often a value is used.
#[derive(Default)]
pub(crate) struct Docs {
    docs: Vec<Doc>,
    known: SortedMap<DocKey, usize>,
    /// Where a value is filled in, by where it is given.
    uses: SortedMap<At, SortedSet<(usize, usize)>>,
}

impl Docs {
    /// The number of a document.
    pub(crate) fn add(&mut self, key: DocKey, make: impl FnOnce() -> Doc) -> usize {
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        self.docs.push(make());
        self.known.insert(key, self.docs.len() - 1);
        self.docs.len() - 1
    }

    /// Counts the places in which values are filled in.
    pub(crate) fn count(&mut self, text: &Text) {
        for run in &text.runs {
            if let (Some((doc, range, _)), Some(Given { at: Some(at), .. })) =
                (&run.from, &run.given)
            {
                self.uses
                    .entry(*at)
                    .or_default()
                    .insert((*doc, range.start));
            }
        }
    }

    /// Values that something else is made of, too.
    pub(crate) fn also(&mut self, places: &SortedSet<At>) {
        for at in places {
            self.uses.entry(*at).or_default().insert((usize::MAX, 0));
        }
    }

    fn outer(&self, doc: usize, pieces: &[Piece]) -> Outer {
        let doc = &self.docs[doc];
        Outer {
            path: doc.path.clone(),
            bytes: doc.bytes.clone(),
            map: Arc::new(doc.map.through(pieces, &[])),
        }
    }

    /// Where a text stands. `value` gives the file of a place, and the words for it.
    pub(crate) fn places(
        &self,
        text: &Text,
        value: &dyn Fn(At) -> (FilePath, Arc<[u8]>, String),
    ) -> (Option<Outer>, Vec<Part>) {
        let mut main: Vec<Piece> = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        // The line that another document gives: its begin, the document, its pieces.
        let mut line: Option<(u32, usize, Vec<Piece>)> = None;
        let (mut at, mut last) = (0_u32, 0_u32);
        for run in text.runs.iter().filter(|run| !run.text.is_empty()) {
            let inner = at..at + number(run.text.len());
            at = inner.end;
            let from = run.from.as_ref();
            let piece = |start: u32| {
                let (_, outer, is_same) = from?;
                let outer = number(outer.start)..number(outer.end);
                let inner = inner.start - start..inner.end - start;
                Some(match is_same {
                    true => Piece::same(inner, outer),
                    false => Piece::other(inner, outer),
                })
            };
            let doc = from.map(|(doc, ..)| *doc);
            let is_main = doc.is_some() && doc == text.main;
            if line
                .as_ref()
                .is_some_and(|(_, known, _)| Some(*known) != doc)
            {
                self.end_line(line.take(), at - number(run.text.len()), &mut parts);
            }
            match (doc, piece(0)) {
                (Some(_), Some(piece)) if is_main => {
                    last = piece.outer.end;
                    main.push(piece);
                }
                (Some(doc), _) => {
                    let (start, _, pieces) =
                        line.get_or_insert_with(|| (inner.start, doc, Vec::new()));
                    pieces.extend(piece(*start));
                    main.push(Piece::other(inner.clone(), last..last));
                }
                _ => main.push(Piece::other(inner.clone(), last..last)),
            }
            if let Some(given) = &run.given {
                let (stands, help) = self.value(given, &run.text, value);
                parts.push(Part {
                    inner,
                    stands,
                    help,
                });
            }
        }
        self.end_line(line, at, &mut parts);
        // A value is looked for before the line that it is in.
        parts.sort_by_key(|part| matches!(part.stands, Stands::Line(_)));
        let outer = text.main.map(|doc| self.outer(doc, &main));
        (outer, parts)
    }

    fn end_line(&self, line: Option<(u32, usize, Vec<Piece>)>, end: u32, parts: &mut Vec<Part>) {
        if let Some((start, doc, pieces)) = line {
            parts.push(Part {
                inner: start..end,
                stands: Stands::Line(self.outer(doc, &pieces)),
                help: None,
            });
        }
    }

    fn value(
        &self,
        given: &Given,
        text: &str,
        value: &dyn Fn(At) -> (FilePath, Arc<[u8]>, String),
    ) -> (Stands, Option<String>) {
        let nowhere = |why: String| (Stands::Nowhere, Some(why));
        let name = base::source::printable(given.name.as_bytes());
        let Some(at) = given.at else {
            return nowhere(format!("`{{{{ {name} }}}}` is made of other values"));
        };
        let (path, bytes, place) = value(at);
        let uses = self.uses.get(&at).map_or(0, SortedSet::len);
        if uses > 1 {
            return nowhere(format!(
                "`{{{{ {name} }}}}` is given at {place} and filled in at {uses} places"
            ));
        }
        match &given.written {
            Some((style, written)) if **written == *text => {
                let map = Arc::new(yaml::inner(&bytes, at.range, written, *style));
                (Stands::Value(Outer { path, bytes, map }), None)
            }
            _ => nowhere(format!(
                "`{{{{ {name} }}}}` is given at {place}, where it is written in another way"
            )),
        }
    }
}

/// The document of a whole file.
pub(crate) fn of_file(path: FilePath, bytes: Arc<[u8]>) -> Doc {
    let map = Arc::new(OuterMap::whole(number(bytes.len())));
    Doc { path, bytes, map }
}

/// The document of a text in YAML.
pub(crate) fn of_scalar(
    path: FilePath,
    bytes: Arc<[u8]>,
    range: yaml::Range,
    (style, text): (yaml::Style, &str),
) -> Doc {
    let map = Arc::new(yaml::inner(&bytes, range, text, style));
    Doc { path, bytes, map }
}

/// The document of something that cannot be edited, such as `pm.max_children=5` of a task.
pub(crate) fn sealed(path: FilePath, bytes: Arc<[u8]>, range: yaml::Range, len: usize) -> Doc {
    let code = Code {
        is_sealed: true,
        ..Code::default()
    };
    let piece = Piece::other(0..number(len), range.0..range.1);
    let map = Arc::new(OuterMap::new(vec![piece], code));
    Doc { path, bytes, map }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
