//! Files that lie in other files: a configuration in a block scalar of YAML, in a heredoc of a
//! Dockerfile, behind the escapes of a string; or a file that an image takes from the repository.
//!
//! What is judged is the inner file, as a server would see it. What is shown and edited is the
//! outer one, in place.

use std::ops::Range;
use std::sync::Arc;

use crate::FilePath;

/// Where the bytes of an inner file stand in an outer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outer {
    /// The outer file, by its path in the tree that is read.
    pub path: FilePath,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Which bytes of it are the inner file.
    pub map: Arc<OuterMap>,
}

/// A part of an inner file that stands in another file than the rest: a line that somebody else adds
/// to it, a value that is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<O = Outer> {
    /// Its bytes in the inner file.
    pub inner: Range<u32>,
    /// Where they stand.
    pub stands: Stands<O>,
    /// What people can do to change it, where it is not simply written; or where it comes from.
    pub help: Option<String>,
}

/// Where a part stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands<O = Outer> {
    /// It is written there, and shown there.
    Line(O),
    /// It is the value of a variable, given there and shown there.
    Variable(O),
    /// It is given there, and shown where it is filled in.
    Value(O),
    /// It is filled in, and can be edited nowhere: the default of an image, something computed.
    Nowhere,
}

impl<O> Stands<O> {
    /// The place.
    pub fn place(&self) -> Option<&O> {
        match self {
            Stands::Line(place) | Stands::Variable(place) | Stands::Value(place) => Some(place),
            Stands::Nowhere => None,
        }
    }

    /// The same in other words for places.
    pub fn map<T>(self, to: impl FnOnce(O) -> T) -> Stands<T> {
        match self {
            Stands::Line(place) => Stands::Line(to(place)),
            Stands::Variable(place) => Stands::Variable(to(place)),
            Stands::Value(place) => Stands::Value(to(place)),
            Stands::Nowhere => Stands::Nowhere,
        }
    }
}

impl<O> Part<O> {
    /// Whether a range lies in it.
    pub fn holds(&self, range: &Range<u32>) -> bool {
        self.inner.start <= range.start && range.end <= self.inner.end
    }

    /// Whether a range has some of it.
    pub fn touches(&self, range: &Range<u32>) -> bool {
        self.inner.start < range.end && range.start < self.inner.end
    }
}

/// A piece of the inner file that stands together in the outer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes in the inner file.
    pub inner: Range<u32>,
    /// Where they stand, or what stands for them.
    pub outer: Range<u32>,
    /// Whether they are the same bytes there. Otherwise it is something that stands for them as a
    /// whole, such as an escape or a variable, which may be just as long.
    is_same: bool,
    /// Why nothing may be written here: the bytes come from somewhere else.
    why: Option<Arc<str>>,
    /// Whether something else decides what stands there: nothing can be written over it.
    is_sealed: bool,
}

impl Piece {
    /// The same bytes in both files; the ranges are of one length.
    pub fn same(inner: Range<u32>, outer: Range<u32>) -> Piece {
        debug_assert_eq!(inner.len(), outer.len(), "the same bytes are as many");
        Piece {
            inner,
            outer,
            is_same: true,
            why: None,
            is_sealed: false,
        }
    }

    /// Something that stands for these bytes.
    pub fn other(inner: Range<u32>, outer: Range<u32>) -> Piece {
        Piece {
            inner,
            outer,
            is_same: false,
            is_sealed: false,
            why: None,
        }
    }

    /// Something that is filled in elsewhere, and cannot be changed here.
    pub fn filled(inner: Range<u32>, outer: Range<u32>) -> Piece {
        Piece {
            is_sealed: true,
            ..Piece::other(inner, outer)
        }
    }

    /// The same of bytes that are written somewhere else; `why` says where.
    pub fn locked(inner: Range<u32>, outer: Range<u32>, why: Arc<str>) -> Piece {
        Piece {
            why: Some(why),
            is_sealed: true,
            ..Piece::other(inner, outer)
        }
    }
}

/// The pieces of a text whose bytes each know where they stand, and whether they are the same bytes
/// there.
pub fn joined(places: impl IntoIterator<Item = (Range<u32>, bool)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, (outer, is_same)) in (0_u32..).zip(places) {
        let inner = at..at + 1;
        match pieces.last_mut() {
            Some(last) if is_same && last.is_same && last.outer.end == outer.start => {
                last.inner.end = inner.end;
                last.outer.end = outer.end;
            }
            Some(last) if !is_same && !last.is_same && last.outer == outer => {
                last.inner.end = inner.end;
            }
            _ => pieces.push(match is_same {
                true => Piece::same(inner, outer),
                false => Piece::other(inner, outer),
            }),
        }
    }
    pieces
}

