//! The agent: looks at the pools, follows the logs, counts causes, and says so.
//!
//! ```text
//! pools ── sampler (a thread of its own) ──┐
//! logs  ── follow ─► Live ─► counts ───────┼─► Snapshot ─► metrics, pages, pushes
//! configuration ── read again when changed ┘        │
//!                                              state file
//! ```
//!
//! Counters are shown when they are saved, so that no restart ever shows less than was shown
//! before. What cannot be saved is shown all the same, and said.

mod counting;
mod progress;
mod sampler;
mod saved;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use base::diagnosis::Incident;
use diagnose::live::{Live, PIECE, SavedLive};
use diagnose::{Stack, State};
use intake::Configured;

use crate::counts::Counts;
use crate::follow::{Beginning, Follower, Positions, Wanted};
use crate::minutes::Minutes;
use crate::otlp::Pushed;
use crate::pools::Watched;
use crate::snapshot::{ConfigView, Counted, MOST_RECENT, OwnView, Published, Snapshot};

use progress::Progress;
use sampler::{Running, Seen};
use saved::{Saved, Store};

/// How an agent works.
#[derive(Clone, Debug)]
pub struct Options {
    /// The state file; without one counters begin at 0 with every start.
    pub state: Option<PathBuf>,
    /// How often the pools are asked.
    pub interval: Duration,
    /// How long a pool may take to answer.
    pub patience: Duration,
    /// How long the lines of an incident have to come in before it is counted.
    pub settle: Duration,
    /// Where logs begin that are met for the first time.
    pub from: Beginning,
}

/// A round begins this long after the one before.
const ROUND: Duration = Duration::from_secs(1);
/// How long a round reads logs at most before it looks at everything else.
const READING: Duration = Duration::from_millis(800);
/// How often the state is saved when something was counted.
const SAVING: Duration = Duration::from_secs(2);
/// Incidents of one round that are told with everything.
const WHOLE: usize = 50;
/// Unread bytes from which on incidents are counted without waiting for their neighbours.
const BEHIND: u64 = 4 << 20;

/// The configuration, as an agent wants it.
#[derive(Default)]
pub struct Loaded {
    /// What logs are judged with.
    pub configured: Configured,
    /// The pools to ask.
    pub pools: Vec<Watched>,
    /// The logs to follow.
    pub logs: Vec<Wanted>,
    /// What is shown of it.
    pub view: ConfigView,
    /// How long nginx may hold back lines of an access log (`buffer=`, `flush=`).
    pub buffered: Duration,
}

/// What came of looking at the configuration.
pub enum Change {
    /// It is as it was.
    Same,
    /// It cannot be used, and the old one stays; why, for people.
    Broken(Vec<String>),
    /// A new one.
    New(Box<Loaded>),
}

/// Looks at the configuration; when told so, reads it in any case.
pub type Load<'l> = dyn FnMut(bool) -> Change + 'l;

/// Asks an agent to stop, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Asks.
    pub fn set(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    /// Whether somebody has asked.
    pub fn is_set(&self) -> bool {
        *lock(&self.0.0)
    }

    /// Waits so long, or until somebody asks.
    pub fn wait(&self, time: Duration) {
        let waited = self
            .0
            .1
            .wait_timeout_while(lock(&self.0.0), time, |is_set| !*is_set);
        drop(waited);
    }
}

/// One agent.
pub struct Agent {
    options: Options,
    store: Option<Store>,
    counts: Counts,
    /// The counters and the last minutes as they were saved last.
    shown: (Counts, Minutes),
    live: Live,
    follower: Follower,
    progress: Progress,
    recent: VecDeque<Counted>,
    minutes: Minutes,
    stack: Stack,
    buffered: Duration,
    config: ConfigView,
    seen: Arc<Mutex<Seen>>,
    own: OwnView,
    pushed: Option<Pushed>,
    began: i64,
    is_dirty: bool,
    last_save: Option<Instant>,
    /// What to tell whoever runs it, once each.
    notes: Vec<String>,
}

