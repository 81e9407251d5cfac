//! Workers that died, and requests that FPM itself saw running.

use base::SortedMap;
use logs::Signal;

use crate::facts::{Facts, Seen};

/// How a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// FPM ended it: `request_terminate_timeout`.
    Terminated,
    /// The kernel killed it for memory.
    OutOfMemory,
    /// It ran into SIGSEGV, SIGILL or SIGFPE.
    Crashed(i32),
    /// A signal from somewhere.
    Signal(i32),
    /// It left with this code, not 0.
    Code(i32),
    /// It left with code 0: recycled, or `exit` in an extension.
    Clean,
}

/// The end of a worker, or of several alike.
#[derive(Clone, Debug)]
pub struct Death<'s> {
    /// How.
    pub end: End,
    /// When FPM noticed.
    pub time: Option<i64>,
    /// The pool.
    pub pool: &'s str,
    /// How many.
    pub count: u64,
    /// The line that names its request: of the termination or the slow log.
    pub request: Option<Seen<'s>>,
    /// The lines that tell of it, in the order in which they were written.
    pub lines: Vec<Seen<'s>>,
}

/// Ends of workers, in order of time.
pub(crate) fn deaths<'s>(facts: &Facts<'s>) -> Vec<Death<'s>> {
    let of_pid = |signal: Signal| {
        let mut by_pid: SortedMap<u32, Vec<Seen<'s>>> = SortedMap::new();
        for seen in facts.all(signal).iter().filter(|seen| seen.key.pid != 0) {
            by_pid.entry(seen.key.pid).or_default().push(*seen);
        }
        by_pid
    };
    let terminating = of_pid(Signal::Terminating);
    let slow = of_pid(Signal::ExecutingSlow);
    let kills = of_pid(Signal::OomKill);
    let faults = of_pid(Signal::Segfault);
    let mut out = Vec::new();
    let mut used = base::SortedSet::new();
    for exit in facts.each(&[Signal::ExitSignal, Signal::ExitCode, Signal::ExitClean]) {
        let pid = exit.key.pid;
        let age = exit.millis().map(i64::from);
        // A pid may be given to many workers in time: only what this one lived through counts.
        let before = |lines: &SortedMap<u32, Vec<Seen<'s>>>, span: i64| {
            let lines = lines.get(&pid)?;
            let end = exit.time?;
            let fits = |line: &&Seen<'s>| match line.time {
                Some(at) => at <= end + 2000 && at >= end - span - 2000,
                None => true,
            };
            lines.iter().rfind(fits).copied()
        };
        let life = age.unwrap_or(86_400_000);
        let ended = before(&terminating, 30_000.min(life));
        let traced = before(&slow, life);
        let killed = before(&kills, 5000);
        let fault = before(&faults, 5000);
        let end = match (exit.signal, exit.key.code) {
            (Signal::ExitClean, _) => End::Clean,
            (Signal::ExitCode, code) => End::Code(code),
            (_, 15) if ended.is_some() => End::Terminated,
            (_, 9) if killed.is_some() => End::OutOfMemory,
            (_, signal @ (4 | 8 | 11)) => End::Crashed(signal),
            (_, signal) => End::Signal(signal),
        };
        let request = if end == End::Terminated {
            ended
        } else {
            traced
        };
        if let Some(line) = ended.filter(|_| end == End::Terminated) {
            used.insert((line.at(), line.key.pid));
        }
        let told = [killed, fault].into_iter().flatten();
        let mut lines: Vec<_> = request.into_iter().chain([*exit]).chain(told).collect();
        lines.dedup_by_key(|line| line.at());
        out.push(Death {
            end,
            time: exit.time,
            pool: &exit.words.pool,
            count: exit.count,
            request,
            lines,
        });
    }
    // A termination whose exit was not logged, or not remembered with its pid.
    for line in facts.all(Signal::Terminating) {
        if used.contains(&(line.at(), line.key.pid)) {
            continue;
        }
        if !line.is_exact() {
            // At this level the exits are there without pids: they are these.
            spend(&mut out, line);
        }
        out.push(Death {
            end: End::Terminated,
            time: line.time,
            pool: &line.words.pool,
            count: line.count,
            request: Some(*line),
            lines: vec![*line],
        });
    }
    out.retain(|death| death.count > 0);
    out.sort_by_key(|death| (death.time, death.lines.first().map(Seen::at)));
    out
}

/// Takes exits on SIGTERM away for terminations that are told without pids.
fn spend(deaths: &mut [Death<'_>], line: &Seen<'_>) {
    let mut left = line.count;
    let step = line.level.step();
    for death in deaths.iter_mut() {
        let near = match (death.time, line.time) {
            (Some(a), Some(b)) => a >= b - 1000 && a <= b + step + 2000,
            _ => true,
        };
        if left > 0 && near && death.end == End::Signal(15) && death.pool == line.words.pool {
            let taken = left.min(death.count);
            death.count -= taken;
            left -= taken;
        }
    }
}

/// A request that FPM itself tells of.
#[derive(Clone, Copy, Debug)]
pub struct Run<'s> {
    /// When the script began.
    pub start: i64,
    /// When it ended, if it is known.
    pub end: Option<i64>,
    /// How far `start` may be off.
    pub slack: i64,
    /// The line.
    pub line: Seen<'s>,
}

/// Requests that FPM tells of: terminated, slow, or in its own access log. In order of start.
pub(crate) fn runs<'s>(facts: &Facts<'s>) -> Vec<Run<'s>> {
    let mut out = Vec::new();
    for line in facts.each(&[Signal::Terminating, Signal::ExecutingSlow, Signal::Served]) {
        let (Some(time), true) = (line.time, line.is_exact()) else {
            continue;
        };
        let lasted = line.millis().map(i64::from);
        out.push(match line.signal {
            // FPM's access log has the start, without a fraction.
            Signal::Served => Run {
                start: time,
                end: lasted.map(|lasted| time + lasted),
                slack: 1000,
                line: *line,
            },
            _ => Run {
                start: time - lasted.unwrap_or(0),
                end: (line.signal == Signal::Terminating).then_some(time),
                slack: 1000,
                line: *line,
            },
        });
    }
    out.sort_by_key(|run| (run.start, run.line.at()));
    out
}

/// Whether FPM's line is of the request that nginx names. FPM writes the script's URI where nginx
/// writes what the client asked for; behind a front controller only the query string is the same.
pub(crate) fn same_request(nginx: &Seen<'_>, fpm: &Seen<'_>) -> Match {
    let (a, b) = (nginx.words, fpm.words);
    if a.method != b.method && !b.method.is_empty() && !a.method.is_empty() {
        return Match::No;
    }
    if a.path == b.path {
        let exact = a.query == b.query || !nginx.is_exact() || !fpm.is_exact();
        return if exact { Match::Yes } else { Match::No };
    }
    // Behind the script's name may stand a path of its own.
    let own_path = a
        .path
        .strip_prefix(&*b.path)
        .is_some_and(|rest| rest.starts_with('/'));
    let front = b.path.ends_with(".php") && (own_path || !a.path.ends_with(".php"));
    match front && (a.query == b.query || b.query.contains(&*a.path)) {
        true if !a.query.is_empty() => Match::Yes,
        true => Match::Maybe,
        false => Match::No,
    }
}

/// Whether two lines are of the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// They are not.
    No,
    /// Nothing speaks against it.
    Maybe,
    /// Method, path or query string say so.
    Yes,
}
