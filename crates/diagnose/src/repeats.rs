//! nginx may write one request to several access logs. Counting it twice would be wrong, so a log
//! that repeats another is found by what is in it.

use base::{SortedMap, SortedSet};
use logs::Signal;

use crate::facts::Facts;

/// Signals of access logs, the most telling first.
pub(crate) const ACCESS: [Signal; 7] = [
    Signal::AccessRetried,
    Signal::AccessNeverConnected,
    Signal::AccessNoHeader,
    Signal::AccessAnswered,
    Signal::AccessNotAsked,
    Signal::AccessClientGone,
    Signal::AccessFailed,
];

#[derive(Default)]
struct Log {
    requests: SortedMap<(Option<i64>, u16, u64), u64>,
    failures: u64,
    telling: u64,
}

/// The files that say nothing that another file does not say better.
pub(crate) fn repeated(facts: &Facts<'_>) -> SortedSet<u64> {
    let mut logs: SortedMap<u64, Log> = SortedMap::new();
    for seen in facts.each(&ACCESS) {
        let log = logs.entry(seen.key.at.file).or_default();
        // A log without upstream times knows less of the same request.
        let step = seen.level.step().max(1000);
        let at = seen.time.map(|time| time.div_euclid(step));
        let what = (at, seen.key.status, crate::state::file_id(&seen.words.path));
        *log.requests.entry(what).or_default() += seen.count;
        log.failures += seen.count;
        if seen.signal != Signal::AccessFailed {
            log.telling += seen.count + u64::from(seen.key.connection != 0) * seen.count;
        }
    }
    let mut repeated = SortedSet::new();
    let files: Vec<u64> = logs.keys().copied().collect();
    for &file in &files {
        let better = files.iter().any(|&other| {
            let rank = |id: u64| (logs[&id].telling, logs[&id].failures, id);
            other != file
                && !repeated.contains(&other)
                && rank(other) > rank(file)
                && same_traffic(facts, file, other)
                && overlap(&logs[&file], &logs[&other])
        });
        if better {
            repeated.insert(file);
        }
    }
    repeated
}

/// Two logs of the same requests have the same number of them, but for the moment at which they
/// were rotated.
fn same_traffic(facts: &Facts<'_>, one: u64, other: u64) -> bool {
    let requests = |id: u64| -> u64 {
        let source = facts.state.sources.get(&id);
        source.map_or(0, |source| source.statuses.values().sum())
    };
    let (a, b) = (requests(one), requests(other));
    a.abs_diff(b) <= 3 + a.max(b) / 20
}

/// Whether most of the failures of one log are in the other.
fn overlap(one: &Log, other: &Log) -> bool {
    let shared = one.requests.iter().map(|(what, count)| {
        let theirs = other.requests.get(what).copied().unwrap_or(0);
        theirs.min(*count)
    });
    // Retried requests look healthy to a log without upstream fields.
    let least = one.failures.min(other.failures);
    shared.sum::<u64>() * 10 >= least * 8
}
