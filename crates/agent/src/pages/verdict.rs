//! What is wrong, in a few lines at the top.

use std::fmt::Write;

use base::diagnosis::Harm;

use super::markup::text;
use crate::sample::State;
use crate::snapshot::Snapshot;

/// How a line looks, and what it says.
type Line = (&'static str, String);

/// What has failed within this time is said, in milliseconds.
const LATELY: i64 = 600_000;

/// What hurts visitors first, then what keeps the agent from seeing; if there is nothing, that.
pub(super) fn verdict(out: &mut String, snapshot: &Snapshot) {
    let mut said = pools(snapshot);
    said.extend(failed(snapshot));
    if said.is_empty() {
        said.push(quiet(snapshot));
    }
    said.extend(unseen(snapshot));
    for (class, words) in said {
        let _infallible = write!(out, "<p class=\"verdict {class}\">{}</p>", text(&words));
    }
}

fn pools(snapshot: &Snapshot) -> Vec<Line> {
    let states = [
        (State::Down, "bad", "nobody answers for"),
        (State::Saturated, "bad", "no worker is free in"),
        (State::Unknown, "warn", "it cannot be told how they are:"),
    ];
    let line = |(state, class, words)| {
        let pools = snapshot.pools.iter();
        let pools = pools.filter(|pool| pool.sample.state(&pool.watched) == state);
        let names: Vec<&str> = pools.map(|pool| pool.watched.name.as_str()).collect();
        (!names.is_empty()).then(|| (class, format!("{words} {}", shortened(&names))))
    };
    states.into_iter().filter_map(line).collect()
}

fn failed(snapshot: &Snapshot) -> Option<Line> {
    let since = snapshot.taken - LATELY;
    let recent = snapshot.recent.iter().filter(|one| one.counted >= since);
    // What a retry has hidden has not failed for whoever asked.
    let failed = recent.filter(|one| one.incident.harm != Harm::Hidden);
    let words = match failed.map(|one| one.incident.count).sum::<u64>() {
        0 => return None,
        1 => "one request failed in the last ten minutes".to_owned(),
        more => format!("at least {more} requests failed in the last ten minutes"),
    };
    Some(("bad", words))
}

fn quiet(snapshot: &Snapshot) -> Line {
    let (class, words) = match (snapshot.pools.is_empty(), snapshot.is_sampled) {
        (_, false) => ("warn", "the pools are asked for the first time"),
        (true, _) => (
            "warn",
            "no pool is known: name the configuration of PHP-FPM",
        ),
        (false, _) => (
            "good",
            "every pool has a free worker, and no request failed lately",
        ),
    };
    (class, words.to_owned())
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
    all.map(|words| ("warn", words)).collect()
}

fn shortened(names: &[&str]) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        more => format!("{} and {} more", names[..3].join(", "), more - 3),
    }
}