/// How inner bytes are written in the outer file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// What stands before each line that is not empty.
    pub indent: Vec<u8>,
    /// Bytes that are written as others: (byte, as).
    pub escapes: Vec<(u8, Vec<u8>)>,
    /// Bytes that cannot be written.
    pub forbidden: Vec<u8>,
    /// Whether nothing can be written at all.
    pub is_sealed: bool,
}

/// The places of an inner file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OuterMap {
    pieces: Vec<Piece>,
    code: Code,
    /// What stands elsewhere, in order.
    parts: Vec<Part>,
}

impl OuterMap {
    /// A map of these pieces, which follow each other without gaps in the inner file.
    pub fn new(pieces: Vec<Piece>, code: Code) -> OuterMap {
        debug_assert!(
            pieces
                .windows(2)
                .all(|two| two[0].inner.end == two[1].inner.start),
            "a gap between the pieces of an inner file"
        );
        OuterMap {
            pieces,
            code,
            parts: Vec::new(),
        }
    }

    /// The same map, with parts that stand in other files.
    #[must_use]
    pub fn with_parts(self, parts: Vec<Part>) -> OuterMap {
        OuterMap { parts, ..self }
    }

    /// What stands in other files.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether nothing can be written anywhere in it.
    pub fn is_sealed(&self) -> bool {
        self.code.is_sealed
    }

    /// The whole of a file of so many bytes.
    pub fn whole(len: u32) -> OuterMap {
        OuterMap::new(vec![Piece::same(0..len, 0..len)], Code::default())
    }

    /// The map of a text that is made of the inner file, such as one with its variables filled in:
    /// `steps` say where its bytes stand there. `escapes` are how it must be written on top.
    #[must_use]
    pub fn through(&self, steps: &[Piece], escapes: &[(u8, &[u8])]) -> OuterMap {
        let mut pieces = Vec::new();
        for step in steps {
            if !step.is_same {
                let place = self.shown(step.outer.clone());
                let why = self.why_not(step.outer.clone()).or(step.why.as_ref());
                let is_sealed = self.is_filled(step.outer.clone());
                pieces.push(Piece {
                    outer: place,
                    why: why.cloned(),
                    is_sealed: is_sealed || step.is_sealed,
                    ..step.clone()
                });
                continue;
            }
            let mut at = step.outer.start;
            while let Some(piece) = self.piece(at).filter(|_| at < step.outer.end) {
                let end = piece.inner.end.min(step.outer.end);
                let start = step.inner.start + (at - step.outer.start);
                let inner = start..start + (end - at);
                pieces.push(match piece.is_same {
                    true => Piece::same(inner, self.at(at)..self.at(at) + (end - at)),
                    false => Piece {
                        inner,
                        ..piece.clone()
                    },
                });
                at = end;
            }
        }
        let mut code = self.code.clone();
        let own = escapes.iter().map(|(byte, to)| (*byte, to.to_vec()));
        code.escapes.extend(own);
        let moved = |part: &Part| {
            let holds = |step: &&Piece| {
                let (from, to) = (step.outer.start, step.outer.end);
                step.is_same && from <= part.inner.start && part.inner.end <= to
            };
            let step = steps.iter().find(holds)?;
            let at = |at: u32| step.inner.start + (at - step.outer.start);
            Some(Part {
                inner: at(part.inner.start)..at(part.inner.end),
                ..part.clone()
            })
        };
        let parts = self.parts.iter().filter_map(moved).collect();
        OuterMap::new(pieces, code).with_parts(parts)
    }

    /// Where the bytes of a file stand that lies in this inner one.
    #[must_use]
    pub fn inside(&self, inner: &OuterMap) -> OuterMap {
        let mut map = self.through(&inner.pieces, &[]);
        let is_plain = |code: &Code| code.escapes.is_empty() && !code.is_sealed;
        map.code = match is_plain(&self.code) && is_plain(&inner.code) {
            true => Code {
                indent: [self.code.indent.as_slice(), &inner.code.indent].concat(),
                forbidden: [self.code.forbidden.as_slice(), &inner.code.forbidden].concat(),
                ..Code::default()
            },
            // What is escaped twice is not written.
            false => Code {
                is_sealed: true,
                ..Code::default()
            },
        };
        map
    }

