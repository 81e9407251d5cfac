//! Which worker's end explains which failure.
//!
//! nginx names the request, FPM the worker. Where FPM names the request too (a termination, the
//! slow log) the two are joined by it. The other ends are joined by time and pool, and only where
//! that leaves no choice: when ends of different kinds fall together, each failure keeps all of
//! them as candidates.

use base::{SortedMap, SortedSet};
use logs::Signal;

use crate::deaths::{Death, End, Match, Run, same_request};
use crate::facts::{Facts, Seen};
use crate::failures::Failure;

/// What was found for one failure.
#[derive(Clone, Debug, Default)]
pub struct Found<'s> {
    /// The worker's end that belongs to it by its request.
    pub death: Option<usize>,
    /// How sure the join by request is.
    pub by_request: Option<Match>,
    /// The kinds of ends near in time that no request claims.
    pub ends: SortedSet<End>,
    /// An example of each kind.
    pub examples: Vec<usize>,
    /// Whether there are at least as many ends as failures.
    pub enough: bool,
    /// FPM's own word on the request.
    pub run: Option<Run<'s>>,
    /// A reload, stop or emergency restart of FPM near in time.
    pub reload: Option<Seen<'s>>,
    /// `Connection disallowed` near in time.
    pub disallowed: Option<Seen<'s>>,
    /// `max_children` was reached shortly before or while it waited.
    pub pool_full: Option<Seen<'s>>,
}

/// Signals that the end of a worker can have caused.
pub(crate) fn may_be_death(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::ResetBeforeHeader
            | Signal::ResetAfterHeader
            | Signal::ResetWhileSending
            | Signal::EofBeforeHeader
            | Signal::EofAfterHeader
            | Signal::AccessNoHeader
            | Signal::AccessFailed
            | Signal::AccessRetried
    )
}

/// How far apart the two logs' words on one moment may be.
const NEAR: i64 = 1000;

/// Finds what belongs to each failure.
pub(crate) fn find<'s>(
    facts: &Facts<'s>,
    failures: &[Failure<'s>],
    deaths: &[Death<'s>],
    runs: &[Run<'s>],
) -> Vec<Found<'s>> {
    let mut found = vec![Found::default(); failures.len()];
    let used = by_request(facts, failures, deaths, &mut found);
    by_time(facts, failures, deaths, &used, &mut found);
    join_runs(facts, failures, runs, &mut found);
    for (failure, found) in failures.iter().zip(&mut found) {
        around(facts, failure, found);
    }
    found
}

/// The pool's name, when the configuration tells it.
fn pool_name<'f>(facts: &'f Facts<'_>, failure: &Failure<'_>) -> Option<&'f str> {
    failure.pool.map(|at| facts.stack.pools[at].name.as_str())
}

/// Whether a line of FPM can be of the pool that a failure's request was for.
fn pool_fits(facts: &Facts<'_>, failure: &Failure<'_>, pool: &str) -> bool {
    pool.is_empty() || pool_name(facts, failure).is_none_or(|name| name == pool)
}

