//! Texts whose bytes know where people write them, through whatever they went: a heredoc in a local
//! value that a template puts into YAML that a machine gets.

use std::ops::Range;
use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{FilePath, Outer, OuterMap};

use super::syntax::{Style, Written};

/// A file in which texts stand.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Its path in the tree.
    pub(super) path: FilePath,
    /// Its path for people.
    pub(super) shown: String,
    /// Its bytes.
    pub(super) bytes: Arc<[u8]>,
}

/// Bytes of a text that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Where they end in the text.
    end: usize,
    /// The file, and the place in it; `None` for what nobody wrote, such as a separator.
    at: Option<(usize, Range<u32>)>,
    /// Whether they are the same bytes there, in a row.
    is_same: bool,
    /// How they are written there.
    style: Style,
    /// Whether Terraform itself puts it between quotes or packs it, so that it is written there as
    /// if it were not.
    is_encoded: bool,
    /// Why nothing can be written there.
    why: Option<Arc<str>>,
}

/// A text with the places of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// The text.
    pub(super) text: String,
    runs: Vec<Run>,
    /// Names of what is not known in it.
    pub(super) holes: Vec<String>,
}

impl Text {
    /// A text that nobody wrote.
    pub(super) fn made(text: &str) -> Text {
        let mut out = Text::default();
        out.push(text, None, None);
        out
    }

    /// Text of a template.
    pub(super) fn written(file: usize, written: &Written) -> Text {
        let mut out = Text::default();
        let mut begin = 0;
        for (len, at) in &written.pieces {
            let end = begin + *len as usize;
            out.text.push_str(&written.text[begin..end]);
            out.run(Run {
                end,
                at: Some((file, at.clone())),
                is_same: *len == at.end - at.start,
                style: written.style,
                is_encoded: false,
                why: None,
            });
            begin = end;
        }
        out
    }

    /// A whole file.
    pub(super) fn file(file: usize, text: &str) -> Text {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut written = Written::default();
        written.push(text, 0..end);
        Text::written(file, &written)
    }

    /// Something that stands for a text as a whole, and that is not edited there.
    pub(super) fn stand_in(text: &str, at: (usize, Range<u32>), why: Arc<str>) -> Text {
        let mut out = Text::default();
        out.push(text, Some(at), Some(why));
        out
    }