    /// Where a range of the inner file is shown.
    pub fn shown(&self, range: Range<u32>) -> Range<u32> {
        let start = self.at(range.start);
        if range.is_empty() {
            return start..start;
        }
        let last = self.piece(range.end - 1);
        let end = last.map_or(start, |piece| {
            let within = range.end - piece.inner.start;
            match piece.is_same {
                true => piece.outer.start + within,
                false => piece.outer.end,
            }
        });
        start..end.max(start)
    }

    /// A range of the inner file with all of what stands for a part of it: an escape or a variable
    /// is replaced whole.
    pub fn widened(&self, range: Range<u32>) -> Range<u32> {
        let whole = |at: u32| self.piece(at).filter(|piece| !piece.is_same);
        let start = whole(range.start).map_or(range.start, |piece| piece.inner.start);
        // A range that ends where a piece begins does not touch it.
        let cut = whole(range.end).filter(|piece| piece.inner.start != range.end);
        let end = cut.map_or(range.end, |piece| piece.inner.end);
        start..end.max(start)
    }

    /// What has to be replaced in the outer file, and by what, so that a range of the inner file
    /// (whose bytes are `inner`) becomes `text`. `None` where that cannot be written there, or a
    /// part of an escape would have to be replaced.
    pub fn edit(
        &self,
        inner: &[u8],
        range: Range<u32>,
        text: &[u8],
    ) -> Option<(Range<u32>, Vec<u8>)> {
        let is_forbidden = |byte: &u8| self.code.forbidden.contains(byte);
        if self.code.is_sealed || text.iter().any(is_forbidden) {
            return None;
        }
        let is_cut = |at: u32| {
            let piece = self.piece(at);
            piece.is_some_and(|piece| !piece.is_same && at != piece.inner.start)
        };
        if is_cut(range.start) || is_cut(range.end) || self.is_filled(range.clone()) {
            return None;
        }
        let (start, end) = (self.at(range.start), self.at(range.end));
        if self.code.indent.is_empty() {
            // What stands between two pieces is no part of the inner file, and must stay.
            let mut touched = self.touched(range.clone()).peekable();
            while let Some(piece) = touched.next() {
                let is_apart = |next: &&Piece| next.outer.start != piece.outer.end;
                if touched.peek().is_some_and(is_apart) {
                    return None;
                }
            }
            let end = match (range.is_empty(), range.end.checked_sub(1)) {
                (false, Some(last)) => self.piece(last).map_or(end, |piece| match piece.is_same {
                    true => self.at(last) + 1,
                    false => piece.outer.end,
                }),
                _ => end,
            };
            return Some((start..end.max(start), self.code.write(text)));
        }
        // Lines are replaced with their indents, which empty ones do not have.
        let begins_line = |at: u32| match at.checked_sub(1) {
            Some(before) => inner.get(before as usize) == Some(&b'\n'),
            None => true,
        };
        let (from_line, to_line) = (begins_line(range.start), begins_line(range.end));
        let ends_line = match text.last() {
            Some(last) => *last == b'\n',
            None => from_line,
        };
        let is_empty_line = |at: u32| matches!(inner.get(at as usize), Some(b'\n') | None);
        let mut written = Vec::new();
        if from_line && !text.is_empty() && text[0] != b'\n' {
            written.extend_from_slice(&self.code.indent);
        }
        written.extend_from_slice(&self.code.write(text));
        if text.ends_with(b"\n") {
            written.truncate(written.len() - self.code.indent.len());
        }
        let start = if from_line {
            self.line(range.start, inner)
        } else {
            start
        };
        let end = match (ends_line, to_line) {
            (true, true) => self.line(range.end, inner),
            (true, false) => {
                if !is_empty_line(range.end) {
                    written.extend_from_slice(&self.code.indent);
                }
                end
            }
            (false, _) => end,
        };
        Some((start..end.max(start), written))
    }

    /// Why a range of the inner file cannot be edited, when bytes of it come from somewhere else.
    pub fn why_not(&self, range: Range<u32>) -> Option<&Arc<str>> {
        self.touched(range).find_map(|piece| piece.why.as_ref())
    }

