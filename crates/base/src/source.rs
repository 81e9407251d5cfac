//! Source files as bytes, and places in them.
//!
//! Offsets are byte offsets into the original file. A configuration file need not be UTF-8,
//! so nothing here is `str` except what is meant for human eyes.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::outer::{Part, Stands};
use crate::{Edit, OuterMap};

/// A part of a source that stands in other sources.
type Placed = Part<(FileId, Arc<OuterMap>)>;

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open byte range `start..end` in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span; `start` must not exceed `end`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        debug_assert!(start <= end, "span {start}..{end} runs backwards");
        Self { file, start, end }
    }

    /// The smallest span that covers both, which must be in the same file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file, "spans of two files cannot be joined");
        Span::new(
            self.file,
            self.start.min(other.start),
            self.end.max(other.end),
        )
    }
}

/// A file's path as bytes, as the operating system has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<[u8]>);

impl FilePath {
    /// Takes the bytes as they are; nothing is normalised.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
    }

    /// The bytes of the path.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Everything before the last slash; empty for a bare name, `/` for a file in the root.
    pub fn parent(&self) -> &[u8] {
        match self.0.iter().rposition(|&b| b == b'/') {
            Some(0) => b"/",
            Some(at) => &self.0[..at],
            None => b"",
        }
    }

    /// The part behind the last slash.
    pub fn name(&self) -> &[u8] {
        match self.0.iter().rposition(|&b| b == b'/') {
            Some(at) => &self.0[at + 1..],
            None => &self.0,
        }
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// Bytes as text that a terminal can be given: control characters and invalid UTF-8 become `?`.
///
/// Configuration and logs are written by strangers; an escape sequence in them must not reach
/// the reader's terminal.
///
/// Nobody reads more than some thousand: the rest is counted.
pub fn printable(bytes: &[u8]) -> String {
    const MOST: usize = 5000;
    let head = &bytes[..bytes.len().min(MOST)];
    let chars = String::from_utf8_lossy(head);
    let chars = chars.chars().map(|c| if is_harmless(c) { c } else { '?' });
    let mut out: String = chars.collect();
    if bytes.len() > MOST {
        out.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    out
}

/// Whether a character may be shown as it is. Bidirectional controls reorder the line around
/// them, so they are refused like control characters.
fn is_harmless(c: char) -> bool {
    !(c.is_control()
        || c == '\u{FFFD}'
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
}

/// The same bytes made printable without changing their number, so that spans still fit.
///
/// Line feeds and tabs stay; a carriage return becomes a space; every byte of anything else that
/// a terminal should not see becomes `?`.
pub fn printable_same_length(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => out.push(c),
                '\r' => out.push(' '),
                c if is_harmless(c) => out.push(c),
                c => (0..c.len_utf8()).for_each(|_| out.push('?')),
            }
        }
        chunk.invalid().iter().for_each(|_| out.push('?'));
    }
    out
}

/// One file that was read.
#[derive(Debug)]
pub struct Source {
    /// The path as the server would see it (inside the root or the dump it came from).
    pub path: FilePath,
    /// The path that people can open, when it is another: below a root, relative to where they
    /// are.
    pub shown: Option<FilePath>,
    /// The original bytes.
    pub bytes: Arc<[u8]>,
    /// Where it came from when that is not the disk, such as the name of an `nginx -T` dump.
    pub via: Option<String>,
    /// The file that it lies in, and where: what is shown and edited is that.
    pub outer: Option<(FileId, Arc<OuterMap>)>,
    /// What of it stands in other files than the rest, in its order.
    pub parts: Vec<Placed>,
    /// Byte ranges of secret values, sorted, not overlapping; filled by whoever knows the language.
    pub secrets: Vec<(u32, u32)>,
    lines: OnceLock<Vec<u32>>,
}

/// A 1-based line and a 1-based column counted in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1. Lines end at LF only, as nginx and PHP count them.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}