impl Agent {
    /// An agent that goes on where the last one with this state ended.
    ///
    /// # Errors
    /// When the state file cannot be had; for people.
    pub fn new(options: Options) -> Result<Agent, String> {
        let store = options.state.as_deref().map(Store::open).transpose()?;
        let mut notes = Vec::new();
        let saved = match &store {
            Some(store) => load(store, &mut notes),
            None => None,
        };
        let (mut counts, live, positions, recent) = saved.unwrap_or_default();
        if counts.since == 0 {
            counts.since = now();
        }
        let follower = Follower::new(positions, options.from);
        Ok(Agent {
            shown: (counts.clone(), minutes_of(&recent)),
            progress: Progress::new(live.open()),
            counts,
            live,
            follower,
            minutes: minutes_of(&recent),
            recent,
            options,
            store,
            stack: Stack::default(),
            buffered: Duration::ZERO,
            config: ConfigView::default(),
            seen: Arc::default(),
            own: OwnView::default(),
            pushed: None,
            began: now(),
            is_dirty: false,
            last_save: None,
            notes,
        })
    }

    /// Shows what is pushed, too.
    pub fn show(&mut self, pushed: Pushed) {
        self.pushed = Some(pushed);
    }

    /// Watches until it is told to stop. `note` hears what is to be said, once each; `reload` says
    /// whether the configuration is to be read in any case.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn run(
        &mut self,
        load: &mut Load<'_>,
        published: &Published,
        stop: &Stop,
        reload: &mut dyn FnMut() -> bool,
        note: &mut dyn FnMut(&str),
    ) -> std::io::Result<()> {
        self.configure(load, true);
        let (interval, patience) = (self.options.interval, self.options.patience);
        let stop_pools = Stop::default();
        let pools = Running::start(&self.seen, &stop_pools, interval, patience)?;
        while !stop.is_set() {
            let begin = Instant::now();
            self.configure(load, reload());
            let is_behind = self.round();
            self.own.round = begin.elapsed().as_secs_f64();
            published.set(self.snapshot());
            for text in std::mem::take(&mut self.notes) {
                note(&text);
            }
            let pause = if is_behind { Duration::ZERO } else { ROUND };
            stop.wait(pause.saturating_sub(begin.elapsed()));
        }
        stop_pools.set();
        drop(pools);
        self.save();
        published.set(self.snapshot());
        Ok(())
    }

    /// Takes a configuration that has changed.
    fn configure(&mut self, load: &mut Load<'_>, force: bool) {
        let loaded = match load(force) {
            Change::Same => return,
            Change::Broken(problems) => {
                self.config.failures += 1;
                self.say_config(&problems);
                self.config.problems = problems;
                return;
            }
            Change::New(loaded) => loaded,
        };
        let failures = self.config.failures + u64::from(!loaded.view.problems.is_empty());
        self.say_config(&loaded.view.problems);
        self.stack = loaded.configured.stack.clone();
        self.buffered = loaded.buffered;
        self.config = ConfigView {
            failures,
            ..loaded.view
        };
        lock(&self.seen).watch(loaded.pools);
        // Where a log begins that was never followed is known from now on.
        self.is_dirty = true;
        self.follower.set_wanted(loaded.logs, loaded.configured);
    }

    /// Says what is wrong with the configuration, once.
    fn say_config(&mut self, problems: &[String]) {
        let known = &self.config.problems;
        let new = problems.iter().filter(|problem| !known.contains(problem));
        self.notes
            .extend(new.map(|problem| format!("the configuration: {problem}")));
    }

    /// Reads what is new, and counts what is due; whether there is more to read at once.
    fn round(&mut self) -> bool {
        let begin = Instant::now();
        self.follower.look();
        while begin.elapsed() < READING {
            if self.live.is_full() && !self.make_room() {
                break;
            }
            let mut part = State::default();
            let Some(last) = self.follower.read(PIECE, &mut part) else {
                break;
            };
            counting::lines(&mut self.counts, &part);
            self.live.add(&mut part);
            self.progress.read(last, Instant::now());
            self.is_dirty = true;
        }
        let is_behind = begin.elapsed() >= READING;
        let settle = self.options.settle + self.buffered;
        if let Some(until) = self.progress.settled(settle, Instant::now()) {
            let until = until.min(self.follower.behind().unwrap_or(i64::MAX));
            self.tell(until);
            self.live.forget(until);
        }
        self.live.shrink();
        for (log, times) in self.follower.take_rotations() {
            self.counts.rotations.add(&[&log], 0, times);
            self.is_dirty = true;
        }
        let is_due = self.last_save.is_none_or(|at| at.elapsed() >= SAVING);
        if self.is_dirty && is_due {
            self.save();
        }
        is_behind
    }

    /// Counts what can be counted when the window is full; whether there is room then.
    fn make_room(&mut self) -> bool {
        let until = self.follower.behind().or(self.progress.latest());
        let until = until.unwrap_or(i64::MAX);
        let told = self.live.tell_early(&self.stack, until, WHOLE);
        self.count(told);
        if self.live.shrink() {
            return true;
        }
        // The lines that belong to these may come yet; who is far behind cannot wait for them.
        let is_far = self.follower.unread() > BEHIND;
        if !is_far && self.progress.waits(self.options.settle, Instant::now()) {
            return false;
        }
        let told = self.live.tell_early(&self.stack, i64::MAX, WHOLE);
        self.count(told);
        self.live.shrink()
    }

    fn tell(&mut self, until: i64) {
        let told = self.live.tell(&self.stack, until, WHOLE);
        self.count(told);
    }

    fn count(&mut self, told: Vec<diagnose::live::Told>) {
        self.is_dirty |= !told.is_empty();
        let at = now();
        let stack = &self.stack;
        let is_known = |pool: &str| {
            stack.pools.is_empty() || stack.pools.iter().any(|known| known.name == pool)
        };
        for one in told {
            let moment = one.time.unwrap_or(at);
            self.minutes.add(one.cause, one.harm, moment, one.count, at);
            let whole: Option<(u64, Incident)> =
                counting::incident(&mut self.counts, one, &is_known);
            if let Some((number, incident)) = whole {
                if self.recent.len() >= MOST_RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(Counted {
                    number,
                    counted: at,
                    incident: Arc::new(incident),
                });
            }
        }
    }

    /// Saves, and shows what was saved. What cannot be saved is shown all the same.
    fn save(&mut self) {
        self.last_save = Some(Instant::now());
        if let Some(store) = &self.store {
            let live = SavedLive::from(&self.live);
            let positions = self.follower.positions();
            let saved = Saved::new(&self.counts, live, positions, self.recent.iter());
            match store.save(&saved) {
                Ok(()) => {
                    self.own.saved = Some(now());
                    self.own.save_problem = None;
                }
                Err(why) => {
                    if self.own.save_problem.is_none() {
                        self.notes.push(format!(
                            "{why}; the agent goes on, and counts anew what it could not save when \
                             it is started again"
                        ));
                    }
                    self.own.save_failures += 1;
                    self.own.save_problem = Some(why);
                }
            }
        }
        self.is_dirty = self.own.save_problem.is_some();
        self.shown.0.clone_from(&self.counts);
        self.shown.1.clone_from(&self.minutes);
    }

    fn snapshot(&self) -> Snapshot {
        let seen = lock(&self.seen);
        let (mut counts, minutes) = self.shown.clone();
        counts.scrape_failures.clone_from(&seen.failures);
        // An incident is shown when it was saved, like its number.
        let shown = self.recent.iter().filter(|one| one.number <= counts.latest);
        Snapshot {
            taken: now(),
            began: self.began,
            pools: seen.views(),
            is_sampled: seen.is_whole(),
            no_queues: seen.no_queues.clone(),
            recent: shown.cloned().collect(),
            counts,
            minutes,
            config: self.config.clone(),
            logs: self.follower.views(),
            own: OwnView {
                push: self.pushed.as_ref().map(Pushed::view),
                ..self.own.clone()
            },
        }
    }
}