    /// Which inner bytes are filled in elsewhere.
    pub fn filled(&self) -> impl Iterator<Item = Range<u32>> + '_ {
        let pieces = self.pieces.iter().filter(|piece| piece.is_sealed);
        pieces.map(|piece| piece.inner.clone())
    }

    /// Whether a range would write over what is filled in elsewhere.
    fn is_filled(&self, range: Range<u32>) -> bool {
        self.touched(range).any(|piece| piece.is_sealed)
    }

    /// The pieces that have some of a range.
    fn touched(&self, range: Range<u32>) -> impl Iterator<Item = &Piece> {
        let from = self
            .pieces
            .partition_point(|piece| piece.inner.end <= range.start);
        let pieces = self.pieces[from..].iter();
        pieces.take_while(move |piece| piece.inner.start < range.end)
    }

    /// Where the line begins, with its indent, whose first byte this is.
    fn line(&self, at: u32, inner: &[u8]) -> u32 {
        match at.checked_sub(1).and_then(|before| self.piece(before)) {
            Some(before) => before.outer.end,
            None if inner.first() == Some(&b'\n') => self.at(at),
            None => self
                .at(at)
                .saturating_sub(crate::offset(self.code.indent.len())),
        }
    }

    /// The piece that holds a byte.
    fn piece(&self, at: u32) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.inner.end <= at);
        self.pieces
            .get(behind)
            .filter(|piece| piece.inner.start <= at)
    }

    /// Where a byte stands; behind the last one the end of the last piece.
    fn at(&self, at: u32) -> u32 {
        match self.piece(at) {
            Some(piece) if piece.is_same => piece.outer.start + (at - piece.inner.start),
            Some(piece) => piece.outer.start,
            None => self.pieces.last().map_or(0, |last| last.outer.end),
        }
    }
}

