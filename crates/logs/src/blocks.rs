//! Cutting a stream into blocks that hold whole entries.
//!
//! Blocks are what is shared among cores: each is read, looked at and let go, so that memory does
//! not depend on the size of a log. A memory map would count as memory, and a log that is
//! truncated while it is mapped ends the program.

use std::io::{self, Read};

/// How large a block is, in bytes.
pub const BLOCK: usize = 1 << 20;
/// How much is kept of a line that is longer than a block.
pub const LONGEST_LINE: usize = 64 << 10;
/// How far back the begin of an entry is looked for.
const LOOK_BACK: usize = 256 << 10;

/// Blocks of one stream.
#[derive(Debug)]
pub struct Blocks<R> {
    source: R,
    /// Bytes that belong to the next block.
    rest: Vec<u8>,
    /// Number of the next line, from 1.
    line: u64,
    size: usize,
    is_done: bool,
    failed: Option<io::Error>,
}

/// What is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of its first line, from 1.
    pub first_line: u64,
    /// How many bytes of the stream it stands for: more than it holds when a line was cut.
    pub bytes: u64,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `size` bytes.
    pub fn new(source: R, size: usize) -> Self {
        Blocks {
            source,
            rest: Vec::new(),
            line: 1,
            size: size.max(1),
            is_done: false,
            failed: None,
        }
    }

    /// Fills `block` with the next whole entries; `begins` says whether an entry begins at a line.
    /// `None` at the end.
    ///
    /// # Errors
    /// What the stream says. What was read before the error is given out first.
    pub fn next(
        &mut self,
        block: &mut Vec<u8>,
        begins: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Option<Block>> {
        block.clear();
        block.append(&mut self.rest);
        self.fill(block);
        if block.is_empty() {
            return self.failed.take().map_or(Ok(None), Err);
        }
        let mut bytes = 0;
        if !self.is_done {
            match cut(block, begins) {
                Some(at) => {
                    self.rest.extend_from_slice(&block[at..]);
                    block.truncate(at);
                }
                None => bytes = self.skip_line(block),
            }
        }
        bytes += block.len() as u64;
        let first_line = self.line;
        self.line += memchr::memchr_iter(b'\n', block).count() as u64;
        Ok(Some(Block { first_line, bytes }))
    }

    /// Reads until the block is full or the stream ends.
    fn fill(&mut self, block: &mut Vec<u8>) {
        let mut filled = block.len();
        block.resize(self.size.max(filled), 0);
        while !self.is_done && filled < block.len() {
            filled += self.read(&mut block[filled..]);
        }
        block.truncate(filled);
    }

    /// Reads once. An error is kept until everything before it was given out.
    fn read(&mut self, into: &mut [u8]) -> usize {
        loop {
            match self.source.read(into) {
                Ok(count) => {
                    self.is_done = count == 0;
                    return count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_done = true;
                    self.failed = Some(error);
                    return 0;
                }
            }
        }
    }

    /// Keeps the head of a line without an end and reads on to the next one. How many bytes were
    /// dropped.
    fn skip_line(&mut self, block: &mut Vec<u8>) -> u64 {
        let mut dropped = block.len().saturating_sub(LONGEST_LINE) as u64;
        block.truncate(LONGEST_LINE);
        let mut buffer = vec![0; 64 << 10];
        while !self.is_done {
            let count = self.read(&mut buffer);
            let Some(at) = memchr::memchr(b'\n', &buffer[..count]) else {
                dropped += count as u64;
                continue;
            };
            dropped += at as u64;
            block.push(b'\n');
            self.rest.extend_from_slice(&buffer[at + 1..count]);
            break;
        }
        dropped
    }
}

/// Where the last entry begins that may not be whole; `None` when there is no end of a line.
fn cut(block: &[u8], begins: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let last = memchr::memrchr(b'\n', block)?;
    let from = last.saturating_sub(LOOK_BACK);
    let mut end = last;
    loop {
        if begins(&block[end + 1..]) {
            return Some(end + 1);
        }
        match memchr::memrchr(b'\n', &block[from..end]) {
            Some(at) => end = from + at,
            None => return Some(last + 1),
        }
    }
}