    fn push(&mut self, text: &str, at: Option<(usize, Range<u32>)>, why: Option<Arc<str>>) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        self.run(Run {
            end: self.text.len(),
            at,
            is_same: false,
            style: Style::Plain,
            is_encoded: false,
            why,
        });
    }

    fn run(&mut self, run: Run) {
        let begin = self.runs.last().map_or(0, |last| last.end);
        if run.end == begin {
            return;
        }
        if let Some(last) = self.runs.last_mut() {
            let is_alike = last.is_same == run.is_same
                && last.style == run.style
                && last.is_encoded == run.is_encoded
                && last.why == run.why;
            match (&mut last.at, &run.at) {
                (Some((file, at)), Some((other, next)))
                    if is_alike && file == other && run.is_same && at.end == next.start =>
                {
                    at.end = next.end;
                    last.end = run.end;
                    return;
                }
                (before, next) if is_alike && !run.is_same && before == next => {
                    last.end = run.end;
                    return;
                }
                _ => {}
            }
        }
        self.runs.push(run);
    }

    /// Adds another text.
    pub(super) fn add(&mut self, other: &Text) {
        let base = self.text.len();
        self.text.push_str(&other.text);
        for run in &other.runs {
            self.run(Run {
                end: base + run.end,
                ..run.clone()
            });
        }
        for hole in &other.holes {
            if !self.holes.contains(hole) {
                self.holes.push(hole.clone());
            }
        }
    }

    /// Adds text that nobody wrote.
    pub(super) fn add_made(&mut self, text: &str) {
        self.push(text, None, None);
    }

    /// A part of it.
    pub(super) fn part(&self, range: Range<usize>) -> Text {
        let mut out = Text {
            text: self.text[range.clone()].to_owned(),
            ..Text::default()
        };
        let first = self.runs.partition_point(|run| run.end <= range.start);
        let mut begin = first
            .checked_sub(1)
            .map_or(0, |before| self.runs[before].end);
        for run in &self.runs[first..] {
            if begin >= range.end {
                break;
            }
            let (from, to) = (begin.max(range.start), run.end.min(range.end));
            let at = run.at.clone().map(|(file, at)| match run.is_same {
                true => {
                    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                    let start = at.start + number(from - begin);
                    (file, start..start + number(to - from))
                }
                false => (file, at),
            });
            out.run(Run {
                end: to - range.start,
                at,
                ..run.clone()
            });
            begin = run.end;
        }
        out.holes.extend(
            self.holes
                .iter()
                .filter(|hole| out.text.contains(&hole_text(hole)))
                .cloned(),
        );
        out
    }

    /// The text that is made of it by another reader, which says where its bytes stand here.
    pub(super) fn through(&self, bytes: &str, map: &OuterMap) -> Text {
        let mut out = Text::default();
        let mut at = 0;
        while at < bytes.len() {
            // As many bytes as stand here in a row.
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let place = map.shown(number(at)..number(at + 1));
            let (start, stop) = (place.start as usize, place.end as usize);
            let is_same = |ahead: usize| {
                let here = map.shown(number(at + ahead)..number(at + ahead + 1));
                here.start as usize == start + ahead
                    && here.len() == 1
                    && self.text.as_bytes().get(start + ahead) == bytes.as_bytes().get(at + ahead)
            };
            let mut len = 0;
            while at + len < bytes.len() && is_same(len) {
                len += 1;
            }
            while len > 0
                && !(bytes.is_char_boundary(at + len) && self.text.is_char_boundary(start + len))
            {
                len -= 1;
            }
            if len > 0 && self.text.is_char_boundary(start) {
                out.add(&self.part(start..start + len));
                at += len;
                continue;
            }
            // Something that stands for a character here, such as an escape in YAML.
            let mut end = at + 1;
            while !bytes.is_char_boundary(end) {
                end += 1;
            }
            let mut first = self.run_at(start.min(stop)).cloned();
            if let Some(first) = &mut first {
                first.end = out.text.len() + end - at;
                if first.is_same {
                    // It is written in place with an escape, which is edited as a whole.
                    first.is_same = false;
                    let begin = self.begin_of(start);
                    let offset = u32::try_from(start - begin).unwrap_or(u32::MAX);
                    let length = u32::try_from(stop.saturating_sub(start)).unwrap_or(u32::MAX);
                    if let Some((_, at)) = &mut first.at {
                        let from = at.start + offset;
                        *at = from..(from + length).min(at.end.max(from));
                    }
                }
            }
            out.text.push_str(&bytes[at..end]);
            out.run(first.unwrap_or(Run {
                end,
                at: None,
                is_same: false,
                style: Style::Plain,
                is_encoded: false,
                why: None,
            }));
            at = end;
        }
        out.holes.extend(
            self.holes
                .iter()
                .filter(|hole| out.text.contains(&hole_text(hole)))
                .cloned(),
        );
        out
    }

    fn run_at(&self, at: usize) -> Option<&Run> {
        self.runs
            .get(self.runs.partition_point(|run| run.end <= at))
    }

    fn begin_of(&self, at: usize) -> usize {
        let number = self.runs.partition_point(|run| run.end <= at);
        number
            .checked_sub(1)
            .map_or(0, |before| self.runs[before].end)
    }

    /// What is written here by people is written in another way still: in a script, or in a quoted
    /// scalar.
    pub(super) fn restyle(&mut self, style: Style) {
        for run in &mut self.runs {
            if !std::mem::take(&mut run.is_encoded) {
                run.style = style;
            }
        }
    }

    /// Terraform writes it between quotes: `escapes` says how a character is written.
    pub(super) fn encoded(&self, escapes: impl Fn(char) -> Option<String>) -> Text {
        let mut out = Text::default();
        let mut plain = 0;
        for (at, c) in self.text.char_indices() {
            let Some(written) = escapes(c) else {
                continue;
            };
            out.add(&self.part(plain..at));
            plain = at + c.len_utf8();
            let mut one = self.part(at..plain);
            one.text = written;
            let end = one.text.len();
            one.runs.truncate(1);
            for run in &mut one.runs {
                run.end = end;
                run.is_same = false;
            }
            out.add(&one);
        }
        out.add(&self.part(plain..self.text.len()));
        for run in &mut out.runs {
            run.is_encoded = true;
        }
        out.holes = self.holes.clone();
        out
    }

    /// Something else that stands for it as a whole, such as its base64.
    pub(super) fn packed(&self, text: &str) -> Text {
        let mut out = Text::default();
        out.push(text, self.place(), None);
        for run in &mut out.runs {
            run.style = Style::Sealed;
        }
        out.holes = self.holes.clone();
        out
    }

    /// How many bytes of memory it takes, about.
    pub(super) fn size(&self) -> usize {
        16 + self.text.len() + self.runs.len() * size_of::<Run>()
    }

    /// The place of the first thing in it that is not known.
    pub(super) fn hole_place(&self) -> Option<(usize, Range<u32>)> {
        let hole = self.holes.first()?;
        let at = self.text.find(&hole_text(hole))?;
        self.run_at(at)?.at.clone()
    }

    /// The place of its first byte that stands somewhere.
    pub(super) fn place(&self) -> Option<(usize, Range<u32>)> {
        self.runs.iter().find_map(|run| run.at.clone())
    }

    /// Where it stands: in the file in which most of it does. `None` when nobody wrote it.
    pub(super) fn outer(&self, homes: &[Home]) -> Option<Outer> {
        let main = self.main()?;
        let home = &homes[main];
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let first = self
            .runs
            .iter()
            .find_map(|run| run.at.clone().filter(|(file, _)| *file == main));
        let mut last = first.map_or(0, |(_, at)| at.start);
        let mut pieces = Vec::new();
        let (mut begin, mut styles) = (0, Vec::new());
        for run in &self.runs {
            let inner = number(begin)..number(run.end);
            let bytes = &self.text.as_bytes()[begin..run.end];
            begin = run.end;
            match &run.at {
                Some((file, at)) if *file == main => {
                    let here = home.bytes.get(at.start as usize..at.end as usize);
                    let is_same = (run.is_same || bytes.len() == 1) && here == Some(bytes);
                    if run.why.is_none() && !styles.contains(&run.style) {
                        styles.push(run.style);
                    }
                    pieces.push(match (&run.why, is_same) {
                        (None, true) => Piece::same(inner, at.clone()),
                        (None, false) => Piece::other(inner, at.clone()),
                        (Some(why), _) => Piece::locked(inner, at.clone(), why.clone()),
                    });
                    last = at.end;
                }
                Some((file, at)) => {
                    let other = &homes[*file];
                    let line = line_of(&other.bytes, at.start);
                    let why = format!("it is written in {}:{line}", other.shown);
                    pieces.push(Piece::locked(inner, last..last, why.into()));
                }
                None => {
                    let why = run
                        .why
                        .clone()
                        .unwrap_or_else(|| "nobody writes it: it is made".into());
                    pieces.push(Piece::locked(inner, last..last, why));
                }
            }
        }
        let code = self.code(main, &home.bytes, &styles);
        Some(Outer {
            path: home.path.clone(),
            bytes: home.bytes.clone(),
            map: Arc::new(OuterMap::new(pieces, code)),
        })
    }

    /// The file in which most of it stands.
    fn main(&self) -> Option<usize> {
        let mut sums: base::SortedMap<usize, usize> = base::SortedMap::new();
        let mut begin = 0;
        for run in &self.runs {
            if let Some((file, _)) = &run.at {
                // What is edited in place weighs more than what stands for something.
                let weight = if run.is_same { 1000 } else { 1 };
                *sums.entry(*file).or_insert(0) += (run.end - begin) * weight;
            }
            begin = run.end;
        }
        let most = sums.iter().max_by_key(|(_, sum)| **sum)?;
        Some(*most.0)
    }

    /// How bytes are written there.
    fn code(&self, main: usize, home: &[u8], styles: &[Style]) -> Code {
        let as_text = |from: u8, to: &str| (from, to.as_bytes().to_vec());
        let sealed = Code {
            is_sealed: true,
            ..Code::default()
        };
        let [style] = styles else {
            return sealed;
        };
        let mut code = match style {
            Style::Sealed => return sealed,
            Style::Plain => Code::default(),
            // A brace could end a `$` that stands before it.
            Style::Template => Code {
                forbidden: b"{".to_vec(),
                ..Code::default()
            },
            Style::Quoted => {
                return Code {
                    escapes: vec![
                        as_text(b'\\', "\\\\"),
                        as_text(b'"', "\\\""),
                        as_text(b'\n', "\\n"),
                        as_text(b'\r', "\\r"),
                        as_text(b'\t', "\\t"),
                    ],
                    forbidden: b"{".to_vec(),
                    ..Code::default()
                };
            }
            Style::Script => Code {
                forbidden: (0..=u8::MAX)
                    .filter(|b| !(b.is_ascii_alphanumeric() || b"._/-:".contains(b)))
                    .collect(),
                ..Code::default()
            },
        };
        match self.indent(main, home) {
            Some(indent) => code.indent = indent,
            None => code.forbidden.push(b'\n'),
        }
        code
    }

    /// What stands before each of its lines; `None` when that is not the same everywhere.
    fn indent(&self, main: usize, home: &[u8]) -> Option<Vec<u8>> {
        let mut indent: Option<&[u8]> = None;
        let mut begin = 0;
        for line in self.text.split_inclusive('\n') {
            let start = begin;
            begin += line.len();
            let run = self.run_at(start);
            let Some(run) = run.filter(|_| !line.trim().is_empty()) else {
                continue;
            };
            let Some((_, at)) = run.at.as_ref().filter(|(file, _)| *file == main) else {
                continue;
            };
            let offset = match run.is_same {
                true => start - self.begin_of(start),
                false => 0,
            };
            let place = at.start as usize + offset;
            let before = home.get(..place)?;
            let line_begin = before
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |feed| feed + 1);
            let here = &before[line_begin..];
            if !here.iter().all(|b| matches!(b, b' ' | b'\t')) {
                return None;
            }
            if *indent.get_or_insert(here) != here {
                return None;
            }
        }
        Some(indent.unwrap_or_default().to_vec())
    }
}

/// What stands for something that is not known.
pub(super) fn hole_text(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

/// The line of a byte, from one.
pub(super) fn line_of(bytes: &[u8], at: u32) -> usize {
    let before = &bytes[..bytes.len().min(at as usize)];
    before.iter().filter(|b| **b == b'\n').count() + 1
}
