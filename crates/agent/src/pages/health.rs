//! Whether the agent lives, and whether it sees something.

use serde_json::json;

use super::json;
use crate::http::Response;
use crate::snapshot::Snapshot;

/// A round that ended longer ago is no round, in milliseconds.
const STALE: i64 = 30_000;

/// `/healthz`: rounds happen.
pub(super) fn alive(snapshot: &Snapshot, now: i64) -> Response {
    let age = now.saturating_sub(snapshot.taken);
    let is_alive = !is_stale(snapshot, now);
    let status = if is_alive { 200 } else { 503 };
    let seconds = (snapshot.taken > 0).then_some(age / 1000);
    json(
        status,
        &json!({"alive": is_alive, "last_round_seconds_ago": seconds}),
    )
}

/// Whether no round has ended for too long, or none at all.
pub(super) fn is_stale(snapshot: &Snapshot, now: i64) -> bool {
    snapshot.taken == 0 || now.saturating_sub(snapshot.taken) >= STALE
}

/// `/readyz`: there is something to see, and it was seen. What is only a part of it is said.
pub(super) fn ready(snapshot: &Snapshot) -> Response {
    let mut missing: Vec<String> = Vec::new();
    let mut degraded: Vec<String> = Vec::new();
    if snapshot.taken == 0 || snapshot.config.loaded == 0 {
        missing.push("the configuration was not read yet".to_owned());
    }
    if !snapshot.is_sampled {
        missing.push("the pools were not asked yet".to_owned());
    }
    let reads = snapshot.logs.iter().any(|log| log.problem.is_none());
    if snapshot.pools.is_empty() && !reads {
        missing.push("there is no pool to ask and no log to read".to_owned());
    }
    degraded.extend(snapshot.config.problems.iter().cloned());
    for log in &snapshot.logs {
        let problem = log.problem.iter();
        degraded.extend(problem.map(|problem| format!("{}: {problem}", log.name)));
    }
    degraded.extend(snapshot.no_queues.iter().cloned());
    degraded.extend(snapshot.own.save_problem.iter().cloned());
    let push = snapshot.own.push.iter();
    degraded.extend(push.filter_map(|push| push.problem.clone()));
    let is_ready = missing.is_empty();
    let status = if is_ready { 200 } else { 503 };
    json(
        status,
        &json!({"ready": is_ready, "missing": missing, "degraded": degraded}),
    )
}
