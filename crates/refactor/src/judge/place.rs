//! Where an edit goes: the one place of its excerpt, and the blocks around a place.

use std::ops::Range;

use super::Why;
use super::sound::Slip;
use super::statements::{Shape, Text};
use crate::extract::Proposal;
use crate::papers::Paper;

/// The one place of an excerpt, and what takes its place with the file's own line ends.
pub(crate) fn locate(paper: &Paper, proposal: &Proposal) -> Result<(Range<usize>, Vec<u8>), Slip> {
    let is_steering = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if proposal.new.chars().any(is_steering) {
        return Err((Why::Shape, "it holds control characters".to_owned()));
    }
    if proposal.old.trim().is_empty() {
        return Err((Why::Place, "its excerpt is empty".to_owned()));
    }
    let has_crlf = paper.hidden.windows(2).any(|pair| pair == b"\r\n");
    let ways = [false, true];
    for as_crlf in ways.into_iter().filter(|way| !way || has_crlf) {
        let text = |text: &str| match as_crlf {
            true => text
                .replace("\r\n", "\n")
                .replace('\n', "\r\n")
                .into_bytes(),
            false => text.as_bytes().to_vec(),
        };
        let (old, new) = (text(&proposal.old), text(&proposal.new));
        let mut places = places(&paper.hidden, &old);
        if let Some(line) = proposal.line {
            places.retain(|at| first_line(paper, *at) == line);
        }
        match places[..] {
            [] => {}
            [at] => return Ok((at..at + old.len(), new)),
            _ => {
                let words = format!("its excerpt occurs {} times", places.len());
                return Err((Why::Place, words));
            }
        }
    }
    let words = match proposal.line {
        Some(_) => "its excerpt does not begin on that line",
        None => "its excerpt does not occur in the file",
    };
    Err((Why::Place, words.to_owned()))
}

/// The line of the first byte that is no white space.
fn first_line(paper: &Paper, at: usize) -> usize {
    let blanks = paper.hidden[at..].iter();
    let blanks = blanks.take_while(|b| b.is_ascii_whitespace()).count();
    paper.line(at + blanks)
}

/// Where an excerpt begins, also where it overlaps itself.
fn places(text: &[u8], old: &[u8]) -> Vec<usize> {
    let windows = text.windows(old.len()).enumerate();
    let found = windows.filter(|(_, window)| *window == old);
    found.map(|(at, _)| at).take(100).collect()
}

/// A text with a part replaced.
pub(crate) fn replaced(text: &[u8], range: &Range<usize>, new: &[u8]) -> Vec<u8> {
    [&text[..range.start], new, &text[range.end..]].concat()
}

/// Whether a range is inside another.
pub(crate) fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The body of the innermost block around a place; the whole file when there is none.
pub(crate) fn block_around(text: &Text, at: usize) -> Range<usize> {
    let blocks = text.statements.iter();
    let blocks = blocks.filter(|one| one.shape == Shape::Block);
    let around = blocks.filter(|one| one.span.1 <= at && at < one.end);
    let innermost = around.min_by_key(|one| one.end - one.span.1);
    innermost.map_or(0..usize::MAX, |one| one.span.1..one.end)
}

/// The section that a place of an ini file is in.
pub(crate) fn section_at(text: &Text, at: usize) -> Option<Vec<u8>> {
    let heads = text.statements.iter();
    let mut heads = heads.filter(|one| one.shape == Shape::Block && one.span.0 <= at);
    Some(
        heads
            .next_back()
            .map_or_else(Vec::new, |one| one.key.clone()),
    )
}
