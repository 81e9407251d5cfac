//! The two threads: one gathers incidents, the other sends.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::reply::{Fate, fate};
use super::spool::Spool;
use super::{Carrier, Note, Options, Pushed, Signal, logs, metrics, value};
use crate::metrics::own;
use crate::snapshot::{Counted, Published};
use crate::watch::{Stop, now};

/// How often there may be something new.
const LOOKING: Duration = Duration::from_secs(1);
/// Incidents in one payload.
const MOST_RECORDS: usize = 25;
/// The pause after a failure; it doubles with each.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// How long the last incidents may take when the agent is told to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// Pushes until it is stopped.
pub struct Pusher {
    shared: Arc<Shared>,
    ended: Stop,
}

struct Shared {
    options: Options,
    published: Arc<Published>,
    carrier: Box<Carrier>,
    note: Box<Note>,
    pushed: Pushed,
    spool: Mutex<Spool>,
    /// What was said last to be wrong with each.
    said: Mutex<[Option<String>; 3]>,
    stop: Stop,
    host: String,
    resource: Value,
}

impl Pusher {
    /// Starts it.
    ///
    /// # Errors
    /// Why the folder cannot be used, or no thread be started; for people.
    pub fn start(
        options: Options,
        published: Arc<Published>,
        carrier: Box<Carrier>,
        note: Box<Note>,
    ) -> Result<Pusher, String> {
        let spool = Spool::open(options.folder.as_deref(), options.most)?;
        let name = rustix::system::uname();
        let host = base::source::printable(name.nodename().to_bytes());
        let shared = Arc::new(Shared {
            resource: value::resource(&host, &options.resource),
            options,
            published,
            carrier,
            note,
            pushed: Pushed::default(),
            spool: Mutex::new(spool),
            said: Mutex::default(),
            stop: Stop::default(),
            host,
        });
        shared.count_waiting();
        let ended = Stop::default();
        let (gathering, sending, told) = (Arc::clone(&shared), Arc::clone(&shared), ended.clone());
        let gather = move || gathering.gather_on();
        let send = move || {
            Sender::new(&sending).send_on();
            told.set();
        };
        let thread = |name: &str| Builder::new().name(name.to_owned());
        let gathers = thread("otlp-gather").stack_size(256 << 10).spawn(gather);
        let sends = thread("otlp-send").spawn(send);
        gathers
            .and(sends)
            .map(|_| Pusher { shared, ended })
            .map_err(|error| error.to_string())
    }

    /// What was pushed.
    pub fn pushed(&self) -> Pushed {
        self.shared.pushed.clone()
    }

    /// Sends what can be sent soon; what cannot waits for the next start.
    pub fn stop(self) {
        self.shared.gather();
        self.shared.stop.set();
        self.ended.wait(FAREWELL);
    }
}

impl Shared {
    fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_waiting(&self) {
        let bytes = self.spool().bytes();
        self.pushed.change(|view| view.buffered = bytes);
    }

    fn gather_on(&self) {
        while !self.stop.is_set() {
            self.gather();
            self.stop.wait(LOOKING);
        }
    }

    /// Lets incidents wait that are new.
    fn gather(&self) {
        let snapshot = self.published.get();
        if snapshot.taken == 0 {
            return;
        }
        let mut spool = self.spool();
        let cursor = match spool.cursor() {
            // Numbers begin anew when the agent's state was lost.
            Some(cursor) => cursor.min(snapshot.counts.latest),
            None => before(&snapshot.recent, snapshot.began),
        };
        let new = snapshot.recent.iter().filter(|one| one.number > cursor);
        let new: Vec<Counted> = new.cloned().collect();
        let mut last = cursor;
        for part in new.chunks(MOST_RECORDS) {
            last = part.last().map_or(last, |one| one.number);
            let payload = logs::payload(part, &self.host, &self.resource);
            let lost = spool.put(payload, part.len() as u64, last);
            self.pushed.change(|view| view.dropped += lost);
        }
        // What could not be written before may fit by now.
        let written = spool.write();
        // Without it the same incidents are sent again after a restart, and can be told by their ids.
        let _unsaved = spool.set_cursor(last);
        drop(spool);
        self.count_waiting();
        let problem = written
            .err()
            .map(|error| format!("not on the disk: {error}"));
        self.say(Part::Spool, problem);
    }

