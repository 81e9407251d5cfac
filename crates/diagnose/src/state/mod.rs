//! What was read, in bounded memory: a value that can be saved, merged and judged.
//!
//! Reading two parts and merging gives the same state as reading both at once, in any order.

use base::SortedMap;
use logs::{Event, Signal};

mod context;
mod level;
mod saved;
mod saved_map;
mod source;
mod table;

pub use context::{Contexts, Words};
pub use level::Level;
pub use saved::{Broken, SavedState};
pub use source::{EXAMPLES, SourceState};
pub use table::{At, Key, Table, Tally};

/// Records of a signal whose cause depends on what happened in the same second.
const MOST_JOINED: usize = 4_000;
/// Records of any other signal.
const MOST: usize = 1_000;
/// Longest text kept of a line, in bytes.
const LONGEST_TEXT: usize = 1_200;

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The events by signal.
    pub tables: SortedMap<Signal, Table>,
    /// The words they share.
    pub contexts: Contexts,
    /// The files by [`file_id`].
    pub sources: SortedMap<u64, SourceState>,
}

/// A number for a file's name that is the same on every machine (FNV-1a).
pub fn file_id(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, b| {
        (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// How many records of a signal are kept.
fn most(signal: Signal) -> usize {
    use Signal::{
        AccessAnswered, AccessFailed, AccessNoHeader, EofBeforeHeader, ExecutingSlow, ExitSignal,
        ResetAfterHeader, ResetBeforeHeader, Terminating, TimeoutBeforeHeader,
    };
    match signal {
        ResetBeforeHeader | ResetAfterHeader | EofBeforeHeader | TimeoutBeforeHeader
        | Terminating | ExecutingSlow | ExitSignal | AccessNoHeader | AccessFailed
        | AccessAnswered => MOST_JOINED,
        _ => MOST,
    }
}

impl State {
    /// Makes an empty state remember no more than `whole` does by now, for a part of the work.
    pub fn follow(&mut self, whole: &State) {
        for (signal, table) in &whole.tables {
            self.tables.entry(*signal).or_default().follow(table);
        }
    }

    /// Adds an event at a line; `entry` is the text it was read from.
    pub fn add(&mut self, at: At, entry: &[u8], event: &Event<'_>) {
        let table = self.tables.entry(event.signal).or_default();
        let key = Key {
            time: event.time,
            at,
            words: self.contexts.of(event, table.level),
            connection: event.connection,
            pid: event.pid,
            status: event.status,
            code: event.code,
        };
        let tally = Tally {
            count: 1,
            first: (event.time, at),
            last: event.time,
            millis: event.millis.map(|one| (one, one)),
        };
        table.add(key.forgotten(table.level, key.words), &tally);
        if table.wants_text(at) {
            table.add_text(at, &entry[..entry.len().min(LONGEST_TEXT + 1)]);
        }
        if table.records.len() > most(event.signal) {
            table.fit(most(event.signal), &mut self.contexts);
            self.forget_words();
        }
    }

    /// Takes in what another part read, and leaves it empty.
    pub fn merge(&mut self, other: &mut State) {
        for (&signal, theirs) in other.tables.iter_mut() {
            let table = self.tables.entry(signal).or_default();
            table.raise(theirs.level, &mut self.contexts);
            let level = table.level;
            let is_same = level.has_words_of(theirs.level);
            let mut known: hashbrown::HashMap<u32, u32> = hashbrown::HashMap::new();
            for (key, tally) in theirs.records.drain() {
                let words = *known.entry(key.words).or_insert_with(|| {
                    let words = other.contexts.get(key.words);
                    if is_same {
                        return self.contexts.intern_ref(words);
                    }
                    let mut words = words.clone();
                    level.forget(&mut words);
                    self.contexts.intern(words)
                });
                table.add(key.forgotten(level, words), &tally);
            }
            for ((_, at), text) in std::mem::take(&mut theirs.texts) {
                if table.wants_text(at) {
                    table.add_text(at, &text);
                }
            }
            table.fit(most(signal), &mut self.contexts);
        }
        for (id, source) in std::mem::take(&mut other.sources) {
            match self.sources.get_mut(&id) {
                Some(known) => known.merge(&source),
                None => {
                    self.sources.insert(id, source);
                }
            }
        }
        other.contexts.clear();
        self.forget_words();
    }

    /// Covers the secrets in all words. Whoever shows or saves a state does this first; before
    /// that, most words are let go unseen, and masking them would be in vain.
    pub fn seal(&mut self) {
        let mut contexts = Contexts::default();
        for table in self.tables.values_mut() {
            let records = std::mem::take(&mut table.records);
            for (mut key, tally) in records {
                let mut words = self.contexts.get(key.words).clone();
                words.mask();
                table.level.forget(&mut words);
                key.words = contexts.intern(words);
                table.add(key, &tally);
            }
            for line in table.texts.values_mut() {
                *line = text(line).into_bytes().into();
            }
        }
        self.contexts = contexts;
    }

    /// Lets go of what no record has any more.
    pub(crate) fn tidy(&mut self) {
        self.tables.retain(|_, table| !table.records.is_empty());
        self.forget_words();
    }

    /// Lets go of words that no record has any more, when they are many.
    fn forget_words(&mut self) {
        let live: usize = self.tables.values().map(|table| table.records.len()).sum();
        if self.contexts.count() < 4_096.max(live * 2) {
            return;
        }
        let mut contexts = Contexts::default();
        for table in self.tables.values_mut() {
            let records = std::mem::take(&mut table.records);
            for (mut key, tally) in records {
                key.words = contexts.intern(self.contexts.get(key.words).clone());
                table.records.insert(key, tally);
            }
        }
        self.contexts = contexts;
    }
}

/// The text of an entry as it is kept: masked, printable, cut, line ends as `⏎`.
pub fn text(entry: &[u8]) -> String {
    let cut = entry.len() > LONGEST_TEXT;
    let head = &entry[..entry.len().min(LONGEST_TEXT)];
    let bytes = redact::masked_line(head);
    let text = base::source::printable_same_length(&bytes);
    let mut text = text
        .trim_end_matches('\n')
        .replace('\n', " ⏎ ")
        .replace('\t', " ");
    if cut {
        text.push_str(" …");
    }
    text
}
