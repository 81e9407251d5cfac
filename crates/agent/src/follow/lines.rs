//! Where the lines of a log come from.

use logs::blocks::{Block, LONGEST_LINE};

use super::position::Position;

/// A source of lines that goes on for ever.
pub(super) trait Lines {
    /// Looks what has become of it; once in a round. What is wrong, for people.
    fn look(&mut self) -> Option<String>;
    /// Whether something can be read now.
    fn is_ready(&self) -> bool;
    /// Whether nothing more comes of what is read now, and something else does.
    fn is_last(&self) -> bool {
        false
    }
    /// The beginning of it.
    fn head(&mut self) -> &[u8];
    /// The next whole entries, at most about so many bytes; `begins` says whether an entry begins
    /// at a line.
    fn next(&mut self, most: usize, begins: &dyn Fn(&[u8]) -> bool) -> Option<(&[u8], Block)>;
    /// Passes over about so many bytes.
    fn skip(&mut self, most: usize);
    /// Bytes that were not given out.
    fn unread(&self) -> u64;
    /// Where the next entry begins.
    fn position(&self) -> Position;
    /// How often it was rotated or truncated since the last time.
    fn take_turns(&mut self) -> u64 {
        0
    }
}

/// Longest entry of several lines that is waited for.
const LONGEST_ENTRY: usize = 256 << 10;

/// Bytes that were read, until they are whole entries.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// How many of them were given out, and are let go with the next call.
    given: usize,
    /// What was dropped of a line that is too long; its head is in `bytes`.
    dropped: u64,
    /// Number of the first line, from 1.
    line: u64,
}

impl Buffer {
    /// Begins at a line.
    pub(super) fn new(line: u64) -> Buffer {
        Buffer {
            line: line.max(1),
            ..Buffer::default()
        }
    }

    /// Lets go of what was given out.
    pub(super) fn settle(&mut self) {
        self.bytes.drain(..self.given);
        self.given = 0;
    }

    /// Bytes that were not given out, and those dropped of them.
    pub(super) fn held(&self) -> u64 {
        (self.bytes.len() - self.given) as u64 + self.dropped
    }

    /// Number of the next line.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Whether there is a whole line.
    pub(super) fn has_line(&self) -> bool {
        memchr::memrchr(b'\n', &self.bytes[self.given..]).is_some()
    }

    /// Takes what was read.
    pub(super) fn push(&mut self, mut more: &[u8]) {
        let begin = memchr::memrchr(b'\n', &self.bytes).map_or(0, |at| at + 1);
        if self.bytes.len() - begin >= LONGEST_LINE {
            // The rest of a line that is too long.
            let end = memchr::memchr(b'\n', more).unwrap_or(more.len());
            self.dropped += end as u64;
            more = &more[end..];
        }
        self.bytes.extend_from_slice(more);
    }

    /// Finds whole entries to give out: all but the last one, which may go on, or all lines when
    /// nothing has come for a while (`is_quiet`), or everything when nothing comes any more
    /// (`is_last`). Whether there are any.
    pub(super) fn find(
        &mut self,
        begins: &dyn Fn(&[u8]) -> bool,
        is_quiet: bool,
        is_last: bool,
    ) -> bool {
        self.settle();
        self.given = match (is_last, is_quiet) {
            (true, _) => self.bytes.len(),
            (_, true) => memchr::memrchr(b'\n', &self.bytes).map_or(0, |at| at + 1),
            _ => self.last_entry(begins),
        };
        self.given > 0
    }

    /// Where the last entry begins, which may go on. One that goes on for too long is torn.
    fn last_entry(&self, begins: &dyn Fn(&[u8]) -> bool) -> usize {
        let Some(mut end) = memchr::memrchr(b'\n', &self.bytes) else {
            return 0;
        };
        if self.bytes.len() >= LONGEST_ENTRY {
            return end + 1;
        }
        loop {
            if begins(&self.bytes[end + 1..]) {
                return end + 1;
            }
            match memchr::memrchr(b'\n', &self.bytes[..end]) {
                Some(at) => end = at,
                None => return 0,
            }
        }
    }

    /// Gives out what was found.
    pub(super) fn give(&mut self) -> Option<(&[u8], Block)> {
        if self.given == 0 {
            return None;
        }
        let bytes = &self.bytes[..self.given];
        let what = Block {
            first_line: self.line,
            bytes: self.given as u64 + std::mem::take(&mut self.dropped),
        };
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        Some((bytes, what))
    }
}
