//! The events of one signal.

use base::SortedMap;
use std::hash::{Hash, Hasher};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::context::Contexts;
use super::level::Level;

/// A line of a file: the hash of the file's name, and the line's number from 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct At {
    /// See [`super::file_id`].
    pub file: u64,
    /// From 1.
    pub line: u64,
}

/// What tells records of one signal apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The moment, or the begin of the level's step.
    pub time: Option<i64>,
    /// The line; above level 0 only its file.
    pub at: At,
    /// Number of the words.
    pub words: u32,
    /// nginx's connection; 0 above level 0.
    pub connection: u64,
    /// FPM child.
    pub pid: u32,
    /// HTTP status.
    pub status: u16,
    /// The signal's own number.
    pub code: i32,
}

/// In few words: this is done for every line of a log. Keys that are equal give the same words.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let time = self.time.unwrap_or(i64::MIN);
        let numbers = u64::from(self.words) << 32 | u64::from(self.pid);
        let status = u64::from(self.status) << 32 ^ u64::from(self.code.unsigned_abs());
        state.write_u64(time.cast_unsigned() ^ self.at.file);
        state.write_u64(numbers);
        state.write_u64(self.at.line ^ self.connection.rotate_left(32) ^ status.rotate_left(16));
    }
}

/// What is known of the events of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: (Option<i64>, At),
    /// Time of the last.
    pub last: Option<i64>,
    /// Shortest and longest duration in milliseconds, if any was told.
    pub millis: Option<(u32, u32)>,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.count = self.count.saturating_add(other.count);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.millis = match (self.millis, other.millis) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
}

/// The events of one signal, as exactly as there is room for.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// How exactly.
    pub level: Level,
    /// The events.
    pub records: HashMap<Key, Tally>,
    /// Texts of a sample of the lines: those whose places have the smallest hashes, so that every
    /// line has the same chance and two samples can be merged into the sample of both.
    /// As they stand in the log until the state is sealed.
    pub texts: SortedMap<(u64, At), Box<[u8]>>,
    /// For a part of the work: the largest hash that can still come into the sample.
    ceiling: Option<(u64, At)>,
}

/// How many lines keep their text in each table: while single lines are told apart, and later.
const TEXTS: usize = 500;
const FEW_TEXTS: usize = 128;

impl Table {
    /// Makes an empty table remember no more than `whole` does.
    pub fn follow(&mut self, whole: &Table) {
        self.level = self.level.max(whole.level);
        let is_full = whole.texts.len() >= whole.most_texts();
        let last = whole.texts.last_key_value().map(|(key, _)| *key);
        self.ceiling = last.filter(|_| is_full);
    }

    /// Adds a record that is of this table's level already.
    pub fn add(&mut self, key: Key, tally: &Tally) {
        self.records
            .entry(key)
            .and_modify(|known| known.add(tally))
            .or_insert(*tally);
    }

    /// Whether the text of a line belongs to the sample, as far as is known now.
    pub fn wants_text(&self, at: At) -> bool {
        let hash = (scatter(at), at);
        self.ceiling.is_none_or(|ceiling| hash < ceiling)
            && (self.texts.len() < self.most_texts()
                || (self.texts.last_key_value()).is_some_and(|(last, _)| hash < *last))
    }

    /// Adds the text of a line to the sample.
    pub fn add_text(&mut self, at: At, text: &[u8]) {
        self.texts.insert((scatter(at), at), text.into());
        self.prune_texts();
    }

    /// Lets go of the records that are not wanted, and of their texts.
    pub fn retain(&mut self, mut wanted: impl FnMut(&Key, &Tally) -> bool) {
        self.records.retain(|key, tally| wanted(key, tally));
        let lines: base::SortedSet<At> = self.records.values().map(|one| one.first.1).collect();
        self.texts.retain(|(_, at), _| lines.contains(at));
    }

    fn prune_texts(&mut self) {
        while self.texts.len() > self.most_texts() {
            self.texts.pop_last();
        }
    }

    fn most_texts(&self) -> usize {
        if self.level.has_lines() {
            TEXTS
        } else {
            FEW_TEXTS
        }
    }

    /// The text of a line, if the sample has it.
    pub fn text(&self, at: At) -> Option<&str> {
        let text = self.texts.get(&(scatter(at), at))?;
        std::str::from_utf8(text).ok()
    }

    /// Goes up until there are at most so many records.
    pub fn fit(&mut self, most: usize, contexts: &mut Contexts) {
        while self.records.len() > most && self.level != self.level.next() {
            self.raise(self.level.next(), contexts);
        }
    }

    /// Goes up to a level.
    pub fn raise(&mut self, level: Level, contexts: &mut Contexts) {
        if level <= self.level {
            return;
        }
        let keeps_words = level.has_words_of(self.level);
        self.level = level;
        self.prune_texts();
        let mut known: HashMap<u32, u32> = HashMap::new();
        for (key, tally) in std::mem::take(&mut self.records) {
            if keeps_words {
                self.add(key.forgotten(level, key.words), &tally);
                continue;
            }
            let words = *known.entry(key.words).or_insert_with(|| {
                let mut words = contexts.get(key.words).clone();
                level.forget(&mut words);
                contexts.intern(words)
            });
            self.add(key.forgotten(level, words), &tally);
        }
    }
}

impl Key {
    /// The key at a level, with the words of that level.
    pub fn forgotten(self, level: Level, words: u32) -> Key {
        let all = level.has_lines();
        Key {
            time: level.time(self.time),
            // The file stays: an access log that repeats another one must be told from it.
            at: At {
                line: if all { self.at.line } else { 0 },
                ..self.at
            },
            words,
            connection: if all { self.connection } else { 0 },
            pid: if level.has_pids() { self.pid } else { 0 },
            status: self.status,
            code: self.code,
        }
    }
}

/// A number that looks random and depends on the place only (`splitmix64`).
fn scatter(at: At) -> u64 {
    let mut x = at.file ^ at.line.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
