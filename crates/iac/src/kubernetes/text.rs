//! A file that nobody has written: each value in it stands where people write that.

use std::ops::Range;

use base::outer::Piece;
use base::{Outer, OuterMap};

use super::data::{outer, sealed_code, stands_for};
use super::manifest::At;

/// A text while it is made.
pub(crate) struct Text<'m> {
    text: String,
    pieces: Vec<Piece>,
    /// What everything is shown at that is no value.
    whole: At<'m>,
}

impl<'m> Text<'m> {
    /// Nothing yet; `whole` is in the file of all its values.
    pub(crate) fn new(whole: At<'m>) -> Text<'m> {
        Text {
            text: String::new(),
            pieces: Vec::new(),
            whole,
        }
    }

    /// Adds what stands nowhere.
    pub(crate) fn add(&mut self, text: &str) {
        self.push(text, first_line(self.whole));
    }

    /// Adds a value that stands somewhere.
    pub(crate) fn value(&mut self, text: &str, at: Option<At<'m>>) {
        // What is filled in from another file cannot be shown here.
        let at = at.filter(|at| at.path() == self.whole.path());
        self.push(text, at.map_or_else(|| first_line(self.whole), first_line));
    }

    fn push(&mut self, text: &str, at: Range<u32>) {
        let start = base::offset(self.text.len());
        self.text.push_str(text);
        stands_for(&mut self.pieces, start..base::offset(self.text.len()), at);
    }

    /// The text, and where it stands.
    pub(crate) fn finish(self) -> (String, Outer) {
        let map = OuterMap::new(self.pieces, sealed_code());
        (self.text, outer(self.whole, map))
    }
}

/// The place of a value: a whole map would be half a file.
fn first_line(at: At<'_>) -> Range<u32> {
    let range = at.range();
    let bytes = &at.bytes()[range.start as usize..range.end as usize];
    let len = bytes
        .iter()
        .position(|&b| b == b'\n')
        .unwrap_or(bytes.len());
    range.start..range.start + base::offset(len)
}
