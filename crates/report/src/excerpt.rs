//! The one door through which bytes of a file leave: masked, made printable, cut to what is
//! needed.
//!
//! Nothing else in this crate may look at `Source::bytes` to show them. A test holds that no
//! secret byte is in any format.

use std::ops::Range;

use base::mask::masked;
use base::source::printable_same_length;
use base::{Source, Span};

/// Bytes of a line that are shown at most. Generated files have lines of megabytes.
const LINE_BYTES: usize = 200;
/// Marks further apart than this many lines get a frame of their own.
const FRAME_LINES: u32 = 60;
/// Lines beside the first and last line of a mark that the frame may show.
const NEAR_LINES: u32 = 4;
/// Stands where a line was cut.
const CUT: &str = "…";

/// Some lines of one file with marks in them.
pub(crate) struct Excerpt {
    /// The lines. Those that no frame shows are empty.
    pub text: String,
    /// The number of the first.
    pub first_line: u32,
    /// Which of the given spans are marked, and where in `text`.
    pub marks: Vec<(usize, Range<usize>)>,
}

/// A span with the lines it covers.
struct Mark {
    index: usize,
    start: u32,
    end: u32,
    first: u32,
    last: u32,
}

/// A part of the file and where it came to stand in the excerpt.
struct Piece {
    from: u32,
    to: u32,
    at: usize,
    len: usize,
}

/// Frames for spans of one file, in the order of the first span in each.
pub(crate) fn excerpts(source: &Source, spans: &[Span], reveal: bool) -> Vec<Excerpt> {
    let mut marks: Vec<Mark> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| mark(source, index, *span))
        .collect();
    marks.sort_by_key(|m| (m.first, m.last, m.index));
    let mut frames: Vec<Vec<Mark>> = Vec::new();
    let mut reach = 0;
    for mark in marks {
        match frames.last_mut() {
            Some(frame) if mark.first <= reach + FRAME_LINES => {
                reach = reach.max(mark.last);
                frame.push(mark);
            }
            _ => {
                reach = mark.last;
                frames.push(vec![mark]);
            }
        }
    }
    frames.sort_by_key(|frame| frame.iter().map(|m| m.index).min());
    frames
        .iter()
        .map(|frame| draw(source, frame, reveal))
        .collect()
}

/// The line on which a span begins, cut around it; for formats that show one line.
pub(crate) fn line_of(source: &Source, span: Span, reveal: bool) -> String {
    let mark = mark(source, 0, span);
    let mut text = String::new();
    piece(source, mark.first, &[mark], reveal, &mut text);
    text
}

fn mark(source: &Source, index: usize, span: Span) -> Mark {
    let size = u32::try_from(source.bytes.len()).unwrap_or(u32::MAX);
    let (start, mut end) = (span.start.min(size), span.end.min(size));
    let first = source.line_column(start).line;
    // A block that ends with its line feed does not reach into the next line.
    let mut last = source.line_column(end.saturating_sub(1).max(start)).line;
    if last - first > FRAME_LINES {
        last = first;
        end = source
            .line_range(first)
            .map_or(start, |(_, end)| end.max(start));
    }
    Mark {
        index,
        start,
        end,
        first,
        last,
    }
}

fn draw(source: &Source, marks: &[Mark], reveal: bool) -> Excerpt {
    let first_line = marks.iter().map(|m| m.first).min().unwrap_or(1);
    let last_line = marks.iter().map(|m| m.last).max().unwrap_or(1);
    let mut text = String::new();
    let mut pieces = Vec::new();
    for line in first_line..=last_line {
        if line > first_line {
            text.push('\n');
        }
        let near = |edge: u32| edge.abs_diff(line) <= NEAR_LINES;
        if marks.iter().any(|m| near(m.first) || near(m.last)) {
            pieces.extend(piece(source, line, marks, reveal, &mut text));
        }
    }
    let marks = marks
        .iter()
        .map(|m| {
            let start = text.floor_char_boundary(place(&pieces, m.start));
            let end = text.ceil_char_boundary(place(&pieces, m.end));
            (m.index, start..end.max(start))
        })
        .collect();
    Excerpt {
        text,
        first_line,
        marks,
    }
}

/// Appends one line to the text, cut to what the marks need.
fn piece(
    source: &Source,
    line: u32,
    marks: &[Mark],
    reveal: bool,
    text: &mut String,
) -> Option<Piece> {
    let (from, to) = source.line_range(line)?;
    let wanted = marks
        .iter()
        .filter(|m| m.start <= to && m.end >= from)
        .min_by_key(|m| m.index);
    let hull = wanted.map_or(from..from, |m| m.start.max(from)..m.end.min(to));
    let window = window(
        &source.bytes,
        from as usize..to as usize,
        hull.start as usize..hull.end as usize,
    );
    let bytes = if reveal {
        source.bytes[window.clone()].to_vec()
    } else {
        masked(&source.bytes, window.clone(), &source.secrets)
    };
    if window.start > from as usize {
        text.push_str(CUT);
    }
    let at = text.len();
    text.push_str(printable_same_length(&bytes).trim_end_matches(' '));
    let len = text.len() - at;
    if window.end < to as usize {
        text.push_str(CUT);
    }
    Some(Piece {
        from: u32::try_from(window.start).unwrap_or(u32::MAX),
        to,
        at,
        len,
    })
}

/// The part of a line to show: all of it, or about [`LINE_BYTES`] around what is marked.
fn window(bytes: &[u8], line: Range<usize>, mark: Range<usize>) -> Range<usize> {
    if line.len() <= LINE_BYTES {
        return line;
    }
    let before = LINE_BYTES.saturating_sub(mark.len()) / 2;
    let mut start = mark.start.saturating_sub(before).max(line.start);
    let mut end = (start + LINE_BYTES).min(line.end);
    if end == line.end {
        start = (end - LINE_BYTES).min(mark.start);
        end = end.min(start + 2 * LINE_BYTES);
    }
    // Not through the middle of a character.
    let continues = |at: usize| bytes.get(at).is_some_and(|b| b & 0xC0 == 0x80);
    (0..3).for_each(|_| start -= usize::from(start > line.start && continues(start)));
    (0..3).for_each(|_| end -= usize::from(end < line.end && end > start && continues(end)));
    start..end
}

/// Where an offset of the file is in the text.
fn place(pieces: &[Piece], offset: u32) -> usize {
    let index = pieces.partition_point(|p| p.from <= offset);
    let Some(piece) = pieces.get(index.saturating_sub(1)) else {
        return 0;
    };
    let into = offset.clamp(piece.from, piece.to) - piece.from;
    // One behind the end is the line feed, which belongs to the line.
    piece.at + (into as usize).min(piece.len)
}