impl Code {
    /// Inner bytes as they are written in the outer file, in the middle of a line.
    pub fn write(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + text.len() / 8);
        for (at, byte) in text.iter().enumerate() {
            match self.escapes.iter().find(|(from, _)| from == byte) {
                Some((_, to)) => out.extend_from_slice(to),
                None => out.push(*byte),
            }
            // An empty line has no indent.
            if *byte == b'\n' && text.get(at + 1) != Some(&b'\n') {
                out.extend_from_slice(&self.indent);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, OuterMap, Part, Piece, Stands, joined};

    /// A text of YAML with a block scalar, and the map of what is in it.
    fn block(outer: &str, indent: usize) -> (String, OuterMap) {
        let mut inner = String::new();
        let (mut pieces, mut at) = (Vec::new(), 0_u32);
        for line in outer.split_inclusive('\n') {
            let skip = line.len() - line.trim_start_matches(' ').len();
            let cut = u32::try_from(skip.min(indent)).unwrap();
            let len = u32::try_from(line.len()).unwrap();
            if skip >= indent || line == "\n" {
                let start = u32::try_from(inner.len()).unwrap();
                inner += &line[cut as usize..];
                pieces.push(Piece::same(
                    start..u32::try_from(inner.len()).unwrap(),
                    at + cut..at + len,
                ));
            }
            at += len;
        }
        let code = Code {
            indent: vec![b' '; indent],
            ..Code::default()
        };
        (inner, OuterMap::new(pieces, code))
    }

    fn edited(
        (outer, inner): (&str, &str),
        map: &OuterMap,
        range: std::ops::Range<u32>,
        text: &str,
    ) -> String {
        let edit = map.edit(inner.as_bytes(), range, text.as_bytes());
        let (range, text) = edit.unwrap();
        let mut out = outer.as_bytes().to_vec();
        out.splice(range.start as usize..range.end as usize, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn places_in_a_block_scalar() {
        let outer = "a: |\n    one;\n\n    two;\n";
        let (inner, map) = block(outer, 4);
        assert_eq!(inner, "one;\n\ntwo;\n");
        let shown = map.shown(6..9);
        assert_eq!(&outer[shown.start as usize..shown.end as usize], "two");
        let both = map.shown(0..10);
        assert_eq!(
            &outer[both.start as usize..both.end as usize],
            "one;\n\n    two;"
        );
    }

    #[test]
    fn edits_keep_the_indent() {
        let outer = "a: |\n    one;\n    two;\nb: 1\n";
        let (inner, map) = block(outer, 4);
        let both = (outer, inner.as_str());
        let one = "a: |\n    1;\n    two;\nb: 1\n";
        assert_eq!(edited(both, &map, 0..3, "1"), one);
        let between = "a: |\n    one;\n    new;\n\n    x;\n    two;\nb: 1\n";
        assert_eq!(edited(both, &map, 5..5, "new;\n\nx;\n"), between);
        let gone = "a: |\n    two;\nb: 1\n";
        assert_eq!(edited(both, &map, 0..5, ""), gone);
        let behind = "a: |\n    one;\n    two;\n    new;\nb: 1\n";
        assert_eq!(edited(both, &map, 10..10, "new;\n"), behind);
    }

    #[test]
    fn a_text_with_its_variables_filled_in() {
        // `p: a$$b ${C}!` is `a$b sixx!`; the value is as long as its name.
        let outer = "p: a$$b ${C}!";
        let middle = OuterMap::new(vec![Piece::same(0..10, 3..13)], Code::default());
        let steps = vec![
            Piece::same(0..1, 0..1),
            Piece::other(1..2, 1..3),
            Piece::same(2..4, 3..5),
            Piece::other(4..8, 5..9),
            Piece::same(8..9, 9..10),
        ];
        let map = middle.through(&steps, &[(b'$', b"$$")]);
        let at = |range: std::ops::Range<u32>| {
            let shown = map.shown(range);
            &outer[shown.start as usize..shown.end as usize]
        };
        assert_eq!(at(1..2), "$$");
        assert_eq!(at(2..3), "b");
        assert_eq!(at(4..8), "${C}");
        assert_eq!(at(8..9), "!");
        let inner = b"a$b sixx!";
        assert_eq!(map.edit(inner, 4..8, b"$"), Some((8..12, b"$$".to_vec())));
        assert_eq!(map.edit(inner, 5..8, b"x"), None);
    }

    #[test]
    fn an_escape_is_replaced_whole_or_not_at_all() {
        // `a$b` as `a$$b`.
        let pieces = vec![
            Piece::same(0..1, 5..6),
            Piece::other(1..2, 6..8),
            Piece::same(2..3, 8..9),
        ];
        let code = Code {
            escapes: vec![(b'$', b"$$".to_vec()), (b'\n', b"\\n".to_vec())],
            ..Code::default()
        };
        let map = OuterMap::new(pieces, code);
        assert_eq!(map.shown(1..2), 6..8);
        assert_eq!(
            map.edit(b"a$b", 1..2, b"$\n"),
            Some((6..8, b"$$\\n".to_vec()))
        );
        assert_eq!(map.edit(b"a$b", 3..3, b"x"), Some((9..9, b"x".to_vec())));
    }

    #[test]
    fn a_part_goes_where_its_bytes_go() {
        let part = Part {
            inner: 2..4,
            stands: Stands::Nowhere,
            help: None,
        };
        let map = OuterMap::new(vec![Piece::other(0..6, 9..12)], Code::default());
        let map = map.with_parts(vec![part]);
        let moved = map.through(&[Piece::same(0..4, 2..6)], &[]);
        assert_eq!(moved.parts()[0].inner, 0..2);
        // Half of it is none.
        let cut = map.through(&[Piece::same(0..3, 3..6)], &[]);
        assert!(cut.parts().is_empty());
    }

    #[test]
    fn bytes_that_one_thing_stands_for_are_one_piece() {
        // `t=60;` as `t=$T;`: the value is as long as its name.
        let variable = (2..4, false);
        let places = [
            (0..1, true),
            (1..2, true),
            variable.clone(),
            variable,
            (4..5, true),
        ];
        let map = OuterMap::new(joined(places), Code::default());
        assert_eq!(map.pieces.len(), 3);
        assert_eq!(map.shown(2..3), 2..4);
        assert_eq!(map.edit(b"t=60;", 3..4, b"5"), None);
        assert_eq!(map.widened(3..4), 2..4);
        assert_eq!(map.widened(3..3), 2..4);
        assert_eq!(map.widened(1..3), 1..4);
        assert_eq!(map.widened(4..5), 4..5);
        assert_eq!(map.widened(1..2), 1..2);
        assert_eq!(
            map.edit(b"t=60;", 2..4, b"65"),
            Some((2..4, b"65".to_vec()))
        );
        assert_eq!(map.edit(b"t=60;", 4..5, b"!"), Some((4..5, b"!".to_vec())));
    }
}
