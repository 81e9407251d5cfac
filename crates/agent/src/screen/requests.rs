//! The requests that take longest.

use ratatui_core::layout::Constraint;
use ratatui_core::text::Text;

use super::rows::Rows;
use crate::snapshot::{PoolView, Snapshot};
use crate::status::Process;

/// Requests that are shown.
const MOST: usize = 100;

/// Requests that are worked on, the longest first.
pub(super) fn rows(snapshot: &Snapshot) -> Rows {
    let columns = [
        ("for", Constraint::Length(8), 0),
        ("pool", Constraint::Length(14), 60),
        ("request", Constraint::Fill(3), 0),
        ("script", Constraint::Fill(2), 100),
    ];
    let empty = "no request is worked on, as far as the pools tell";
    let mut rows = Rows::new("longest requests", &columns, empty);
    for (pool, process) in longest(snapshot) {
        let cells = [
            took(process),
            pool.watched.name.clone(),
            process.shown(),
            process.shown_script(),
        ];
        rows.push(name(pool, process), cells.map(Text::raw).to_vec());
    }
    rows
}

/// How long it takes so far.
pub(super) fn took(process: &Process) -> String {
    let seconds = std::time::Duration::from_micros(process.duration).as_secs_f64();
    format!("{seconds:.1} s")
}

/// The worker, and which of its requests.
pub(super) fn name(pool: &PoolView, process: &Process) -> String {
    let pool = super::pools::name(pool);
    format!("{pool} {} {}", process.pid, process.requests)
}

pub(super) fn longest(snapshot: &Snapshot) -> Vec<(&PoolView, &Process)> {
    let answering = snapshot.pools.iter();
    let answering = answering.filter_map(|pool| Some((pool, pool.sample.answer()?)));
    let mut all: Vec<_> = answering
        .flat_map(|(pool, status)| status.processes.iter().map(move |process| (pool, process)))
        .filter(|(_, process)| process.is_busy())
        .collect();
    all.sort_by_key(|(_, process)| std::cmp::Reverse(process.duration));
    all.truncate(MOST);
    all
}
