//! What is known of a file besides its events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One log file, or a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceState {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Name of its time zone; empty when lines name their own.
    pub zone: String,
    /// How the zone is known, as [`base::diagnosis::ZoneKnown::word`] says it.
    pub zone_how: String,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines with an event.
    pub matched: u64,
    /// Lines of no interest.
    pub irrelevant: u64,
    /// Lines not understood.
    pub unknown: u64,
    /// Lines outside the time window.
    pub outside: u64,
    /// The first lines that were not understood, by number.
    pub examples: BTreeMap<u64, String>,
    /// First and last time.
    pub first: Option<i64>,
    /// See `first`.
    pub last: Option<i64>,
    /// How often the time went backwards by more than a minute.
    pub jumps: u64,
    /// Which levels lines of nginx's error log have, as bits: see [`logs::nginx_error::LEVELS`].
    pub levels: u8,
    /// Requests by status.
    pub statuses: BTreeMap<u16, u64>,
}

/// How many lines that were not understood are kept of a file.
pub const EXAMPLES: usize = 3;

impl SourceState {
    /// Takes in another part of the same file.
    pub fn merge(&mut self, other: &SourceState) {
        if self.name.is_empty() {
            self.name.clone_from(&other.name);
            self.kind.clone_from(&other.kind);
            self.zone.clone_from(&other.zone);
            self.zone_how.clone_from(&other.zone_how);
        }
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.matched += other.matched;
        self.irrelevant += other.irrelevant;
        self.unknown += other.unknown;
        self.outside += other.outside;
        self.jumps += other.jumps;
        self.levels |= other.levels;
        for (line, text) in &other.examples {
            self.examples.insert(*line, text.clone());
        }
        while self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
        self.saw(other.first);
        self.saw(other.last);
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
    }

    /// Widens the span of time.
    pub fn saw(&mut self, time: Option<i64>) {
        if let Some(time) = time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }
}
