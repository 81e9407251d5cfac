//! Requests that went wrong: lines of nginx's error log, joined with those of the access logs.

use base::SortedMap;
use base::diagnosis::Harm;
use logs::Signal;

use crate::facts::{Facts, Seen};
use crate::repeats::ACCESS;

/// One failed try of a request, or several that are alike.
#[derive(Clone, Debug)]
pub struct Failure<'s> {
    /// What the most telling line says.
    pub signal: Signal,
    /// That line.
    pub line: Seen<'s>,
    /// The access log's line of the same request.
    pub access: Option<Seen<'s>>,
    /// How many.
    pub count: u64,
    /// What it did.
    pub harm: Harm,
    /// The status that the client got; 0 when unknown.
    pub status: u16,
    /// Index of the pool in the configuration.
    pub pool: Option<usize>,
    /// For an answer of 500: errors that PHP logged by itself in the same moment.
    pub hints: Vec<Seen<'s>>,
    /// How many answers of 500 share these.
    pub sharing: usize,
}

/// Signals of nginx's error log that are failures.
pub(crate) const ERRORS: [Signal; 33] = [
    Signal::ResetBeforeHeader,
    Signal::ResetAfterHeader,
    Signal::ResetWhileSending,
    Signal::EofBeforeHeader,
    Signal::EofAfterHeader,
    Signal::StrangeRecord,
    Signal::TimeoutBeforeHeader,
    Signal::TimeoutAfterHeader,
    Signal::TimeoutSending,
    Signal::TimeoutConnecting,
    Signal::ConnectMissing,
    Signal::ConnectDenied,
    Signal::ConnectRefused,
    Signal::ConnectFull,
    Signal::ConnectFailed,
    Signal::NoLiveUpstreams,
    Signal::HeaderTooBig,
    Signal::HeaderInvalid,
    Signal::WrongProtocol,
    Signal::PhpFatal,
    Signal::PhpMemory,
    Signal::PhpTime,
    Signal::ScriptUnknown,
    Signal::ScriptDenied,
    Signal::ScriptUnreadable,
    Signal::ParamsTooBig,
    Signal::Unresolved,
    Signal::TempFileFailed,
    Signal::NginxFiles,
    Signal::NginxConnections,
    Signal::NginxWorkerDied,
    Signal::ClientGone,
    Signal::UpstreamOther,
];

impl Failure<'_> {
    /// When, in milliseconds.
    pub fn time(&self) -> Option<i64> {
        self.line.time
    }

    /// How long the request waited for its upstream, if a line says so.
    pub fn elapsed(&self) -> Option<i64> {
        let told = self.access.and_then(|access| access.millis());
        told.or_else(|| self.line.millis()).map(i64::from)
    }

    /// The upstream's address.
    pub fn upstream(&self) -> &str {
        match (&*self.line.words.upstream, &self.access) {
            ("", Some(access)) => &access.words.upstream,
            (upstream, _) => upstream,
        }
    }

    /// The path of the request.
    pub fn path(&self) -> &str {
        match (&*self.line.words.path, &self.access) {
            ("", Some(access)) => &access.words.path,
            (path, _) => path,
        }
    }

    /// Whether the request went through TCP.
    pub fn is_tcp(&self) -> bool {
        !self.upstream().is_empty() && !self.upstream().starts_with("unix:")
    }

    /// Whether PHP logged as many errors as there are answers of 500 that could have them.
    pub fn has_hints_for_all(&self) -> bool {
        self.hints.len() >= self.sharing
    }

    /// Whether the line is of nginx's access log only.
    pub fn is_access_only(&self) -> bool {
        ACCESS.contains(&self.signal)
    }
}

/// All failures in order of time.
pub(crate) fn failures<'s>(facts: &Facts<'s>) -> Vec<Failure<'s>> {
    let mut access = Access::new(facts);
    let mut out = Vec::new();
    let mut hints = Vec::new();
    for line in facts.each(&ERRORS) {
        let joined = access.take(line);
        if joined.is_none() && access.may_have_php(line) {
            hints.push(*line);
            continue;
        }
        out.push(Failure {
            hints: Vec::new(),
            sharing: 0,
            signal: line.signal,
            line: *line,
            access: joined,
            count: line.count,
            harm: Harm::Unknown,
            status: joined.map_or(0, |access| access.key.status),
            pool: facts.stack.pool_at(&line.words.upstream),
        });
    }
    let tells = access.tells() && !facts.is_early;
    for failure in &mut out {
        settle(failure, tells && access.covers(failure.time()));
    }
    access.rest(facts, &mut out);
    share(&hints, &mut out);
    out.sort_by_key(|failure| (failure.time(), failure.line.at()));
    out
}

