//! A file as a parser may read it: holes are words, or blanks.

use super::branches::Branches;
use super::{Hole, Kind, Language};

/// A hole that stands for lines of its own, or a part that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it stands.
    pub start: u32,
    /// Behind it.
    pub end: u32,
    /// Its name.
    pub name: String,
}

/// What is known of a place when everything before it was read.
struct Place<'b> {
    bytes: &'b [u8],
    language: Language,
    at: usize,
    /// The last byte that is no blank and no comment.
    last: Option<u8>,
    quote: Option<u8>,
    in_comment: bool,
    /// Whether nothing stands in this line so far.
    is_blank: bool,
}

impl Place<'_> {
    /// Reads on.
    fn go_to(&mut self, to: usize) {
        while self.at < to {
            let byte = self.bytes[self.at];
            self.at += 1;
            if byte == b'\n' {
                self.in_comment = false;
                self.is_blank = true;
                if self.language == Language::Ini {
                    self.quote = None;
                }
                continue;
            }
            if self.in_comment {
                continue;
            }
            if let Some(quote) = self.quote {
                match byte {
                    b'\\' if self.language == Language::Nginx => self.at = (self.at + 1).min(to),
                    _ if byte == quote => self.quote = None,
                    _ => {}
                }
                self.last = Some(b'"');
                continue;
            }
            let before = self.at.checked_sub(2).map(|at| self.bytes[at]);
            let begins_word = before.is_none_or(|b| b.is_ascii_whitespace() || b";{}".contains(&b));
            match (self.language, byte) {
                (_, b' ' | b'\t' | b'\r') => continue,
                (Language::Nginx, b'#') if begins_word => {
                    self.in_comment = true;
                    continue;
                }
                (Language::Ini, b';') => {
                    self.in_comment = true;
                    continue;
                }
                (Language::Nginx, b'"' | b'\'') if begins_word => self.quote = Some(byte),
                (Language::Ini, b'"') => self.quote = Some(byte),
                _ => {}
            }
            self.last = Some(byte);
            self.is_blank = false;
        }
    }

    /// Whether a directive may begin here.
    fn begins(&self) -> bool {
        let is_free = self.quote.is_none() && !self.in_comment;
        match self.language {
            Language::Nginx => is_free && matches!(self.last, None | Some(b';' | b'{' | b'}')),
            Language::Ini => is_free && self.is_blank,
        }
    }
}

/// Whether only blanks, comments and other holes stand behind each hole in its line.
fn ends_line(bytes: &[u8], holes: &[Hole]) -> Vec<bool> {
    let mut out = vec![false; holes.len()];
    for index in (0..holes.len()).rev() {
        let next = holes.get(index + 1);
        let to = next.map_or(bytes.len(), |next| next.start as usize);
        let between = &bytes[holes[index].end as usize..to];
        let stop = between.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        out[index] = match stop {
            Some(b'\n' | b'#') => true,
            Some(_) => false,
            None => next.is_none() || out[index + 1],
        };
    }
    out
}

/// The bytes to parse, and the holes among them that stand for whole lines.
pub(super) fn mask(
    bytes: &[u8],
    language: Language,
    holes: &[Hole],
    branches: &Branches,
    is_first_only: bool,
) -> (Vec<u8>, Vec<Gap>) {
    let mut masked = bytes.to_vec();
    let mut gaps = Vec::new();
    let ends = ends_line(bytes, holes);
    let mut place = Place {
        bytes,
        language,
        at: 0,
        last: None,
        quote: None,
        in_comment: false,
        is_blank: true,
    };
    if is_first_only {
        for region in branches.regions() {
            for two in region.holes.windows(2).skip(1) {
                let (start, end) = (holes[two[0]].start, holes[two[1]].end);
                gaps.push(Gap {
                    start,
                    end,
                    name: region.name.clone(),
                });
                blank(&mut masked[start as usize..end as usize]);
            }
        }
        // What is left out is read as blanks, and the holes in it are none.
        let cut = masked.clone();
        let is_left = |hole: &&Hole| cut[hole.start as usize] == bytes[hole.start as usize];
        let left: Vec<Hole> = holes.iter().filter(is_left).cloned().collect();
        let (rest, more) = mask(&cut, language, &left, branches, false);
        gaps.extend(more);
        gaps.sort_by_key(|gap| gap.start);
        return (rest, gaps);
    }
    for (hole, ends_line) in holes.iter().zip(ends) {
        let (start, end) = (hole.start as usize, hole.end as usize);
        place.go_to(start);
        // What an ini file says behind a comment's end is a comment still.
        let begins = place.begins();
        let is_alone = begins && ends_line;
        let is_value = hole.kind == Kind::Value;
        match hole.kind {
            Kind::Value if hole.is_dollar && !is_alone => {}
            Kind::Value if !is_alone => masked[start..end].fill(b'x'),
            Kind::Value | Kind::Comment | Kind::Silent => blank(&mut masked[start..end]),
            Kind::Open | Kind::Else | Kind::Close => match begins || place.in_comment {
                true => blank(&mut masked[start..end]),
                false => masked[start..end].fill(b'x'),
            },
        }
        if is_value && is_alone {
            gaps.push(Gap {
                start: hole.start,
                end: hole.end,
                name: hole.name.clone(),
            });
        }
        place.at = end;
        if !place.in_comment && (is_value && !is_alone || masked[start] == b'x') {
            place.last = Some(b'x');
            place.is_blank = false;
        }
    }
    (masked, gaps)
}

/// Lines stay lines.
fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|b| **b != b'\n') {
        *byte = b' ';
    }
}
