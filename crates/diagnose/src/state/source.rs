//! What is known of a file besides its events.

use base::SortedMap;
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
    #[serde(with = "super::saved_map")]
    pub examples: SortedMap<u64, String>,
    /// First and last time.
    pub first: Option<i64>,
    /// See `first`.
    pub last: Option<i64>,
    /// How often the time went backwards by more than a minute.
    pub jumps: u64,
    /// Which levels lines of nginx's error log have, as bits: see [`logs::nginx_error::LEVELS`].
    pub levels: u8,
    /// Requests by status.
    #[serde(with = "super::saved_map")]
    pub statuses: SortedMap<u16, u64>,
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
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.lines = self.lines.saturating_add(other.lines);
        self.matched = self.matched.saturating_add(other.matched);
        self.irrelevant = self.irrelevant.saturating_add(other.irrelevant);
        self.unknown = self.unknown.saturating_add(other.unknown);
        self.outside = self.outside.saturating_add(other.outside);
        self.jumps = self.jumps.saturating_add(other.jumps);
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
            let known = self.statuses.entry(*status).or_default();
            *known = known.saturating_add(*count);
        }
    }

    /// The same, fit to be shown whoever wrote it.
    pub fn cleaned(mut self) -> SourceState {
        let words = [
            &mut self.name,
            &mut self.kind,
            &mut self.zone,
            &mut self.zone_how,
        ];
        for text in words {
            *text = base::source::printable(text.as_bytes());
        }
        for line in self.examples.values_mut() {
            *line = super::text(line.as_bytes());
        }
        self
    }

    /// Widens the span of time.
    pub fn saw(&mut self, time: Option<i64>) {
        if let Some(time) = time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }
}
