//! Incidents while they happen: each is told once, when its lines have had time to come in.
//!
//! What is kept is a window of the logs. An incident is judged when everything before it and a
//! little after it was read, with its neighbours beside it, exactly as [`crate::diagnose()`] would
//! judge it. The lines of an incident that was told are remembered by their places, so that one
//! that comes late (a buffered access log) or stays in the window is not told again.
//!
//! The window never grows beyond what a [`State`] keeps line by line. Whoever reads asks
//! [`Live::is_full`] after every piece, and pieces are of [`PIECE`] bytes at most.

use base::diagnosis::{Confidence, Harm, Incident};
use hashbrown::{HashMap, HashSet};
use logs::Signal;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::failures::{ERRORS, Failure};
use crate::group::{incident, pool, route};
use crate::judge::{UNDETERMINED, Verdict, judge};
use crate::repeats::ACCESS;
use crate::stack::Stack;
use crate::state::{At, Broken, SavedState, State, Table, Tally, file_id};

/// How much may be read between two questions whether the window is full, in bytes.
pub const PIECE: usize = 32 << 10;
/// Records of a signal in the window. With those of one piece they are still told apart.
const MOST: usize = 400;
/// How far behind an incident its logs must have been read, in milliseconds: an end of a worker
/// is joined within two seconds.
pub const REACH: i64 = 3_000;
/// How long lines of failures stay, so that what comes late finds them.
const STAY: i64 = 90_000;
/// How long everything else stays: what FPM says of a request may be that much older.
const STAY_AROUND: i64 = 3_600_000;
/// Places of lines that were told.
const MOST_TOLD: usize = 20_000;

/// A line: its time and place.
type Line = (Option<i64>, At);

/// A window of logs that are still written.
#[derive(Clone, Debug, Default)]
pub struct Live {
    state: State,
    told: HashSet<Line>,
    /// Time of the latest failure that may not have been told.
    open: Option<i64>,
    halves: Halves,
}

/// Requests of which one log's line was told before the other log's line was read, by request and
/// second: how many more of the error log (or, below zero, of the access log).
#[derive(Clone, Debug, Default)]
struct Halves(HashMap<(u64, i64), i32>);

/// An incident that is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Id of the cause; `undetermined` when several fit.
    pub cause: &'static str,
    /// How sure.
    pub confidence: Confidence,
    /// What it did.
    pub harm: Harm,
    /// The route's label, if the configuration has it.
    pub route: Option<String>,
    /// The pool's name, if the configuration has it; else the upstream's address.
    pub pool: String,
    /// How many it stands for.
    pub count: u64,
    /// When it failed, in milliseconds since 1970, UTC.
    pub time: Option<i64>,
    /// All of it; only of the latest, see [`Live::tell`].
    pub incident: Option<Incident>,
}

/// As it is saved.
#[derive(Debug, Serialize, Deserialize)]
pub struct SavedLive {
    state: SavedState,
    told: Vec<Line>,
    open: Option<i64>,
    halves: Vec<((u64, i64), i32)>,
}

impl Live {
    /// Takes in what was read of a piece, and leaves it empty. Secrets are covered here.
    pub fn add(&mut self, part: &mut State) {
        let failures = failing(part).flat_map(|table| table.records.values());
        let open = failures.map(|tally| tally.last.unwrap_or(i64::MIN)).max();
        self.open = self.open.max(open);
        part.seal();
        self.state.merge(part);
        for (signal, table) in self.state.tables.iter_mut() {
            if !is_failure(*signal) && table.records.len() > MOST {
                let begin = latest(table, MOST / 2);
                table.retain(|_, tally| line(tally) >= begin);
            }
        }
    }

    /// Tells the incidents before `until` (milliseconds) that were not told yet, those without a
    /// time too, in order of time; of the latest `whole` of them everything.
    pub fn tell(&mut self, stack: &Stack, until: i64, whole: usize) -> Vec<Told> {
        self.tell_some(stack, until, whole, false)
    }

    /// The same though lines that belong to these incidents may not have been read: when the window
    /// is full. They may be less sure; each is told once all the same.
    pub fn tell_early(&mut self, stack: &Stack, until: i64, whole: usize) -> Vec<Told> {
        self.tell_some(stack, until, whole, true)
    }

    fn tell_some(&mut self, stack: &Stack, until: i64, whole: usize, early: bool) -> Vec<Told> {
        if self.open.is_none() {
            return Vec::new();
        }
        let halves = &mut self.halves;
        let mut facts = Facts::before(&self.state, stack, until.saturating_add(REACH));
        facts.is_early = early;
        let told = &mut self.told;
        let mut new = judge(&facts);
        new.retain(|verdict| {
            let failure = &verdict.failure;
            let is_due = failure.time().is_none_or(|time| time < until);
            let is_new = is_due && told.insert((failure.time(), failure.line.at()));
            let access = failure.access.filter(|_| is_due);
            let is_half = access.is_none_or(|line| !told.insert((line.time, line.at())));
            is_new && !(is_half && halves.complete(failure, early))
        });
        let first_whole = new.len().saturating_sub(whole);
        let shown = |(at, verdict)| of(&facts, verdict, at >= first_whole);
        let out = new.iter().enumerate().map(shown).collect();
        if self.open.is_some_and(|open| open < until) {
            self.open = None;
        }
        out
    }

