//! A state as it is written to a file: sorted, so that equal states are equal files.

use logs::Signal;
use serde::{Deserialize, Serialize};

use super::context::Words;
use super::level::{LAST, Level};
use super::source::SourceState;
use super::table::{At, Key, Table, Tally};
use super::{State, file_id};

/// What the first field of the file must say.
const FORMAT: &str = "badgateway-state-1";

/// The saved shape.
#[derive(Debug, Serialize, Deserialize)]
pub struct SavedState {
    format: String,
    sources: Vec<SourceState>,
    words: Vec<Words<'static>>,
    tables: Vec<SavedTable>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedTable {
    signal: String,
    level: u8,
    records: Vec<(Key, Tally)>,
    texts: Vec<(At, String)>,
}

/// Why a saved state cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Another program's file, or another version's.
    Format(String),
    /// A signal that this version does not know.
    Signal(String),
    /// A number that points to no words, or a level that does not exist.
    Number,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Format(found) => write!(
                out,
                "it says `{}` where `{FORMAT}` is expected",
                base::source::printable(found.as_bytes())
            ),
            Broken::Signal(name) => write!(
                out,
                "it knows an event `{}` that this version does not",
                base::source::printable(name.as_bytes())
            ),
            Broken::Number => write!(out, "a number in it points to nothing"),
        }
    }
}

impl From<&State> for SavedState {
    fn from(state: &State) -> Self {
        let used = state.tables.values().flat_map(|table| table.records.keys());
        let mut words: Vec<_> = used.map(|key| state.contexts.get(key.words)).collect();
        words.sort_unstable();
        words.dedup();
        let number = |words_of: u32| {
            let at = words.binary_search(&state.contexts.get(words_of));
            u32::try_from(at.unwrap_or(0)).unwrap_or(0)
        };
        let table = |(signal, table): (&Signal, &Table)| {
            let renumbered = |(key, tally): (&Key, &Tally)| {
                let words = number(key.words);
                (Key { words, ..*key }, *tally)
            };
            let mut records: Vec<_> = table.records.iter().map(renumbered).collect();
            records.sort_unstable_by_key(|(key, _)| *key);
            let texts = table.texts.iter();
            SavedTable {
                signal: signal.word().to_owned(),
                level: table.level.0,
                records,
                texts: texts
                    .map(|((_, at), text)| (*at, super::text(text)))
                    .collect(),
            }
        };
        SavedState {
            format: FORMAT.to_owned(),
            sources: state.sources.values().cloned().collect(),
            tables: state.tables.iter().map(table).collect(),
            words: words.into_iter().cloned().collect(),
        }
    }
}

impl TryFrom<SavedState> for State {
    type Error = Broken;

    fn try_from(saved: SavedState) -> Result<Self, Broken> {
        if saved.format != FORMAT {
            return Err(Broken::Format(saved.format));
        }
        let mut state = State::default();
        for source in saved.sources {
            state
                .sources
                .insert(file_id(&source.name), source.cleaned());
        }
        // A file may have been edited: what is in it is made printable and masked once more.
        let words: Vec<u32> = saved
            .words
            .into_iter()
            .map(|words| state.contexts.intern(words.cleaned()))
            .collect();
        for theirs in saved.tables {
            let known = Signal::ALL.iter().find(|one| one.word() == theirs.signal);
            let signal = *known.ok_or(Broken::Signal(theirs.signal))?;
            let level = Level(theirs.level);
            if level > LAST {
                return Err(Broken::Number);
            }
            let table = state.tables.entry(signal).or_default();
            table.level = level;
            for (key, tally) in theirs.records {
                let at = usize::try_from(key.words).map_err(|_| Broken::Number)?;
                let words = *words.get(at).ok_or(Broken::Number)?;
                table.add(Key { words, ..key }, &tally);
            }
            for (at, text) in theirs.texts {
                table.add_text(at, text.as_bytes());
            }
        }
        state.seal();
        Ok(state)
    }
}