    /// Says what has changed, and shows what is wrong.
    fn say(&self, part: Part, problem: Option<String>) {
        let name = match part {
            Part::Spool => "what waits for the collector",
            Part::Logs => "the collector of incidents",
            Part::Metrics => "the collector of metrics",
        };
        let problem = problem.map(|why| format!("{name}: {why}"));
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut said[part as usize];
        if *known != problem {
            match &problem {
                Some(words) => (self.note)(words),
                None => (self.note)(&format!("{name}: all is well again")),
            }
            *known = problem;
        }
        let all: Vec<&str> = said.iter().flatten().map(String::as_str).collect();
        let all = (!all.is_empty()).then(|| all.join("; "));
        self.pushed.change(|view| view.problem = all);
    }
}

/// Of what something can be wrong.
#[derive(Clone, Copy)]
enum Part {
    Spool,
    Logs,
    Metrics,
}

/// The number of the last incident that was counted before a moment.
fn before(recent: &VecDeque<Counted>, began: i64) -> u64 {
    let older = recent.iter().filter(|one| one.counted < began);
    older.map(|one| one.number).max().unwrap_or(0)
}

/// The thread that sends.
struct Sender<'s> {
    shared: &'s Shared,
    /// Nothing is sent before.
    quiet: Instant,
    pause: Duration,
}

impl<'s> Sender<'s> {
    fn new(shared: &'s Shared) -> Sender<'s> {
        Sender {
            shared,
            quiet: Instant::now(),
            pause: SHORTEST,
        }
    }

    fn send_on(&mut self) {
        let stop = &self.shared.stop;
        let mut due = Instant::now();
        while !stop.is_set() {
            self.logs();
            if self.may() && due <= Instant::now() && self.metrics() {
                due = Instant::now() + self.shared.options.interval;
            }
            stop.wait(LOOKING);
        }
        self.logs();
    }

    fn may(&self) -> bool {
        self.quiet <= Instant::now()
    }

    /// Sends incidents until none waits or one is not taken.
    fn logs(&mut self) {
        while self.may() {
            let Some(payload) = self.shared.spool().first() else {
                break;
            };
            let fate = match &payload.bytes {
                Some(bytes) => self.send(Signal::Logs, bytes),
                None => Fate::Refused("what waited for it on the disk is gone".to_owned()),
            };
            let (taken, lost) = match fate {
                Fate::Again(..) => break,
                Fate::Refused(_) => (0, payload.records),
                Fate::Taken(rejected, _) => {
                    let rejected = rejected.min(payload.records);
                    (payload.records - rejected, rejected)
                }
            };
            // One that was given up meanwhile is counted already.
            if self.shared.spool().done(payload.number) {
                self.shared.pushed.change(|view| {
                    view.sent += taken;
                    view.dropped += lost;
                });
            }
        }
        self.shared.count_waiting();
    }

    /// Sends the newest metrics; whether there were any.
    fn metrics(&mut self) -> bool {
        let shared = self.shared;
        let snapshot = shared.published.get();
        if snapshot.taken == 0 {
            return false;
        }
        let payload = metrics::payload(&snapshot, own(), &shared.resource);
        self.send(Signal::Metrics, &payload);
        true
    }

    fn send(&mut self, signal: Signal, payload: &[u8]) -> Fate {
        let fate = fate((self.shared.carrier)(signal, payload), now());
        let problem = match &fate {
            Fate::Taken(0, why) => why.clone(),
            Fate::Taken(rejected, why) => Some(format!(
                "it does not take {rejected} of them: {}",
                why.as_deref().unwrap_or("it does not say why")
            )),
            Fate::Again(_, why) | Fate::Refused(why) => Some(why.clone()),
        };
        match &fate {
            Fate::Again(after, _) => {
                self.quiet = Instant::now() + shaken(self.pause).max(after.unwrap_or_default());
                self.pause = (self.pause * 2).min(LONGEST);
            }
            Fate::Taken(..) | Fate::Refused(_) => self.pause = SHORTEST,
        }
        if !matches!(fate, Fate::Taken(..)) {
            self.shared.pushed.change(|view| view.failures += 1);
        }
        let part = match signal {
            Signal::Logs => Part::Logs,
            Signal::Metrics => Part::Metrics,
        };
        self.shared.say(part, problem);
        fate
    }
}

/// A pause that differs from agent to agent, so that they do not all come back at once.
fn shaken(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) % 400;
    pause.mul_f64(0.8 + f64::from(u16::try_from(random).unwrap_or(0)) / 1000.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::shaken;

    #[test]
    fn pauses_differ_a_little() {
        let pauses: Vec<_> = (0..50).map(|_| shaken(Duration::from_secs(10))).collect();
        let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
        assert!(*least >= Duration::from_secs(8) && *most <= Duration::from_secs(12));
        assert!(least < most);
    }
}
