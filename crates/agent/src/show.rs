//! A look at the pools for terminals and for programs.
//!
//! ```text
//! pool  state      busy  idle  waiting  longest request
//! www   saturated   5/5     0   17/511  12.3s GET /report.php?id=7 (/srv/shop/report.php)
//! ```

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::ask::{Failure, Place};
use crate::pools::{Door, Watched};
use crate::sample::{Sample, State};
use crate::status::{Process, Status};

/// Longest request in a table.
const MOST: usize = 60;

/// Writes a table, and below it what is to be said of pools that are not well.
///
/// # Errors
/// As the writer.
pub fn table(pools: &[Watched], samples: &[Sample], out: &mut dyn io::Write) -> io::Result<()> {
    let head = [
        "pool",
        "state",
        "busy",
        "idle",
        "waiting",
        "longest request",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(
        pools
            .iter()
            .zip(samples)
            .map(|(pool, sample)| row(pool, sample)),
    );
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    for row in &rows {
        let [pool, state, busy, idle, waiting, longest] = row;
        let [a, b, c, d, e, _] = *widths.as_slice() else {
            break;
        };
        let line =
            format!("{pool:a$}  {state:b$}  {busy:>c$}  {idle:>d$}  {waiting:>e$}  {longest}");
        writeln!(out, "{}", line.trim_end())?;
    }
    for (pool, sample) in pools.iter().zip(samples) {
        if let Some(words) = words(pool, sample) {
            write!(out, "\n{}: {words}\n", pool.name)?;
        }
    }
    Ok(())
}

fn row(pool: &Watched, sample: &Sample) -> [String; 6] {
    let status = sample.answer();
    let none = || "-".to_owned();
    let busy = status.map_or_else(none, |status| match pool.max_children {
        Some(most) => format!("{}/{most}", status.busy()),
        None => status.busy().to_string(),
    });
    let waiting = sample
        .queue
        .map_or_else(none, |queue| format!("{}/{}", queue.waiting, queue.limit));
    [
        pool.name.clone(),
        sample.state(pool).word().to_owned(),
        busy,
        status.map_or_else(none, |status| status.idle.to_string()),
        waiting,
        status
            .and_then(Status::longest)
            .map_or_else(String::new, request),
    ]
}

/// `12.3s GET /report.php?id=7 (/srv/report.php)`
fn request(process: &Process) -> String {
    let took = Duration::from_micros(process.duration).as_secs_f64();
    let whole = process.shown();
    let mut shown: String = whole.chars().take(MOST).collect();
    if shown.len() < whole.len() {
        shown.push('…');
    }
    format!("{took:.1}s {shown} ({})", process.shown_script())
}

/// What is to be said beyond the row.
fn words(pool: &Watched, sample: &Sample) -> Option<String> {
    let waiting = sample.queue.map_or(0, |queue| queue.waiting);
    match (sample.state(pool), &sample.status) {
        (State::Fine, _) => None,
        (State::Saturated, Some(Ok(_))) => Some(format!(
            "every worker is busy, {waiting} requests wait: {}",
            "look at the longest requests before you raise pm.max_children"
        )),
        (State::Saturated, Some(Err(failure))) => {
            let mut words = failure.words();
            if matches!(pool.door, Door::Shared(_)) {
                words += "; with pm.status_listen (PHP 8.0) it would answer all the same";
            }
            Some(words)
        }
        (State::Saturated, None) => Some(format!("{waiting} requests wait")),
        (State::Down | State::Unknown, Some(Err(failure))) => Some(failure.words()),
        (State::Down | State::Unknown, _) => match &pool.door {
            Door::None(why) => Some(format!("it cannot be asked: {why}")),
            _ => None,
        },
    }
}

/// One document; its shape has `schema_version` 1.
///
/// # Errors
/// As the writer.
pub fn json(pools: &[Watched], samples: &[Sample], out: &mut dyn io::Write) -> io::Result<()> {
    let pools: Vec<Value> = pools
        .iter()
        .zip(samples)
        .map(|(pool, sample)| of(pool, sample))
        .collect();
    let document = json!({"schema_version": 1, "pools": pools});
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn of(pool: &Watched, sample: &Sample) -> Value {
    let failure = match &sample.status {
        Some(Err(failure)) => Some(Failure::words(failure)),
        None => words(pool, sample),
        Some(Ok(_)) => None,
    };
    json!({
        "name": pool.name,
        "state": sample.state(pool).word(),
        "listen": pool.listen.as_ref().map(Place::shown),
        "asked": match &pool.door {
            Door::Own(at) | Door::Shared(at) => Some(at.shown()),
            Door::None(_) => None,
        },
        "max_children": pool.max_children,
        "took_ms": u64::try_from(sample.took.as_millis()).unwrap_or(u64::MAX),
        "queue": sample.queue.map(|queue| json!({"waiting": queue.waiting, "limit": queue.limit})),
        "failure": failure,
        "status": sample.answer().map(status),
    })
}

fn status(status: &Status) -> Value {
    let process = |process: &Process| {
        json!({
            "pid": process.pid,
            "state": process.state,
            "requests": process.requests,
            "duration_us": process.duration,
            "method": process.method,
            "uri": redact::masked_text(&process.uri),
            "script": process.script,
            "last_request_cpu_percent": process.last_cpu,
            "last_request_memory_bytes": process.last_memory,
        })
    };
    json!({
        "manager": status.manager,
        "up_seconds": status.up,
        "accepted": status.accepted,
        "busy": status.busy(),
        "idle": status.idle,
        "total": status.total,
        "max_active": status.max_active,
        "max_children_reached": status.max_children_reached,
        "slow_requests": status.slow_requests,
        "processes": status.processes.iter().map(process).collect::<Vec<_>>(),
    })
}