impl Source {
    /// Whether some of it stands in a file.
    pub fn stands_in(&self, file: FileId) -> bool {
        let is_part = |part: &Placed| part.stands.place().is_some_and(|(at, _)| *at == file);
        self.outer.as_ref().is_some_and(|(at, _)| *at == file) || self.parts.iter().any(is_part)
    }

    /// The path for people.
    pub fn shown(&self) -> &FilePath {
        self.shown.as_ref().unwrap_or(&self.path)
    }

    /// The line and column of a byte offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let index = starts.partition_point(|&start| start <= offset) - 1;
        LineColumn {
            line: self::offset(index) + 1,
            column: offset - starts[index] + 1,
        }
    }

    /// The byte range of a 1-based line without its line feed; `None` behind the last line.
    pub fn line_range(&self, line: u32) -> Option<(u32, u32)> {
        let starts = self.line_starts();
        let index = usize::try_from(line.checked_sub(1)?).ok()?;
        let start = *starts.get(index)?;
        let end = starts
            .get(index + 1)
            .map_or(offset(self.bytes.len()), |next| next - 1);
        Some((start, end))
    }

    /// Offsets of line starts are only made when somebody asks: most files have no finding.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let feeds = self.bytes.iter().enumerate().filter(|&(_, &b)| b == b'\n');
            std::iter::once(0)
                .chain(feeds.map(|(at, _)| offset(at) + 1))
                .collect()
        })
    }
}

