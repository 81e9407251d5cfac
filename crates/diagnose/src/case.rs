//! One failure with everything that was found for it: what a cause is asked about.

use logs::Signal;

use crate::cause::{Weight, Why};
use crate::deaths::{Death, End, Match};
use crate::facts::{Facts, Seen};
use crate::failures::Failure;
use crate::found::{Found, may_be_death, patience};
use crate::stack::{Pool, Route};

/// A failure in its surroundings.
pub struct Case<'c, 's> {
    /// Everything that was read.
    pub facts: &'c Facts<'s>,
    /// The failure.
    pub failure: &'c Failure<'s>,
    /// What was found for it.
    pub found: &'c Found<'s>,
    /// All ends of workers.
    pub deaths: &'c [Death<'s>],
}

/// Where a request was while nginx waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// In a worker, from the beginning or nearly so.
    InWorker,
    /// In the queue of the socket, most of the time or all of it.
    InQueue,
    /// Some of both.
    Both,
    /// The logs do not say.
    Unknown,
}

impl<'s> Case<'_, 's> {
    /// What its most telling line says.
    pub fn is(&self, signals: &[Signal]) -> bool {
        signals.contains(&self.failure.signal)
    }

    /// The pool, from the configuration.
    pub fn pool(&self) -> Option<&Pool> {
        self.failure.pool.map(|at| &self.facts.stack.pools[at])
    }

    /// The route, from the configuration.
    pub fn route(&self) -> Option<&Route> {
        let server = &self.failure.line.words.server;
        self.facts
            .stack
            .route_of(server, self.failure.upstream(), self.failure.path())
    }

    /// The connection broke while a worker had the request or should have had it: 502, or a cut
    /// body.
    pub fn broke_off(&self) -> bool {
        match self.failure.signal {
            Signal::AccessNoHeader | Signal::AccessFailed => self.failure.status == 502,
            Signal::AccessRetried => true,
            signal => may_be_death(signal),
        }
    }

    /// Whether it broke with an end of file, which a worker's death causes only through a proxy.
    pub fn is_eof(&self) -> bool {
        self.is(&[Signal::EofBeforeHeader, Signal::EofAfterHeader])
    }

    /// nginx waited in vain for the header: 504.
    pub fn gave_up(&self) -> bool {
        match self.failure.signal {
            Signal::TimeoutBeforeHeader => true,
            Signal::AccessNoHeader | Signal::AccessFailed => self.failure.status == 504,
            _ => false,
        }
    }

    /// Only the access log tells of it, and not how far it came.
    pub fn is_vague(&self) -> bool {
        self.is(&[Signal::AccessFailed, Signal::AccessRetried])
    }

    /// Whether the upstream speaks another protocol than FastCGI, as far as nginx says.
    pub fn is_other_protocol(&self) -> bool {
        !matches!(&*self.failure.line.words.scheme, "" | "fastcgi")
    }

    /// Whether FPM's log would tell of it.
    pub fn fpm_covers(&self) -> bool {
        self.facts.fpm_covers(self.failure.time())
    }

    /// Something else than an end of a worker happened in the same moment that breaks connections.
    fn has_rival(&self) -> bool {
        self.found.reload.is_some() || self.found.disallowed.is_some()
    }

    /// How well the ends of workers that `fits` picks explain the failure.
    pub fn weigh_end(&self, fits: impl Fn(End) -> bool, because: &str) -> Weight {
        if !self.broke_off() || self.is_other_protocol() {
            return Weight::No;
        }
        if let Some(at) = self.found.death {
            let death = &self.deaths[at];
            if !fits(death.end) {
                return Weight::No;
            }
            let why = Why::seen(because, &death.lines);
            let sure = self.found.by_request == Some(Match::Yes) && self.found.enough;
            return if sure {
                Weight::Certain(why)
            } else {
                Weight::Likely(why)
            };
        }
        // A killed worker leaves nginx's last eight bytes unread: a reset, no end of file, unless
        // a proxy stands between.
        if self.is_eof() && !self.failure.is_tcp() {
            return Weight::No;
        }
        let mut fitting = self.found.ends.iter().filter(|end| fits(**end)).peekable();
        if fitting.peek().is_none() {
            return match self.fpm_covers() {
                true => Weight::No,
                false => Weight::Possible,
            };
        }
        let alone = self
            .found
            .ends
            .iter()
            .all(|end| fits(*end) || *end == End::Clean);
        let example = self
            .found
            .examples
            .iter()
            .find(|at| fits(self.deaths[**at].end));
        let lines = example.map_or(&[][..], |at| &self.deaths[*at].lines);
        let why = Why::seen(because, lines);
        match alone && self.found.enough && !self.has_rival() {
            false => Weight::Possible,
            true if self.is_vague() => Weight::Possible,
            true if self.failure.is_access_only() || self.is_eof() => Weight::Likely(why),
            true => Weight::Certain(why),
        }
    }

    /// How well a PHP error explains the failure: nginx has it in its own log, or PHP in another
    /// one, at the same time.
    pub fn weigh_php(&self, signal: Signal, because: &str) -> Weight {
        let failure = self.failure;
        if failure.signal == signal {
            return Weight::certain(because);
        }
        let silent = self.is(&[Signal::AccessAnswered, Signal::AccessFailed]);
        if !silent || failure.status != 500 {
            return Weight::No;
        }
        let mut told = failure.hints.iter().filter(|hint| hint.signal == signal);
        let is_all = failure.hints.iter().all(|hint| hint.signal == signal);
        match (told.next(), failure.hints.is_empty()) {
            (Some(line), _) if is_all && failure.has_hints_for_all() => {
                Weight::Certain(Why::seen(because, [line]))
            }
            (Some(_), _) | (None, true) => Weight::Possible,
            (None, false) if failure.has_hints_for_all() => Weight::No,
            (None, false) => Weight::Possible,
        }
    }

    /// How well a change of the whole FPM explains the failure.
    pub fn weigh_change(&self, change: Signal, because: &str) -> Weight {
        if !self.broke_off() || self.found.death.is_some() || self.is_other_protocol() {
            return Weight::No;
        }
        let Some(line) = self.found.reload else {
            let unit = self.unit_change();
            return match (self.fpm_covers(), unit) {
                (false, _) => Weight::Possible,
                (true, _) => Weight::No,
            };
        };
        if line.signal != change && !self.is_followed(&line, change) {
            return Weight::No;
        }
        let alone = self.found.ends.iter().all(|end| *end == End::Clean);
        match alone && self.found.disallowed.is_none() && !self.is_vague() {
            true => Weight::Certain(Why::seen(because, [&line])),
            false => Weight::Possible,
        }
    }

    /// An emergency restart is written as a reload a moment later.
    fn is_followed(&self, line: &Seen<'_>, change: Signal) -> bool {
        let Some(time) = line.time else {
            return false;
        };
        let emergencies = self
            .facts
            .between(Signal::EmergencyRestart, time - 2000, time + 2000);
        match change {
            Signal::EmergencyRestart => !emergencies.is_empty(),
            _ => false,
        }
    }

    /// The kernel killed PHP processes whose pids FPM does not know: in a container the kernel
    /// counts otherwise.
    pub fn has_loose_kills(&self) -> bool {
        let told = |pid: u32| {
            let mut own = self
                .deaths
                .iter()
                .filter(|death| death.end == End::OutOfMemory);
            own.any(|death| death.lines.iter().any(|line| line.key.pid == pid))
        };
        let mut kills = self.facts.all(Signal::OomKill).iter();
        kills.any(|kill| kill.words.detail.contains("php") && !told(kill.key.pid))
            || !self.facts.all(Signal::UnitOom).is_empty()
    }

    /// systemd's word on a unit of FPM near in time.
    fn unit_change(&self) -> Option<&Seen<'s>> {
        let time = self.failure.time()?;
        let near = self
            .facts
            .between(Signal::UnitChange, time - 2000, time + 2000);
        near.iter().find(|line| line.words.detail.contains("fpm"))
    }

    /// Where the request was while nginx waited.
    pub fn waited(&self) -> Waited {
        let (Some(time), Some(run)) = (self.failure.time(), self.found.run) else {
            return self.waited_untold();
        };
        if run.start >= time {
            return Waited::InQueue;
        }
        let Some(patience) = patience(self.facts, self.failure) else {
            return Waited::InWorker;
        };
        let queued = run.start - (time - patience);
        // Both logs cut seconds off: what is within their reach says nothing.
        let unsure = run.slack + 1000;
        if queued <= unsure.max(patience / 4) {
            return Waited::InWorker;
        }
        match queued - unsure >= patience / 2 {
            true => Waited::InQueue,
            false => Waited::Both,
        }
    }

    /// FPM has no line on the request: with a slow log that, too, says something.
    fn waited_untold(&self) -> Waited {
        let slowlog = self.pool().and_then(|pool| pool.slowlog);
        let patience = patience(self.facts, self.failure);
        let (Some(slowlog), Some(patience)) = (slowlog, patience) else {
            return Waited::Unknown;
        };
        let slowlog = i64::try_from(slowlog).unwrap_or(i64::MAX);
        let told = slowlog.saturating_add(slowlog / 3).saturating_add(2000) <= patience;
        let proven = !self.facts.all(Signal::ExecutingSlow).is_empty();
        match told && proven && self.fpm_covers() && self.failure.line.is_exact() {
            true => Waited::InQueue,
            false => Waited::Unknown,
        }
    }
}