/// Gives errors that PHP logged by itself to the answers of 500 of the same moment.
fn share<'s>(hints: &[Seen<'s>], failures: &mut [Failure<'s>]) {
    let is_near = |a: Option<i64>, b: Option<i64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1,
        _ => false,
    };
    let silent = [Signal::AccessAnswered, Signal::AccessFailed];
    let is_open = |one: &Failure<'_>| one.status == 500 && silent.contains(&one.signal);
    let seconds: Vec<Option<i64>> = (failures.iter())
        .filter(|one| is_open(one))
        .map(|one| one.line.second())
        .collect();
    for failure in failures.iter_mut().filter(|one| is_open(one)) {
        let own = failure.line.second();
        failure.hints = (hints.iter())
            .filter(|hint| is_near(hint.second(), own))
            .copied()
            .collect();
        failure.sharing = seconds.iter().filter(|other| is_near(**other, own)).count();
    }
}

/// Says what a failure of the error log did. `answered` says that every bad answer of the time is
/// in the access log, so that one without a line there was a good one.
fn settle(failure: &mut Failure<'_>, answered: bool) {
    use Signal::{
        ClientGone, EofAfterHeader, NginxConnections, NginxFiles, NginxWorkerDied, ParamsTooBig,
        PhpFatal, PhpMemory, PhpTime, ResetAfterHeader, ScriptDenied, ScriptUnknown,
        ScriptUnreadable, TempFileFailed, TimeoutAfterHeader, TimeoutBeforeHeader,
        TimeoutConnecting, TimeoutSending,
    };
    let unseen = answered && failure.access.is_none() && failure.line.is_exact();
    let (harm, status) = match failure.signal {
        ResetAfterHeader | EofAfterHeader | TimeoutAfterHeader => (Harm::BrokenPage, 200),
        ClientGone => (Harm::ClientLeft, 499),
        ScriptUnknown => (Harm::ErrorPage, 404),
        ScriptDenied | ScriptUnreadable => (Harm::ErrorPage, 403),
        NginxConnections | NginxFiles | NginxWorkerDied => (Harm::ErrorPage, 0),
        PhpFatal | PhpMemory | PhpTime if unseen => (Harm::BrokenPage, 200),
        PhpFatal | PhpMemory | PhpTime | ParamsTooBig => (Harm::ErrorPage, 500),
        TempFileFailed if unseen => (Harm::BrokenPage, 200),
        TempFileFailed => (Harm::ErrorPage, 500),
        _ if unseen => (Harm::Hidden, 0),
        TimeoutBeforeHeader | TimeoutSending | TimeoutConnecting => (Harm::ErrorPage, 504),
        _ => (Harm::ErrorPage, 502),
    };
    failure.harm = harm;
    match failure.access.map(|access| access.key.status) {
        None => failure.status = status,
        Some(499) => failure.harm = Harm::ClientLeft,
        Some(..500) => failure.harm = Harm::Hidden,
        Some(_) => failure.harm = Harm::ErrorPage,
    }
}

type Asked<'s> = (&'s str, &'s str, &'s str);

/// Failed requests of the access logs that no line of the error log has claimed.
struct Access<'s> {
    lines: Vec<Seen<'s>>,
    left: Vec<u64>,
    by_request: SortedMap<Asked<'s>, Vec<usize>>,
    /// In order of time.
    by_time: Vec<usize>,
    first: Option<i64>,
    taken: u64,
    refused: u64,
}

impl<'s> Access<'s> {
    fn new(facts: &Facts<'s>) -> Self {
        let lines: Vec<Seen<'s>> = (facts.each(&ACCESS))
            .filter(|line| !facts.is_repeated(line.key.at.file))
            .copied()
            .collect();
        let mut by_request: SortedMap<Asked<'s>, Vec<usize>> = SortedMap::new();
        for (at, line) in lines.iter().enumerate() {
            by_request.entry(asked(line)).or_default().push(at);
        }
        let mut by_time: Vec<usize> = (0..lines.len()).collect();
        by_time.sort_by_key(|at| lines[*at].second());
        let sources = facts.state.sources.values();
        let of_access = sources.filter(|source| source.statuses.values().any(|n| *n > 0));
        Access {
            // A request that was tried on several servers has several lines in the error log.
            left: lines
                .iter()
                .map(|line| line.count.max(tries(line)))
                .collect(),
            lines,
            by_request,
            by_time,
            first: of_access.filter_map(|source| source.first).min(),
            taken: 0,
            refused: 0,
        }
    }