/// Joins ends whose request is known; the number of each that is used up.
fn by_request<'s>(
    facts: &Facts<'s>,
    failures: &[Failure<'s>],
    deaths: &[Death<'s>],
    found: &mut [Found<'s>],
) -> Vec<u64> {
    let mut used = vec![0; deaths.len()];
    let mut claimed: Vec<u64> = vec![0; failures.len()];
    for wanted in [Match::Yes, Match::Maybe] {
        for (at, death) in deaths.iter().enumerate() {
            let Some(request) = &death.request else {
                continue;
            };
            for (index, failure) in near(failures, death) {
                if used[at] >= death.count {
                    break;
                }
                let fits = may_be_death(failure.signal)
                    && claimed[index] < failure.count
                    && pool_fits(facts, failure, death.pool)
                    && same_request(&failure.line, request) == wanted;
                if fits {
                    let taken = (death.count - used[at]).min(failure.count - claimed[index]);
                    used[at] += taken;
                    claimed[index] += taken;
                    found[index].death = Some(at);
                    found[index].by_request = Some(wanted);
                    found[index].enough = claimed[index] >= failure.count;
                }
            }
        }
    }
    let left = left_before(failures);
    for (at, death) in deaths.iter().enumerate() {
        let names = death.request.filter(|line| line.is_exact());
        let (Some(line), Some(end)) = (names, death.time) else {
            continue;
        };
        // Nobody waited for this request any more: its end explains no other failure.
        let asked = left.get(&(&*line.words.method, &*line.words.query));
        let is_left = asked.into_iter().flatten().any(|one| {
            let before = one
                .time()
                .is_some_and(|time| time <= end && time >= end - 3_600_000);
            before && same_request(&one.line, &line) == Match::Yes
        });
        if used[at] == 0 && is_left {
            used[at] = death.count;
        }
    }
    used
}

/// Requests that nginx or their client had given up, by method and query string.
fn left_before<'f, 's>(
    failures: &'f [Failure<'s>],
) -> SortedMap<(&'s str, &'s str), Vec<&'f Failure<'s>>> {
    let mut left: SortedMap<_, Vec<_>> = SortedMap::new();
    for failure in failures {
        let given_up = [
            Signal::TimeoutBeforeHeader,
            Signal::TimeoutAfterHeader,
            Signal::ClientGone,
            Signal::AccessClientGone,
        ];
        if given_up.contains(&failure.signal) || failure.status == 504 {
            let words = failure.line.words;
            let key = (&*words.method, &*words.query);
            left.entry(key).or_default().push(failure);
        }
    }
    left
}

/// Failures near the end of a worker.
fn near<'f, 's>(
    failures: &'f [Failure<'s>],
    death: &Death<'_>,
) -> impl Iterator<Item = (usize, &'f Failure<'s>)> + use<'f, 's> {
    let time = death.time;
    let step = death.lines.last().map_or(1, |line| line.level.step());
    let widest = failures
        .iter()
        .map(|f| f.line.level.step())
        .max()
        .unwrap_or(1);
    let from = time.map(|at| at.saturating_sub(NEAR + 999 + widest));
    let begin = failures.partition_point(|failure| failure.time() < from);
    let reach = time.map(|at| at.saturating_add(NEAR + 999).saturating_add(step));
    let within =
        move |(_, failure): &(usize, &Failure<'_>)| failure.time() <= reach && time.is_some();
    let numbered = failures.iter().enumerate().skip(begin);
    numbered.take_while(within).filter(move |(_, failure)| {
        let (Some(a), Some(b)) = (seconds(failure.time()), seconds(time)) else {
            return false;
        };
        let slack = 1 + (failure.line.level.step().max(step) - 1) / 1000;
        (a - b).abs() <= slack
    })
}

fn seconds(time: Option<i64>) -> Option<i64> {
    time.map(|time| time.div_euclid(1000))
}

/// Ends and failures of one second and pool.
#[derive(Default)]
struct Moment {
    ends: SortedMap<End, (u64, usize)>,
    failures: u64,
}

/// Joins the other ends by time and pool.
fn by_time<'s>(
    facts: &Facts<'s>,
    failures: &[Failure<'s>],
    deaths: &[Death<'s>],
    used: &[u64],
    found: &mut [Found<'s>],
) {
    let steps = failures.iter().map(|failure| failure.line.level.step());
    let of_deaths = deaths.iter().flat_map(|death| &death.lines);
    let step = steps.chain(of_deaths.map(|line| line.level.step())).max();
    let unit = step.unwrap_or(1).clamp(1000, 86_400_000);
    let moment = |time: Option<i64>| time.map(|time| time.div_euclid(unit));
    // Where the pool of a failure is not known, the ends of all pools may explain it.
    let known = failures.iter().all(|failure| failure.pool.is_some());
    let key = |pool: &str| {
        if known {
            pool.to_owned()
        } else {
            String::new()
        }
    };
    let mut moments: SortedMap<(String, i64), Moment> = SortedMap::new();
    for (at, death) in deaths.iter().enumerate() {
        let (left, Some(when)) = (death.count - used[at].min(death.count), moment(death.time))
        else {
            continue;
        };
        if left > 0 {
            let ends = &mut moments.entry((key(death.pool), when)).or_default().ends;
            let ends = ends.entry(death.end).or_insert((0, at));
            // A termination names its request. When that is none of the failures it is most likely
            // one that nginx had given up: it may explain another, and never surely.
            let names =
                death.end == End::Terminated && death.request.is_some_and(|one| one.is_exact());
            ends.0 += if names { 0 } else { left };
        }
    }
    let open = |failure: &Failure<'_>, found: &Found<'_>| {
        may_be_death(failure.signal) && !(found.death.is_some() && found.enough)
    };
    for (failure, found) in failures.iter().zip(found.iter()) {
        if let (true, Some(when)) = (open(failure, found), moment(failure.time())) {
            let name = pool_name(facts, failure).unwrap_or_default();
            moments.entry((key(name), when)).or_default().failures += failure.count;
        }
    }
    for (failure, found) in failures.iter().zip(found.iter_mut()) {
        let (true, Some(when)) = (open(failure, found), moment(failure.time())) else {
            continue;
        };
        let name = key(pool_name(facts, failure).unwrap_or_default());
        let around = |reach: i64| {
            let from = (name.clone(), when - reach);
            moments.range(from..=(name.clone(), when + reach))
        };
        for (_, moment) in around(1) {
            for (end, (_, example)) in &moment.ends {
                if found.ends.insert(*end) {
                    found.examples.push(*example);
                }
            }
        }
        let ends = |reach: i64| -> u64 {
            let all = around(reach).flat_map(|(_, moment)| moment.ends.values());
            all.map(|(count, _)| count).sum()
        };
        let wanting = |reach: i64| -> u64 { around(reach).map(|(_, m)| m.failures).sum() };
        found.enough = wanting(0) <= ends(1) && wanting(1) <= ends(2);
    }
}

/// Joins what FPM says of requests that nginx waited for in vain.
fn join_runs<'s>(
    facts: &Facts<'s>,
    failures: &[Failure<'s>],
    runs: &[Run<'s>],
    found: &mut [Found<'s>],
) {
    let mut by_query: SortedMap<(&str, &str), Vec<usize>> = SortedMap::new();
    for (at, run) in runs.iter().enumerate() {
        let words = run.line.words;
        by_query
            .entry((&words.method, &words.query))
            .or_default()
            .push(at);
    }
    let mut taken = SortedSet::new();
    for (failure, found) in failures.iter().zip(found) {
        let waited = matches!(
            failure.signal,
            Signal::TimeoutBeforeHeader
                | Signal::TimeoutAfterHeader
                | Signal::TimeoutSending
                | Signal::ClientGone
                | Signal::AccessClientGone
                | Signal::AccessNoHeader
                | Signal::AccessFailed
        );
        let (true, Some(time)) = (waited, failure.time()) else {
            continue;
        };
        let words = failure.line.words;
        let Some(candidates) = by_query.get(&(&*words.method, &*words.query)) else {
            continue;
        };
        // The same script may be asked for many times: the run must have begun after nginx asked.
        let sent = time - patience(facts, failure).unwrap_or(0);
        let fits = |at: &&usize| {
            let run = &runs[**at];
            !taken.contains(*at)
                && run.start + run.slack >= sent - 1000
                && run.start <= time + 3_600_000
                && run.end.is_none_or(|end| end + run.slack + 1000 >= time)
                && pool_fits(facts, failure, &run.line.words.pool)
                && same_request(&failure.line, &run.line) == Match::Yes
        };
        if let Some(at) = candidates.iter().find(fits) {
            // FPM may tell of one run several times: slow, then terminated.
            let run = runs[*at];
            for other in candidates.iter().filter(|other| {
                let other = &runs[**other];
                other.line.key.pid == run.line.key.pid && (other.start - run.start).abs() <= 2000
            }) {
                taken.insert(*other);
            }
            taken.insert(*at);
            found.run = Some(run);
        }
    }
}

/// How long nginx had waited: as the access log says, or as the configuration has it.
pub(crate) fn patience(facts: &Facts<'_>, failure: &Failure<'_>) -> Option<i64> {
    let limit = || {
        let route = facts.stack.route_of(
            &failure.line.words.server,
            failure.upstream(),
            failure.path(),
        )?;
        i64::try_from(route.read?).ok()
    };
    failure.elapsed().or_else(limit)
}

/// What else happened around a failure.
fn around<'s>(facts: &Facts<'s>, failure: &Failure<'s>, found: &mut Found<'s>) {
    let Some(time) = failure.time() else {
        return;
    };
    let reach = failure.line.level.step().max(1000);
    let latest = |signals: &[Signal], from: i64, to: i64| {
        let all = signals
            .iter()
            .flat_map(|signal| facts.between(*signal, from, to).last());
        all.max_by_key(|seen| seen.time).copied()
    };
    let changes = [
        Signal::Reloading,
        Signal::Stopping,
        Signal::EmergencyRestart,
    ];
    found.reload = latest(&changes, time - 1000 - reach, time + 999 + reach);
    found.disallowed = latest(&[Signal::Disallowed], time - reach, time + 999 + reach);
    let waited = patience(facts, failure).unwrap_or(60_000);
    let full = [Signal::MaxChildren];
    found.pool_full = latest(&full, time - waited - 60_000, time + reach)
        .filter(|line| pool_fits(facts, failure, &line.words.pool));
}