/// All files of one run. Files are only ever added, so a [`FileId`] stays valid.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns its id. `bytes` must be shorter than 4 GiB: spans are 32 bits wide.
    pub fn add(&mut self, path: FilePath, bytes: Arc<[u8]>, via: Option<String>) -> FileId {
        assert!(
            u32::try_from(bytes.len()).is_ok(),
            "{path}: file over 4 GiB"
        );
        let id = FileId(offset(self.files.len()));
        self.files.push(Source {
            path,
            shown: None,
            bytes,
            via,
            outer: None,
            parts: Vec::new(),
            secrets: Vec::new(),
            lines: OnceLock::new(),
        });
        id
    }

    /// The file of an id that this table handed out.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The same for marking secrets.
    pub fn get_mut(&mut self, id: FileId) -> &mut Source {
        &mut self.files[id.0 as usize]
    }

    /// The bytes of a span.
    pub fn text(&self, span: Span) -> &[u8] {
        &self.get(span.file).bytes[span.start as usize..span.end as usize]
    }

    /// Line and column where a span begins.
    pub fn line_column(&self, span: Span) -> LineColumn {
        self.get(span.file).line_column(span.start)
    }

    /// The place to show: in the file that people can open, when this one lies in another.
    pub fn outward(&self, span: Span) -> Span {
        if let Some(part) = self.part(span)
            && let Stands::Line((file, map)) | Stands::Variable((file, map)) = &part.stands
        {
            let from = span.start.max(part.inner.start) - part.inner.start;
            let to = span.end.min(part.inner.end) - part.inner.start;
            let shown = map.shown(from..to);
            return self.outward(Span::new(*file, shown.start, shown.end));
        }
        match &self.get(span.file).outer {
            Some((file, map)) => {
                let shown = map.shown(span.start..span.end);
                self.outward(Span::new(*file, shown.start, shown.end))
            }
            None => span,
        }
    }

    /// What of a file stands elsewhere, when a place lies in it. Of what nobody wrote (an image's own
    /// files) also the one part that the place has: there is nothing else to look at.
    fn part(&self, span: Span) -> Option<&Placed> {
        let source = self.get(span.file);
        let range = span.start..span.end;
        if let Some(part) = source.parts.iter().find(|part| part.holds(&range)) {
            return Some(part);
        }
        source.outer.as_ref().filter(|(_, map)| map.is_sealed())?;
        let mut touched = source.parts.iter().filter(|part| part.touches(&range));
        let is_line = !self.text(span).contains(&b'\n');
        match (touched.next(), touched.next()) {
            (Some(part), None) if is_line => Some(part),
            _ => None,
        }
    }

    /// What people can do to change something that stands in no file, or not only there.
    pub fn help(&self, span: Span) -> Option<&str> {
        self.part(span)?.help.as_deref()
    }

    /// The edit of the file that people can open. `None` where it cannot be written there.
    pub fn outward_edit(&self, edit: &Edit) -> Option<Edit> {
        let source = self.get(edit.span.file);
        let (file, map) = match (&source.outer, source.parts.is_empty()) {
            (None, true) => return Some(edit.clone()),
            (_, false) if self.part_of(edit).is_some() => return self.part_edit(edit),
            (None, false) => return None,
            (Some((file, map)), _) => (file, map),
        };
        let inner = &source.bytes;
        let (range, text) = map.edit(inner, edit.span.start..edit.span.end, &edit.text)?;
        let span = Span::new(*file, range.start, range.end);
        self.outward_edit(&Edit { span, text })
    }

    /// What an edit really changes: the ends that stay as they are cut off.
    fn core(&self, edit: &Edit) -> (Range<u32>, Vec<u8>) {
        let old = self.text(edit.span);
        let head = old.iter().zip(&edit.text).take_while(|(a, b)| a == b);
        let head = head.count();
        let (old, new) = (&old[head..], &edit.text[head..]);
        let tail = old.iter().rev().zip(new.iter().rev());
        let tail = tail.take_while(|(a, b)| a == b).count();
        let range = edit.span.start + offset(head)..edit.span.end - offset(tail);
        (range, new[..new.len() - tail].to_vec())
    }

    /// The first part that an edit has to do with.
    fn part_of(&self, edit: &Edit) -> Option<&Placed> {
        let (range, text) = self.core(edit);
        // What is put beside a value is its new end, unless it ends the word.
        let is_word = |byte: &u8| !byte.is_ascii_whitespace() && !b";{}".contains(byte);
        let is_beside = range.is_empty() && text.iter().all(is_word) && !text.is_empty();
        let mut parts = self.get(edit.span.file).parts.iter();
        parts.find(|part| match part.stands {
            Stands::Line(_) => {
                let is_within = part.inner.start < range.start && range.start < part.inner.end;
                part.touches(&range) || range.is_empty() && is_within
            }
            // Where it is filled in, it can be taken away as a whole.
            Stands::Variable(_) | Stands::Value(_) | Stands::Nowhere => {
                let is_gone = text.is_empty() && range.len() > part.inner.len();
                part.touches(&range) && !is_gone || is_beside && part.holds(&range)
            }
        })
    }

    /// The edit of the file in which a part stands; `None` when it is not all in that part.
    fn part_edit(&self, edit: &Edit) -> Option<Edit> {
        let part = self.part_of(edit)?;
        let inner = &self.get(edit.span.file).bytes;
        let inner = inner.get(part.inner.start as usize..part.inner.end as usize)?;
        let (range, text) = self.core(edit);
        if !part.holds(&range) {
            return None;
        }
        let start = part.inner.start;
        let range = range.start - start..range.end - start;
        let whole = |map: &OuterMap| {
            let mut whole = inner.to_vec();
            whole.splice(range.start as usize..range.end as usize, text.clone());
            map.edit(inner, 0..offset(inner.len()), &whole)
        };
        let (file, (range, text)) = match &part.stands {
            Stands::Nowhere => return None,
            Stands::Line((file, map)) => (*file, map.edit(inner, range, &text)?),
            Stands::Variable((file, map)) => {
                let part = map.edit(inner, range.clone(), &text);
                (*file, part.or_else(|| whole(map))?)
            }
            Stands::Value((file, map)) => (*file, whole(map)?),
        };
        let span = Span::new(file, range.start, range.end);
        self.outward_edit(&Edit { span, text })
    }

    /// Where what an edit changes comes from, when it can be edited nowhere.
    pub fn why_fixed(&self, edit: &Edit) -> Option<&str> {
        let part = self.part_of(edit)?;
        let is_nowhere = part.stands == Stands::Nowhere;
        part.help.as_deref().filter(|_| is_nowhere)
    }

    /// `path:line`, for messages.
    pub fn place(&self, span: Span) -> String {
        let span = self.outward(span);
        format!(
            "{}:{}",
            self.get(span.file).shown(),
            self.line_column(span).line
        )
    }

    /// All files with their ids, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }
}

