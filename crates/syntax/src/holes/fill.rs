//! A file with values in its holes, and where its bytes stand in the file as it is written.

use std::ops::Range;

use base::outer::Piece;

use super::branches::Branches;
use super::expression::is_true;
use super::{Hole, Kind, Language, Quotes, form};

/// The value of a name, if it is given.
pub type Fill<'f> = &'f dyn Fn(&str) -> Option<String>;

/// A file with values in its holes.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where they stand in the file with holes.
    pub pieces: Vec<Piece>,
}

/// Fills the holes whose names are given, and leaves out the branches of conditions that then do
/// not hold. `None` when nothing changes.
pub fn fill(bytes: &[u8], language: Language, value: Fill<'_>) -> Option<Filled> {
    let holes = form::find(bytes, language);
    if holes.is_empty() {
        return None;
    }
    let dropped = dropped(&holes, &Branches::of(&holes, bytes.len()), value);
    let mut out = Filled {
        bytes: Vec::with_capacity(bytes.len()),
        pieces: Vec::new(),
    };
    let mut at = 0;
    let mut dropped = dropped.into_iter().peekable();
    let mut is_changed = false;
    for hole in &holes {
        while let Some(gone) = dropped.next_if(|gone| gone.start <= hole.start) {
            if gone.end as usize > at {
                out.same(bytes, at..(gone.start as usize).max(at));
                at = gone.end as usize;
            }
            is_changed = true;
        }
        if (hole.start as usize) < at {
            continue;
        }
        let Some(text) = text_of(hole, value) else {
            continue;
        };
        out.same(bytes, at..hole.start as usize);
        out.other(text.as_bytes(), hole.start..hole.end);
        at = hole.end as usize;
        is_changed = true;
    }
    out.same(bytes, at..bytes.len());
    is_changed.then_some(out)
}

fn text_of(hole: &Hole, value: Fill<'_>) -> Option<String> {
    if hole.kind != Kind::Value {
        return None;
    }
    let text = value(&hole.name)?;
    Some(match hole.plain {
        Some(Quotes::Double) => format!("\"{text}\""),
        Some(Quotes::Single) => format!("'{text}'"),
        Some(Quotes::None) | None => text,
    })
}

/// Conditions that are decided, and the branches of them that do not hold: sorted.
fn dropped(holes: &[Hole], branches: &Branches, value: Fill<'_>) -> Vec<Range<u32>> {
    let mut out = Vec::new();
    for region in branches.regions().iter().filter(|region| region.is_closed) {
        let mut truths = region.holes[..region.holes.len() - 1].iter();
        let mut chosen = None;
        let is_decided = loop {
            let Some(&hole) = truths.next() else {
                break true;
            };
            match is_true(&holes[hole].name, value) {
                Some(true) => {
                    chosen = Some(hole);
                    break true;
                }
                Some(false) => {}
                None => break false,
            }
        };
        if !is_decided {
            continue;
        }
        for two in region.holes.windows(2) {
            let (this, next) = (&holes[two[0]], &holes[two[1]]);
            out.push(match chosen == Some(two[0]) {
                true => this.start..this.end,
                false => this.start..next.start,
            });
        }
        if let Some(&last) = region.holes.last() {
            out.push(holes[last].start..holes[last].end);
        }
    }
    out.sort_by_key(|range| range.start);
    out
}

impl Filled {
    fn same(&mut self, bytes: &[u8], range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = place(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[range.clone()]);
        self.pieces.push(Piece::same(
            start..place(self.bytes.len()),
            place(range.start)..place(range.end),
        ));
    }

    fn other(&mut self, text: &[u8], outer: Range<u32>) {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = place(self.bytes.len());
        self.bytes.extend_from_slice(text);
        if !text.is_empty() {
            let inner = start..place(self.bytes.len());
            self.pieces.push(Piece::filled(inner, outer));
        }
    }
}