    /// The line of the same request.
    fn take(&mut self, error: &Seen<'s>) -> Option<Seen<'s>> {
        if error.words.path.is_empty() {
            return self.take_php(error);
        }
        let lines = self.by_request.get(&asked(error))?;
        let near = |at: &&usize| {
            let line = &self.lines[**at];
            let reach = 1500 + error.level.step().max(line.level.step());
            let (Some(a), Some(b)) = (error.time, line.time) else {
                return false;
            };
            let one = error.key.connection;
            let other = line.key.connection;
            (a - b).abs() <= reach
                && self.left[**at] > 0
                && (one == 0 || other == 0 || one == other)
                && fits(error.signal, line)
        };
        let distance = |at: &&usize| {
            let line = &self.lines[**at];
            let same = line.key.connection != 0 && line.key.connection == error.key.connection;
            let apart = error.time.unwrap_or(0).abs_diff(line.time.unwrap_or(0));
            (!same, apart, **at)
        };
        let found = lines.iter().filter(near).min_by_key(distance).copied();
        match found {
            Some(at) => {
                self.left[at] = self.left[at].saturating_sub(error.count);
                self.taken += 1;
                Some(self.lines[at])
            }
            None => {
                self.refused += u64::from(error.is_exact());
                None
            }
        }
    }

    /// The request of an error that PHP logged by itself: one that ended in 500 in that second, by
    /// its script, or the only one.
    fn take_php(&mut self, error: &Seen<'s>) -> Option<Seen<'s>> {
        let all = self.php_near(error);
        let script = error.words.script.rsplit('/').next().unwrap_or_default();
        let named = |at: &&usize| {
            let path = &self.lines[**at].words.path;
            !script.is_empty() && path.rsplit('/').next() == Some(script)
        };
        let mut fitting = all.iter().filter(named);
        let at = match (fitting.next(), fitting.next(), all.as_slice()) {
            (Some(one), None, _) => *one,
            (None, _, [only]) => *only,
            _ => return None,
        };
        self.left[at] = 0;
        Some(self.lines[at])
    }

    /// Whether an error that PHP logged by itself is of one of several requests.
    fn may_have_php(&self, error: &Seen<'s>) -> bool {
        error.words.path.is_empty() && !self.php_near(error).is_empty()
    }

    /// Requests that ended in 500 about when PHP logged an error.
    fn php_near(&self, error: &Seen<'s>) -> Vec<usize> {
        let is_php = matches!(
            error.signal,
            Signal::PhpFatal | Signal::PhpMemory | Signal::PhpTime
        );
        let Some(second) = error.second().filter(|_| is_php && error.is_exact()) else {
            return Vec::new();
        };
        let fits = |at: &usize| {
            let line = &self.lines[*at];
            line.key.status == 500 && self.left[*at] > 0 && line.is_exact()
        };
        let before = |end: i64| {
            let second = |at: &usize| self.lines[*at].second();
            self.by_time.partition_point(|at| second(at) < Some(end))
        };
        let near = &self.by_time[before(second - 1)..before(second + 2)];
        near.iter().copied().filter(fits).collect()
    }

    /// Whether the access logs are of the same traffic as the error log.
    fn tells(&self) -> bool {
        self.taken > 0 && self.taken >= self.refused
    }

    fn covers(&self, time: Option<i64>) -> bool {
        matches!((self.first, time), (Some(first), Some(time)) if first <= time + 1000)
    }

    /// The requests that only the access log knows of.
    fn rest(self, facts: &Facts<'s>, out: &mut Vec<Failure<'s>>) {
        // Where single lines are not remembered, errors and requests are balanced by number.
        let mut claimed: SortedMap<(i64, u16), u64> = SortedMap::new();
        let step = self.lines.iter().map(|line| line.level.step()).max();
        let step = out.iter().map(|f| f.line.level.step()).chain(step).max();
        let step = step.unwrap_or(1).max(1000);
        let is_coarse = step > 1000;
        if is_coarse {
            for failure in out.iter().filter(|failure| failure.access.is_none()) {
                let at = failure.time().unwrap_or(0).div_euclid(step);
                *claimed.entry((at, failure.status)).or_default() += failure.count;
            }
        }
        for (at, line) in self.lines.iter().enumerate() {
            let tried = tries(line).max(line.count);
            // A try that was claimed speaks for its request.
            let mut count = if line.count == 1 && self.left[at] < tried {
                0
            } else {
                self.left[at].min(line.count)
            };
            if is_coarse {
                let when = line.time.unwrap_or(0).div_euclid(step);
                if let Some(known) = claimed.get_mut(&(when, line.key.status)) {
                    let taken = count.min(*known);
                    *known -= taken;
                    count -= taken;
                }
            }
            if count == 0 {
                continue;
            }
            out.push(Failure {
                hints: Vec::new(),
                sharing: 0,
                signal: line.signal,
                line: *line,
                access: Some(*line),
                count,
                harm: match line.signal {
                    Signal::AccessRetried => Harm::Hidden,
                    Signal::AccessClientGone => Harm::ClientLeft,
                    _ => Harm::ErrorPage,
                },
                status: line.key.status,
                pool: facts.stack.pool_at(&line.words.upstream),
            });
        }
    }
}

fn asked<'s>(seen: &Seen<'s>) -> Asked<'s> {
    let words = seen.words;
    (&words.method, &words.path, &words.query)
}

/// How many servers a request was tried on.
fn tries(line: &Seen<'_>) -> u64 {
    u64::try_from(line.key.code).unwrap_or(1).max(1)
}

/// Whether an error and the status of a request can be of the same event.
fn fits(error: Signal, line: &Seen<'_>) -> bool {
    use Signal::{
        ClientGone, PhpFatal, PhpMemory, PhpTime, ResetAfterHeader, TempFileFailed,
        TimeoutAfterHeader,
    };
    let status = line.key.status;
    match error {
        ClientGone => status == 499,
        PhpFatal | PhpMemory | PhpTime => status == 500,
        TempFileFailed => status >= 500,
        ResetAfterHeader | TimeoutAfterHeader => false,
        _ => status >= 499 || line.signal == Signal::AccessRetried,
    }
}
