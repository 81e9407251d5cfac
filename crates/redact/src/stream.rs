//! Redacting a stream, block by block: logs are larger than memory, and what comes later is not
//! known.
//!
//! The same value still has the same placeholder everywhere. A value that is found late is hidden
//! from there on only; who has the file reads it twice (see [`Stream::learn`]).

use crate::find::{self, Class, Hit};
use crate::place::{self, Names};
use crate::sweep::Sweep;
use crate::text::{self, Manner};
use crate::{Options, Text, why};

/// Redacts one or more streams.
pub struct Stream<'o> {
    options: Options<'o>,
    names: Names,
    values: Vec<Vec<u8>>,
}

impl<'o> Stream<'o> {
    /// Begins.
    pub fn new(options: Options<'o>) -> Self {
        Self {
            names: Names::new(place::Stems::usual()),
            options,
            values: Vec::new(),
        }
    }

    /// Goes on where a run over other texts ended.
    pub fn continuing(map: crate::Map, options: Options<'o>) -> Self {
        let values = map
            .entries
            .iter()
            .filter(|entry| entry.class == Class::Secret);
        let values: Vec<Vec<u8>> = values.map(|entry| entry.value.clone()).collect();
        let mut stream = Self {
            names: Names::continuing(map),
            options,
            values: Vec::new(),
        };
        values
            .iter()
            .chain(options.known)
            .for_each(|value| stream.keep(value));
        stream
    }

    /// The values that were found so far and can be told from ordinary words.
    pub fn values(&self) -> &[Vec<u8>] {
        &self.values
    }

    /// Takes note of the secrets of a block without writing anything.
    pub fn learn(&mut self, block: &[u8]) {
        for hit in self.secrets(block) {
            self.keep(&block[hit.start..hit.end]);
        }
    }

    /// Redacts a block of whole lines and appends it.
    pub fn redact(&mut self, block: &[u8], out: &mut Vec<u8>) -> usize {
        let mut hits = self.secrets(block);
        for hit in &hits {
            self.keep(&block[hit.start..hit.end]);
        }
        let map = self.names.map();
        hits.extend(like_placeholders(block, &map.prefix));
        if self.options.identity {
            hits.extend(like_placeholders(block, &map.name_prefix));
            hits.extend(like_placeholders(block, &map.domain));
            hits.extend(like_placeholders(block, &map.account_prefix));
        }
        let sweep = Sweep::new(self.values.iter().map(Vec::as_slice), self.options.sending);
        hits.extend(find::swept(block, &sweep));
        let shown = self.options.reveal;
        hits.retain(|hit| {
            !shown
                .iter()
                .any(|value| value == &block[hit.start..hit.end])
        });
        let mut hits = find::settled(block, hits);
        if self.options.identity {
            find::with_identity(block, &mut hits);
        }
        let mut at = 0;
        for hit in &hits {
            out.extend_from_slice(&block[at..hit.start]);
            let placeholder = self.names.of(hit, &block[hit.start..hit.end]);
            out.extend_from_slice(placeholder.as_bytes());
            at = hit.end;
        }
        out.extend_from_slice(&block[at..]);
        hits.len()
    }

    /// Ends a stream of this name.
    pub fn end(&mut self, path: &[u8]) {
        self.names.end_of_text(path);
    }

    /// The way back.
    pub fn into_map(self) -> crate::Map {
        self.names.into_map()
    }

    fn secrets(&self, block: &[u8]) -> Vec<Hit> {
        let mut out = Vec::new();
        text::find(block, 0..block.len(), Manner::Plain, &mut out);
        text::notes(block, text::prose::Lines::Logged, &mut out);
        let mut named = Vec::new();
        let text = Text {
            path: b"",
            bytes: block,
        };
        for detector in self.options.detectors {
            detector.find(text, &mut named);
        }
        out.extend(named.iter().map(Hit::named));
        find::settled(block, out)
    }

    fn keep(&mut self, value: &[u8]) {
        if crate::sweep::is_telling(value, self.options.sending)
            && !self.values.iter().any(|known| known == value)
        {
            self.values.push(value.to_vec());
        }
    }
}

/// What looks like a placeholder already gets one of its own, so that it comes back as it was.
fn like_placeholders(block: &[u8], prefix: &str) -> Vec<Hit> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = place::find(&block[at..], prefix.as_bytes()) {
        let from = at + found;
        at = from + prefix.len();
        out.push(Hit::new(from..at, &why::PLACEHOLDER, Class::Secret));
    }
    out
}
