//! What is shown of one row when it is opened.

use base::diagnosis::EvidenceLine;
use ratatui_core::style::{Modifier, Style};
use ratatui_core::text::Line;

use super::Screen;
use super::causes::{of, place, title_of};
use super::pools::name;
use super::requests::{longest, took};
use crate::ask::Failure;
use crate::pools::Door;
use crate::snapshot::Snapshot;
use crate::status::Process;
use crate::verdict::tone;

/// Incidents that are shown of a cause.
const MOST_SHOWN: usize = 10;

type Opened = (String, Vec<Line<'static>>);

/// A pool: what is wrong, and what each of its workers does.
pub(super) fn pool(snapshot: &Snapshot, wanted: &str, screen: &Screen) -> Opened {
    let Some(pool) = snapshot.pools.iter().find(|pool| name(pool) == wanted) else {
        return gone(wanted);
    };
    let state = pool.sample.state(&pool.watched);
    let mut lines = vec![Line::styled(state.word(), screen.tone(tone(state)))];
    lines.push(Line::raw(format!(
        "listens at {}",
        pool.watched.shown_listen()
    )));
    match (&pool.sample.status, &pool.watched.door) {
        (Some(Err(failure)), _) => lines.push(Line::raw(Failure::words(failure))),
        (None, Door::None(why)) => lines.push(Line::raw(format!("it cannot be asked: {why}"))),
        _ => {}
    }
    // What it said last is better than nothing, and old.
    let Some((status, at)) = &pool.good else {
        return (pool.watched.name.clone(), lines);
    };
    if pool.sample.answer().is_none() {
        let age = (snapshot.taken - at).max(0) / 1000;
        lines.push(Line::raw(format!("what follows it said {age} s ago")));
    }
    let most = pool.watched.max_children;
    let most = most.map_or_else(|| "not known".to_owned(), |most| most.to_string());
    // With `static` FPM does not count it.
    let reached = match status.manager.as_str() {
        "static" => String::new(),
        _ => format!(", reached {} times", status.max_children_reached),
    };
    lines.push(Line::raw(format!(
        "pm = {}, pm.max_children = {most}{reached}; up {} s, {} requests taken, at most {} at once, {} \
         slow",
        base::source::printable(status.manager.as_bytes()),
        status.up,
        status.accepted,
        status.max_active,
        status.slow_requests
    )));
    lines.push(Line::raw(""));
    let mut workers: Vec<&Process> = status.processes.iter().collect();
    workers.sort_by_key(|worker| std::cmp::Reverse((worker.is_busy(), worker.duration)));
    for worker in workers {
        let state = base::source::printable(worker.state.as_bytes());
        lines.push(Line::raw(match worker.is_busy() {
            true => format!(
                "{:>8}  {state}  {}  {}  {}",
                worker.pid,
                took(worker),
                worker.shown(),
                worker.shown_script()
            ),
            false => format!("{:>8}  {state}", worker.pid),
        }));
    }
    (format!("pool {}", pool.watched.name), lines)
}

/// A request that is worked on.
pub(super) fn request(snapshot: &Snapshot, wanted: &str) -> Opened {
    let all = longest(snapshot);
    let found = all
        .iter()
        .find(|(pool, process)| super::requests::name(pool, process) == wanted);
    let Some((pool, process)) = found else {
        return ("request".to_owned(), vec![Line::raw("it has ended")]);
    };
    let lines = [
        process.shown(),
        format!("script   {}", process.shown_script()),
        format!("for      {}", took(process)),
        format!("pool     {}", pool.watched.name),
        format!(
            "worker   {} ({} requests so far)",
            process.pid, process.requests
        ),
        String::new(),
        format!("strace -p {} shows what it waits for", process.pid),
        "where in the script it is: request_slowlog_timeout and slowlog of its pool".to_owned(),
    ];
    ("request".to_owned(), lines.map(Line::raw).to_vec())
}

/// A cause: its latest incidents with the lines they rest on.
pub(super) fn cause(snapshot: &Snapshot, cause: &str, now: i64, screen: &Screen) -> Opened {
    let counts = snapshot.minutes.by_cause(snapshot.taken, screen.minutes);
    let total: u64 = counts.get(cause).map_or(0, |counts| counts.iter().sum());
    let mut lines = vec![Line::raw(format!(
        "{total} requests in the last {} minutes",
        screen.minutes
    ))];
    let incidents: Vec<_> = of(snapshot, cause).take(MOST_SHOWN).collect();
    let mut ids: Vec<&str> = incidents
        .iter()
        .flat_map(|one| one.incident.candidates.iter().copied())
        .collect();
    if diagnose::causes::by_id(cause).is_some() {
        ids = vec![cause];
    }
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        lines.push(Line::raw(format!("badgateway explain {id}")));
    }
    for one in incidents {
        let incident = &one.incident;
        let ago = (now - incident.time.unwrap_or(one.counted)).max(0) / 1000;
        lines.push(Line::raw(""));
        let status = match incident.status {
            0 => String::new(),
            status => format!("{status} "),
        };
        let text = format!(
            "{ago} s ago  {status}{}  {} ({}, {})",
            incident.request,
            place(one),
            incident.confidence.word(),
            incident.harm.word()
        );
        lines.push(Line::styled(
            text,
            Style::new().add_modifier(Modifier::BOLD),
        ));
        lines.extend(incident.evidence.iter().map(evidence));
    }
    (title_of(cause).to_owned(), lines)
}

fn evidence(line: &EvidenceLine) -> Line<'static> {
    let text = line.text.as_deref().unwrap_or("(its text was not kept)");
    Line::raw(format!("  {}:{}: {text}", line.file, line.line))
}

fn gone(name: &str) -> Opened {
    (name.to_owned(), vec![Line::raw("it is not there any more")])
}
