//! The pools, those that are in trouble first.

use ratatui_core::layout::Constraint;
use ratatui_core::text::{Span, Text};

use super::rows::Rows;
use super::{Screen, bars};
use crate::snapshot::{PoolView, Snapshot};
use crate::verdict::{Tone, rank, tone};

/// Points of the past that are shown.
const PAST: usize = 20;
/// Columns of the bar of busy workers.
const BAR: u64 = 10;

/// One row for each pool.
pub(super) fn rows(snapshot: &Snapshot, screen: &Screen) -> Rows {
    let columns = [
        ("pool", Constraint::Fill(1), 0),
        ("state", Constraint::Length(9), 0),
        ("busy", Constraint::Length(22), 60),
        ("idle", Constraint::Length(5), 80),
        ("waiting", Constraint::Length(11), 0),
        ("past", Constraint::Length(20), 100),
    ];
    let empty = match snapshot.is_sampled {
        true => "no pool is known: name the configuration of PHP-FPM",
        false => "the pools are asked for the first time",
    };
    let mut rows = Rows::new("pools", &columns, empty);
    let mut pools: Vec<&PoolView> = snapshot.pools.iter().collect();
    pools.sort_by_key(|pool| rank(pool.sample.state(&pool.watched)));
    for pool in pools {
        rows.push(name(pool), cells(pool, screen));
    }
    rows
}

/// What no other pool is called: two masters may have pools of the same name.
pub(super) fn name(pool: &PoolView) -> String {
    format!("{} {}", pool.watched.name, pool.watched.shown_listen())
}

fn cells(pool: &PoolView, screen: &Screen) -> Vec<Text<'static>> {
    let state = pool.sample.state(&pool.watched);
    let answer = pool.sample.answer();
    let most = pool.watched.max_children.map(u64::from);
    let busy = match (answer.map(crate::Status::busy), most) {
        (Some(busy), Some(most)) => format!("{} {busy}/{most}", bar(busy, most)),
        (Some(busy), None) => busy.to_string(),
        (None, _) => "not known".to_owned(),
    };
    let idle = answer.map_or_else(String::new, |status| status.idle.to_string());
    let waiting = match pool.sample.queue {
        Some(queue) => format!("{}/{}", queue.waiting, queue.limit),
        None => "not known".to_owned(),
    };
    let waits = pool.sample.queue.is_some_and(|queue| queue.waiting > 0);
    let waiting = match waits {
        true => Span::styled(waiting, screen.tone(Tone::Bad)),
        false => Span::raw(waiting),
    };
    vec![
        Text::raw(pool.watched.name.clone()),
        Text::styled(state.word(), screen.tone(tone(state))),
        Text::raw(busy),
        Text::raw(idle),
        Text::from(waiting),
        Text::raw(past(pool)),
    ]
}

fn bar(busy: u64, most: u64) -> String {
    let full = (busy * BAR).div_ceil(most.max(1)).min(BAR);
    let at = |at| if at < full { '█' } else { '·' };
    (0..BAR).map(at).collect()
}

/// Busy workers of the last looks; where nothing was known there is a question mark.
fn past(pool: &PoolView) -> String {
    let first = pool.past.len().saturating_sub(PAST);
    let points = pool.past.iter().skip(first);
    let known = || points.clone().filter_map(|point| point.busy).max();
    let most = pool.watched.max_children.map(u64::from).or_else(known);
    let one = |point: &crate::Point| match point.busy {
        Some(busy) => bars(std::iter::once(busy), most.unwrap_or(1)),
        None => "?".to_owned(),
    };
    let shown: String = points.clone().map(one).collect();
    format!("{shown:>PAST$}")
}