/// What is known of the last minutes when an agent begins.
fn minutes_of(recent: &VecDeque<Counted>) -> Minutes {
    let mut minutes = Minutes::default();
    for one in recent {
        let incident = &one.incident;
        let moment = incident.time.unwrap_or(one.counted);
        minutes.add(incident.cause, incident.harm, moment, incident.count, now());
    }
    minutes
}

/// What an earlier agent has left.
type Earlier = (Counts, Live, Positions, VecDeque<Counted>);

/// What was saved; a file that cannot be used is set aside, and said.
fn load(store: &Store, notes: &mut Vec<String>) -> Option<Earlier> {
    let why = match store.load::<Positions>() {
        Ok(None) => return None,
        Ok(Some(mut saved)) => {
            let recent = saved.take_recent().collect();
            match Live::try_from(saved.live) {
                Ok(live) => return Some((saved.counts, live, saved.positions, recent)),
                Err(why) => why.to_string(),
            }
        }
        Err(why) => why,
    };
    notes.push(match store.set_aside() {
        Ok(aside) => format!(
            "{why}; it was moved to {}, and all counters begin at 0",
            base::source::printable(aside.as_os_str().as_encoded_bytes())
        ),
        Err(error) => format!("{why}; it could not be moved away either: {error}"),
    });
    None
}

/// A panic in another thread is reported where it is joined; the data is whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |time| {
        i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
    })
}
