//! What is wrong, in a few lines: the same on the page and on a terminal.

use crate::sample::State;
use crate::snapshot::Snapshot;

/// How bad a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing is wrong.
    Good,
    /// Something is not known.
    Warn,
    /// It hurts visitors.
    Bad,
}

/// A line, and how bad it is.
pub(crate) type Line = (Tone, String);

/// What has failed within so many minutes is said.
const LATELY: usize = 10;

/// What hurts visitors first, then what keeps the agent from seeing; if there is nothing, that.
pub(crate) fn verdict(snapshot: &Snapshot) -> Vec<Line> {
    let mut said = pools(snapshot);
    said.extend(failed(snapshot));
    if said.is_empty() {
        said.push(quiet(snapshot));
    }
    said.extend(unseen(snapshot));
    said
}

/// The tone of a pool's state.
pub(crate) fn tone(state: State) -> Tone {
    match state {
        State::Fine => Tone::Good,
        State::Saturated | State::Down => Tone::Bad,
        State::Unknown => Tone::Warn,
    }
}

/// Which pools are looked at first: the smallest.
pub(crate) fn rank(state: State) -> usize {
    match state {
        State::Down => 0,
        State::Saturated => 1,
        State::Unknown => 2,
        State::Fine => 3,
    }
}

fn pools(snapshot: &Snapshot) -> Vec<Line> {
    let states = [
        (State::Down, "nobody answers for"),
        (State::Saturated, "no worker is free in"),
        (State::Unknown, "it cannot be told how they are:"),
    ];
    let line = |(state, words)| {
        let pools = snapshot.pools.iter();
        let pools = pools.filter(|pool| pool.sample.state(&pool.watched) == state);
        let names: Vec<&str> = pools.map(|pool| pool.watched.name.as_str()).collect();
        (!names.is_empty()).then(|| (tone(state), format!("{words} {}", shortened(&names))))
    };
    states.into_iter().filter_map(line).collect()
}

fn failed(snapshot: &Snapshot) -> Option<Line> {
    // What a retry has hidden has not failed for whoever asked.
    let words = match snapshot.minutes.failed(snapshot.taken, LATELY) {
        0 => return None,
        1 => "one request failed in the last ten minutes".to_owned(),
        more => format!("{more} requests failed in the last ten minutes"),
    };
    Some((Tone::Bad, words))
}

fn quiet(snapshot: &Snapshot) -> Line {
    let (tone, words) = match (snapshot.pools.is_empty(), snapshot.is_sampled) {
        (_, false) => (Tone::Warn, "the pools are asked for the first time"),
        (true, _) => (
            Tone::Warn,
            "no pool is known: name the configuration of PHP-FPM",
        ),
        (false, _) => (
            Tone::Good,
            "every pool has a free worker, and no request failed lately",
        ),
    };
    (tone, words.to_owned())
}

fn unseen(snapshot: &Snapshot) -> Vec<Line> {
    let logs = snapshot.logs.iter().filter(|log| log.problem.is_some());
    let logs: Vec<&str> = logs.map(|log| log.name.as_str()).collect();
    let logs = (!logs.is_empty()).then(|| format!("not read: {}", shortened(&logs)));
    let parts = match snapshot.config.problems.len() {
        0 => None,
        1 => Some("a part of the configuration could not be read".to_owned()),
        more => Some(format!(
            "{more} parts of the configuration could not be read"
        )),
    };
    let state = snapshot.own.save_problem.as_ref();
    let state = state.map(|_| "the agent cannot save its state".to_owned());
    let all = [logs, parts, state].into_iter().flatten();
    all.map(|words| (Tone::Warn, words)).collect()
}

fn shortened(names: &[&str]) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        more => format!("{} and {} more", names[..3].join(", "), more - 3),
    }
}
