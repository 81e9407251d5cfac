//! The records of a state in order of time, with what belongs to them looked up.

use base::{SortedMap, SortedSet};
use logs::Signal;

use crate::stack::Stack;
use crate::state::{At, Key, Level, State, Tally, Words};

/// A record: one event, or several that are alike.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// What.
    pub signal: Signal,
    /// First moment in milliseconds, if any is known.
    pub time: Option<i64>,
    /// Last moment.
    pub last: Option<i64>,
    /// How many events.
    pub count: u64,
    /// Its words.
    pub words: &'s Words<'static>,
    /// Its numbers.
    pub key: &'s Key,
    /// What is known of its events.
    pub tally: &'s Tally,
    /// How exactly it is remembered.
    pub level: Level,
}

impl Seen<'_> {
    /// The line of its first event.
    pub fn at(&self) -> At {
        self.tally.first.1
    }

    /// The duration of a single event.
    pub fn millis(&self) -> Option<u32> {
        self.tally.millis.map(|(_, longest)| longest)
    }

    /// Second of the first moment.
    pub fn second(&self) -> Option<i64> {
        self.time.map(|time| time.div_euclid(1000))
    }

    /// Whether it is a single event with everything that its line told.
    pub fn is_exact(&self) -> bool {
        self.level.has_lines()
    }
}

/// Everything that was read, ready to be judged.
pub struct Facts<'s> {
    /// Where it comes from.
    pub state: &'s State,
    /// The configuration.
    pub stack: &'s Stack,
    of: SortedMap<Signal, Vec<Seen<'s>>>,
    /// Access logs that repeat another one.
    repeated: SortedSet<u64>,
    /// Whether lines that belong to these may not have been read yet.
    pub is_early: bool,
}

impl<'s> Facts<'s> {
    /// Sorts a state.
    pub fn new(state: &'s State, stack: &'s Stack) -> Self {
        Facts::before(state, stack, i64::MAX)
    }

    /// Sorts what a state has of the time before a moment, and what has no time.
    pub fn before(state: &'s State, stack: &'s Stack, end: i64) -> Self {
        let mut of = SortedMap::new();
        for (&signal, table) in &state.tables {
            let seen = |(key, tally): (&'s Key, &'s Tally)| Seen {
                signal,
                time: tally.first.0,
                last: tally.last,
                count: tally.count,
                words: state.contexts.get(key.words),
                key,
                tally,
                level: table.level,
            };
            let records = table.records.iter().map(seen);
            let mut all: Vec<Seen<'s>> = records
                .filter(|one| one.time.is_none_or(|time| time < end))
                .collect();
            all.sort_unstable_by(|a, b| {
                let of = |one: &Seen<'_>| (one.time, one.at(), one.key.status, one.key.code);
                of(a).cmp(&of(b)).then_with(|| a.words.cmp(b.words))
            });
            of.insert(signal, all);
        }
        let mut facts = Facts {
            state,
            stack,
            of,
            repeated: SortedSet::new(),
            is_early: false,
        };
        facts.repeated = crate::repeats::repeated(&facts);
        facts
    }

    /// The records of a signal, in order of time.
    pub fn all(&self, signal: Signal) -> &[Seen<'s>] {
        self.of.get(&signal).map_or(&[], Vec::as_slice)
    }

    /// The records of several signals, each in order of time.
    pub fn each<'f>(&'f self, signals: &'f [Signal]) -> impl Iterator<Item = &'f Seen<'s>> {
        signals.iter().flat_map(|signal| self.all(*signal))
    }

    /// Records of a signal within a span of time, both ends included.
    pub fn between(&self, signal: Signal, from: i64, to: i64) -> &[Seen<'s>] {
        let all = self.all(signal);
        // Records without a time sort first and are in no span.
        let begin = all.partition_point(|one| one.time.is_none_or(|time| time < from));
        let end = all.partition_point(|one| one.time.is_none_or(|time| time <= to));
        &all[begin..end.max(begin)]
    }

    /// Whether an access log says again what another one says.
    pub fn is_repeated(&self, file: u64) -> bool {
        self.repeated.contains(&file)
    }

    /// Whether a log of this kind was read at all.
    pub fn has(&self, kinds: &[&str]) -> bool {
        let mut sources = self.state.sources.values();
        sources.any(|source| kinds.contains(&source.kind.as_str()))
    }

    /// Whether a log of this kind tells of this moment: it begins before and is still written
    /// after, or begins before and is one in which silence is usual.
    pub fn covers(&self, kinds: &[&str], time: Option<i64>) -> bool {
        let Some(time) = time else {
            return false;
        };
        let mut sources = self.state.sources.values();
        sources.any(|source| {
            kinds.contains(&source.kind.as_str())
                && source.first.is_some_and(|first| first <= time + 1000)
        })
    }

    /// Whether FPM's own log tells of this moment.
    pub fn fpm_covers(&self, time: Option<i64>) -> bool {
        self.covers(&["fpm"], time)
            || self.covers(MIXED, time) && !self.all(Signal::Ready).is_empty()
    }

    /// Whether the kernel's log is there; it is silent when all is well.
    pub fn has_kernel(&self) -> bool {
        self.has(&["kernel"])
            || !self.all(Signal::OomKill).is_empty()
            || !self.all(Signal::Segfault).is_empty()
    }

    /// Whether nginx's error log is known to be at level `error` or below: a line of such a level
    /// is in it.
    pub fn logs_errors(&self) -> bool {
        let mut sources = self.state.sources.values();
        sources.any(|source| source.levels & logs::nginx_error::ERROR_OR_BELOW != 0)
    }

    /// Whether nginx's error log tells of this moment.
    pub fn nginx_covers(&self, time: Option<i64>) -> bool {
        self.covers(&["nginx-error"], time)
    }
}

/// Kinds in which several programs write.
const MIXED: &[&str] = &[
    "journal-json",
    "journal-export",
    "syslog",
    "docker",
    "cri",
    "compose",
];