/// The first of several names, and how many more there are.
pub fn some_of(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 5;
    let some: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

/// A place in a file, or a number of its bytes: no source is larger than 4 GiB.
pub fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FilePath, Sources, Span};
    use crate::Edit;
    use crate::outer::{Code, OuterMap, Part, Piece, Stands};

    /// `t 60s;` of an image that is named in line `image: x`; its 60 is the variable of `env: 60`.
    fn sources(stands: Stands<(super::FileId, Arc<OuterMap>)>, is_sealed: bool) -> Sources {
        let mut sources = Sources::default();
        let image = sources.add(
            FilePath::new("compose.yaml"),
            Arc::from(&b"image: x\n"[..]),
            None,
        );
        let inner = sources.add(FilePath::new("/t.conf"), Arc::from(&b"t 60s;\n"[..]), None);
        sources.add(FilePath::new(".env"), Arc::from(&b"env: 60\n"[..]), None);
        let code = Code {
            is_sealed,
            ..Code::default()
        };
        let map = OuterMap::new(vec![Piece::other(0..7, 0..8)], code);
        sources.get_mut(inner).outer = Some((image, Arc::new(map)));
        sources.get_mut(inner).parts = vec![Part {
            inner: 2..4,
            stands,
            help: Some("set `env`".to_owned()),
        }];
        sources
    }

    fn variable() -> (super::FileId, Arc<OuterMap>) {
        let map = OuterMap::new(vec![Piece::same(0..2, 5..7)], Code::default());
        (super::FileId(2), Arc::new(map))
    }

    fn span(from: u32, to: u32) -> Span {
        Span::new(super::FileId(1), from, to)
    }

    fn edited(sources: &Sources, from: u32, to: u32, text: &str) -> Option<(String, u32, u32)> {
        let edit = Edit {
            span: span(from, to),
            text: text.as_bytes().to_vec(),
        };
        let edit = sources.outward_edit(&edit)?;
        let text = String::from_utf8(edit.text).ok()?;
        Some((text, edit.span.start, edit.span.end))
    }

    #[test]
    fn a_variable_is_shown_and_edited_where_it_is_given() {
        let sources = sources(Stands::Variable(variable()), true);
        assert_eq!(sources.place(span(2, 4)), ".env:1");
        // The whole setting is about it, too: nobody wrote the rest.
        assert_eq!(sources.place(span(0, 6)), ".env:1");
        assert_eq!(sources.place(span(0, 2)), "compose.yaml:1");
        assert_eq!(edited(&sources, 2, 4, "90"), Some(("9".to_owned(), 5, 6)));
        // The same ends of an edit are none of it; what is put beside a value is its new end.
        assert_eq!(
            edited(&sources, 0, 6, "t 600s;"),
            Some(("0".to_owned(), 7, 7))
        );
        assert_eq!(edited(&sources, 0, 6, "u 60s;"), None);
        assert_eq!(edited(&sources, 0, 6, "u 90s;"), None);
    }

    #[test]
    fn a_value_is_shown_where_it_is_filled_in() {
        let sources = sources(Stands::Value(variable()), true);
        assert_eq!(sources.place(span(2, 4)), "compose.yaml:1");
        assert_eq!(edited(&sources, 2, 3, "9"), Some(("90".to_owned(), 5, 7)));
    }

    #[test]
    fn what_stands_nowhere_says_what_to_do() {
        let sources = sources(Stands::Nowhere, true);
        let edit = Edit {
            span: span(2, 4),
            text: b"90".to_vec(),
        };
        assert_eq!(sources.outward_edit(&edit), None);
        assert_eq!(sources.why_fixed(&edit), Some("set `env`"));
        assert_eq!(sources.help(span(0, 6)), Some("set `env`"));
        assert_eq!(sources.help(span(0, 2)), None);
    }
}
