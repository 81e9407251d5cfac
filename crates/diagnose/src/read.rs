//! Reading logs into a state: one block, or one log from its beginning to its end.
//!
//! Whoever has several cores reads blocks on each and merges; the state is the same.

use std::io;

use logs::Read;
use logs::blocks::{BLOCK, Block, Blocks};
use logs::scan::{Scanner, Seen};

use crate::state::{At, EXAMPLES, SourceState, State, file_id, text};

/// What is asked of a reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// Nothing before this moment, in milliseconds.
    pub since: Option<i64>,
    /// Nothing after this one.
    pub until: Option<i64>,
}

impl Span {
    fn is_open(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    fn excludes(self, time: Option<i64>) -> bool {
        let Some(time) = time else {
            return false;
        };
        self.since.is_some_and(|since| time < since) || self.until.is_some_and(|until| time > until)
    }
}

/// Reads one log into `state`; `about` is what is known of it before.
///
/// # Errors
/// Why it could not be read to its end; what was read before is in the state.
pub fn log(
    source: impl io::Read,
    mut scanner: Scanner,
    about: &SourceState,
    span: Span,
    state: &mut State,
) -> io::Result<()> {
    // A log without a line was read too.
    let file = file_id(&about.name);
    state.sources.entry(file).or_default().merge(about);
    let mut blocks = Blocks::new(source, BLOCK);
    let mut bytes = Vec::new();
    while let Some(what) = blocks.next(&mut bytes, |line| scanner.begins(line))? {
        block(&mut scanner, &bytes, what, about, span, state);
    }
    Ok(())
}

/// Reads one block into a part of a state.
pub fn block(
    scanner: &mut Scanner,
    bytes: &[u8],
    what: Block,
    about: &SourceState,
    span: Span,
    part: &mut State,
) {
    let file = file_id(&about.name);
    let mut source = SourceState {
        bytes: what.bytes,
        ..about.clone()
    };
    let mut last: Option<i64> = None;
    scanner.scan(bytes, what.first_line, &mut |seen: &Seen<'_>| {
        source.lines += seen.lines;
        let time = seen.time();
        if let (Some(before), Some(now)) = (last, time)
            && now < before - 60_000
        {
            source.jumps += 1;
        }
        last = time.or(last);
        if span.excludes(time) {
            source.outside += seen.lines;
            return;
        }
        source.saw(time);
        if seen.request.status != 0 {
            *source.statuses.entry(seen.request.status).or_default() += 1;
        }
        match &seen.read {
            Read::Event(event) => {
                source.matched += seen.lines;
                let at = At {
                    file,
                    line: seen.line,
                };
                part.add(at, seen.entry, event);
            }
            Read::Irrelevant => source.irrelevant += seen.lines,
            Read::Unknown => {
                source.unknown += seen.lines;
                if source.examples.len() < EXAMPLES {
                    source.examples.insert(seen.line, text(seen.entry));
                }
            }
        }
    });
    if let Some((first, end)) = scanner.span_of(bytes).filter(|_| span.is_open()) {
        source.saw(Some(first));
        source.saw(Some(end));
    }
    source.levels = scanner.levels();
    part.sources.entry(file).or_default().merge(&source);
}