    /// Lets go of what no incident after `now` (milliseconds) can rest on; everything before was
    /// told. What has no time (the kernel's own ring of messages) stays while there is room.
    pub fn forget(&mut self, now: i64) {
        for (signal, table) in self.state.tables.iter_mut() {
            let stay = if is_failure(*signal) {
                STAY
            } else {
                STAY_AROUND
            };
            let begin = now.saturating_sub(stay);
            let stays_without = !is_failure(*signal);
            table.retain(|_, tally| tally.last.map_or(stays_without, |last| last >= begin));
        }
        // A line is told no later than it goes, and its place stays longer.
        let begin = now.saturating_sub(STAY * 4);
        self.told
            .retain(|(time, _)| time.is_some_and(|time| time >= begin));
        self.state.tidy();
    }

    /// Whether no more may be read before incidents are told and [`Live::shrink`] made room.
    pub fn is_full(&self) -> bool {
        failing(&self.state).any(|table| table.records.len() > MOST)
    }

    /// Lets go of lines that were told, oldest first, where there are too many; whether there is
    /// room now.
    pub fn shrink(&mut self) -> bool {
        for (signal, table) in self.state.tables.iter_mut() {
            if is_failure(*signal) && table.records.len() > MOST {
                let begin = latest(table, MOST / 2);
                let told = &self.told;
                table.retain(|_, tally| line(tally) >= begin || !told.contains(&tally.first));
            }
            // Lines that are not told apart any more were told together.
            if !table.level.has_lines() {
                *table = Table::default();
            }
        }
        if self.told.len() > MOST_TOLD {
            let mut times: Vec<_> = self.told.iter().map(|(time, _)| *time).collect();
            times.sort_unstable();
            let begin = times[times.len() - MOST_TOLD / 2];
            self.told.retain(|(time, _)| *time >= begin);
        }
        self.state.tidy();
        !self.is_full()
    }

    /// Time of the latest failure that may not have been told.
    pub fn open(&self) -> Option<i64> {
        self.open
    }

    /// What is known of the logs, and what is in the window.
    pub fn state(&self) -> &State {
        &self.state
    }
}

impl Halves {
    /// Whether this request was told already, by the other log's line. One that is told early is
    /// remembered.
    fn complete(&mut self, failure: &Failure<'_>, early: bool) -> bool {
        let sign = if failure.is_access_only() { -1 } else { 1 };
        let (Some(second), false) = (failure.line.second(), self.0.is_empty() && !early) else {
            return false;
        };
        let request = file_id(&failure.line.words.request());
        for near in [second, second - 1, second + 1] {
            if let Some(half) = self.0.get_mut(&(request, near))
                && half.signum() == -sign
            {
                *half += sign;
                if *half == 0 {
                    self.0.remove(&(request, near));
                }
                return true;
            }
        }
        let is_whole = failure.access.is_some() && sign > 0;
        if early && !is_whole && self.0.len() < MOST_TOLD {
            *self.0.entry((request, second)).or_default() += sign;
        }
        false
    }
}

fn of(facts: &Facts<'_>, verdict: &Verdict<'_>, whole: bool) -> Told {
    let failure = &verdict.failure;
    let label = route(facts, verdict);
    let is_known = facts.stack.routes.iter().any(|known| known.label == label);
    // What the error log says of it may not have been read.
    let is_half = facts.is_early && failure.is_access_only() && facts.has(&["nginx-error"]);
    let (cause, confidence) = match is_half {
        true => (UNDETERMINED, Confidence::Undetermined),
        false => (verdict.id(), verdict.confidence),
    };
    let incident = whole.then(|| incident(facts, verdict));
    Told {
        cause,
        confidence,
        harm: failure.harm,
        route: is_known.then_some(label),
        pool: pool(facts, verdict),
        count: failure.count,
        time: failure.time(),
        incident: incident.map(|incident| Incident {
            cause,
            confidence,
            ..incident
        }),
    }
}

/// Whether a line of this kind is a failure by itself.
fn is_failure(signal: Signal) -> bool {
    ERRORS.contains(&signal) || ACCESS.contains(&signal)
}

fn failing(state: &State) -> impl Iterator<Item = &Table> {
    let all = state.tables.iter();
    all.filter(|(signal, _)| is_failure(**signal))
        .map(|(_, table)| table)
}

fn line(tally: &Tally) -> Line {
    (tally.last, tally.first.1)
}

/// The first of the latest so many lines of a table.
fn latest(table: &Table, most: usize) -> Line {
    let mut lines: Vec<_> = table.records.values().map(line).collect();
    lines.sort_unstable();
    let at = lines.len().saturating_sub(most);
    lines.get(at).copied().unwrap_or_default()
}

impl From<&Live> for SavedLive {
    fn from(live: &Live) -> SavedLive {
        let mut told: Vec<Line> = live.told.iter().copied().collect();
        told.sort_unstable();
        let mut halves: Vec<_> = live.halves.0.iter().map(|(key, n)| (*key, *n)).collect();
        halves.sort_unstable();
        SavedLive {
            state: SavedState::from(&live.state),
            told,
            open: live.open,
            halves,
        }
    }
}

impl TryFrom<SavedLive> for Live {
    type Error = Broken;

    fn try_from(saved: SavedLive) -> Result<Live, Broken> {
        Ok(Live {
            state: State::try_from(saved.state)?,
            told: saved.told.into_iter().collect(),
            open: saved.open,
            halves: Halves(saved.halves.into_iter().collect()),
        })
    }
}
