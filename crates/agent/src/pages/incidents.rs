//! `/incidents`: the latest incidents as JSON, newest first.

use serde_json::{Value, json};

use super::{json, moment};
use crate::http::Response;
use crate::snapshot::{Counted, Snapshot};

/// The list; `since=NUMBER`, `limit=N` and `cause=ID` choose.
pub(super) fn list(snapshot: &Snapshot, query: &str) -> Response {
    let (mut since, mut limit, mut cause) = (0, usize::MAX, None);
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let known = match part.split_once('=') {
            Some(("since", value)) => value.parse().map(|number| since = number).is_ok(),
            Some(("limit", value)) => value.parse().map(|number| limit = number).is_ok(),
            Some(("cause", value)) => {
                cause = Some(value);
                true
            }
            _ => false,
        };
        if !known {
            let problem = json!({"error": "the parameters are since=NUMBER, limit=N and cause=ID"});
            return json(400, &problem);
        }
    }
    let all = snapshot.recent.iter().rev();
    let wanted = all
        .filter(|one| one.number > since && cause.is_none_or(|cause| one.incident.cause == cause));
    let incidents: Vec<Value> = wanted.take(limit).map(of).collect();
    json(
        200,
        &json!({
            "schema_version": 1,
            "latest": snapshot.counts.latest,
            "incidents": incidents,
        }),
    )
}

fn of(counted: &Counted) -> Value {
    let one = &*counted.incident;
    let title = diagnose::causes::by_id(one.cause).map(|cause| cause.title);
    let evidence = one
        .evidence
        .iter()
        .map(|line| json!({"file": line.file, "line": line.line, "text": line.text}));
    json!({
        "number": counted.number,
        "counted": moment(counted.counted),
        "time": one.time.map(moment),
        "cause": one.cause,
        "title": title,
        "confidence": one.confidence.word(),
        "candidates": one.candidates,
        "harm": one.harm.word(),
        "count": one.count,
        "status": one.status,
        "request": one.request,
        "route": one.route,
        "pool": one.pool,
        "script": one.script,
        "upstream": one.upstream,
        "evidence": evidence.collect::<Vec<_>>(),
    })
}
