//! The same for programs: all that was measured, and all that came of it. `schema_version` 1.

use std::io::{self, Write};

use fix::tune::{Advice, Demand, Memory, One, Reason, Spares, Worker};
use model::Model;
use report::Diff;
use serde_json::{Value, json};

use super::measure::Seen;
use super::{Judged, diff_text, show};

/// Writes one document.
pub(super) fn json(
    model: &Model,
    seen: &Seen,
    judged: &[Judged<'_>],
    diffs: &[Diff],
    out: &mut dyn Write,
) -> io::Result<()> {
    let families = seen.ask.families.iter().zip(&seen.families);
    let families = families.map(|(family, (master, group))| {
        json!({
            "master": master,
            "common_bytes": family.common,
            "limit": family.limit.as_ref().map(memory),
            "limit_from": group.as_ref().map(|group| group.from.display().to_string()),
        })
    });
    let document = json!({
        "schema_version": 1,
        "looks": seen.looks,
        "seconds": seen.length.as_secs_f64(),
        "memory": memory(&seen.ask.memory),
        "cores": seen.machine.cores,
        "somaxconn": seen.machine.somaxconn,
        "wait_seconds": seen.ask.wait,
        "fpm": families.collect::<Vec<_>>(),
        "pools": judged.iter().map(|judged| pool(model, seen, judged)).collect::<Vec<_>>(),
        "diff": diff_text(diffs),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn memory(memory: &Memory) -> Value {
    match *memory {
        Memory::Stated(bytes) => json!({"stated": true, "room_bytes": bytes}),
        Memory::Measured {
            total,
            others,
            reserve,
        } => json!({
            "stated": false,
            "total_bytes": total,
            "others_bytes": others,
            "reserve_bytes": reserve,
            "room_bytes": memory.room(),
        }),
    }
}

fn pool(model: &Model, seen: &Seen, judged: &Judged<'_>) -> Value {
    let asked = &seen.ask.pools[judged.at];
    let family = asked.family.map(|index| seen.families[index].0);
    let limit = show::memory_limit(model, judged);
    let kept = judged.kept.iter();
    json!({
        "name": model.pool(judged.id).shown_name(),
        "master": family,
        "now": asked.now.as_ref().ok().map(|now| json!({
            "pm": now.manager.word(),
            "max_children": now.children,
            "start_servers": now.spares.start,
            "min_spare_servers": now.spares.min,
            "max_spare_servers": now.spares.max,
            "max_requests": now.max_requests,
            "backlog": now.backlog,
            "backlog_in_force": asked.queue.in_force,
        })),
        "memory_limit_bytes": limit.filter(|limit| *limit >= 0),
        "workers": asked.workers.iter().map(one).collect::<Vec<_>>(),
        "demand": asked.demand.as_ref().ok().map(demand),
        "result": result(judged.advice),
        "left": kept.map(|kept| json!({
            "setting": kept.name,
            "why": redact::masked_text(&kept.why),
        })).collect::<Vec<_>>(),
    })
}

fn one(one: &One) -> Value {
    json!({
        "pid": one.process,
        "pss_bytes": one.share,
        "own_bytes": one.own,
        "heap_bytes": one.heap,
        "last_request_bytes": one.request,
        "requests": one.served,
        "needs_bytes": one.needs(),
    })
}

fn demand(demand: &Demand) -> Value {
    json!({
        "up_seconds": demand.up,
        "accepted": demand.accepted,
        "peak_busy": demand.peak,
        "max_children_reached": demand.reached,
        "waited": demand.waited,
        "mean_duration_us": demand.duration,
        "rate_per_second": demand.rate(),
        "rate_now_per_second": demand.rate_now,
        "mean_busy": demand.busy(),
    })
}

fn worker(worker: &Worker) -> Value {
    json!({
        "count": worker.count,
        "needs_bytes": worker.needs,
        "mean_bytes": worker.mean,
        "by_request": worker.by_request,
        "highest_pss_bytes": worker.highest_share,
        "mean_pss_bytes": worker.mean_share,
    })
}

fn result(advice: &Advice) -> Value {
    let Spares { start, min, max } = advice.spares;
    let settings = advice.settings();
    let unknown: Vec<String> = advice
        .unknown
        .iter()
        .map(|why| redact::masked_text(why))
        .collect();
    json!({
        "verdict": match (advice.unknown.is_empty(), advice.is_finding()) {
            (false, _) => "unknown",
            (true, true) => "change",
            (true, false) => "fine",
        },
        "unknown": unknown,
        "worker": advice.worker.as_ref().map(worker),
        "assumed_bytes": advice.assumed,
        "fits": advice.fits,
        "needed": advice.wanted.map(|wanted| wanted.workers),
        "was_full": advice.wanted.map(|wanted| wanted.was_full),
        "is_short": advice.is_short,
        "max_children": advice.children.map(|(children, _)| children),
        "reason": advice.children.map(|(_, reason)| match reason {
            Reason::Memory => "memory",
            Reason::Demand => "demand",
        }),
        "pm": advice.manager.map(fix::tune::Manager::word),
        "start_servers": start,
        "min_spare_servers": min,
        "max_spare_servers": max,
        "max_requests": advice.growth.map(|growth| growth.requests),
        "backlog": advice.backlog.map(|backlog| json!({
            "rate_per_second": backlog.rate,
            "wanted": backlog.wanted,
            "now": backlog.now,
            "change": backlog.change,
            "is_capped": backlog.is_capped,
        })),
        "settings": settings.iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
    })
}
