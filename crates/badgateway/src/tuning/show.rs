//! What was measured and reckoned, for people: every number with where it comes from.

use std::io::{self, Write};

use base::source::printable;
use fix::tune::{Advice, Demand, Memory, Now, Reason, Spares};
use model::Model;
use model::php::value::php_bytes;

use super::measure::Seen;
use super::words::{amount, span};
use super::{Judged, claim};

/// A line: what it is, how much, and why.
type Row = [String; 3];

fn row(what: &str, much: impl Into<String>, why: impl Into<String>) -> Row {
    [what.to_owned(), much.into(), why.into()]
}

/// Writes it.
pub(super) fn show(
    model: &Model,
    seen: &Seen,
    all: &[Advice],
    judged: &[Judged<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut head = host(seen);
    let mut pools: Vec<Vec<Row>> = judged
        .iter()
        .map(|pool| reckoning(model, seen, all, pool))
        .collect();
    let every = head.iter().chain(pools.iter().flatten());
    let width = |column: usize| every.clone().map(|row| row[column].chars().count()).max();
    let widths = (width(0).unwrap_or(0), width(1).unwrap_or(0));
    rows(&std::mem::take(&mut head), widths, out)?;
    for (pool, own) in judged.iter().zip(pools.iter_mut()) {
        let name = model.pool(pool.id).shown_name();
        let now = match &seen.ask.pools[pool.at].now {
            Ok(now) => format!(
                ": pm = {}, pm.max_children = {}",
                now.manager.word(),
                now.children
            ),
            Err(_) => String::new(),
        };
        write!(out, "\npool {name}{now}\n")?;
        rows(own, widths, out)?;
        for line in verdict(seen, pool) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

fn rows(rows: &[Row], (a, b): (usize, usize), out: &mut dyn Write) -> io::Result<()> {
    for [what, much, why] in rows {
        let line = format!("  {what:a$}  {much:>b$}  {why}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// What all pools share.
fn host(seen: &Seen) -> Vec<Row> {
    let looks = match seen.looks {
        1 => "in one look; --for 60s looks longer".to_owned(),
        n => format!("in {n} looks within {}", span(seen.length.as_secs().max(1))),
    };
    let workers: usize = seen.ask.pools.iter().map(|pool| pool.workers.len()).sum();
    let mut out = vec![
        row("measured", workers.to_string(), format!("workers, {looks}")),
        row(
            "memory for PHP-FPM",
            amount(seen.ask.memory.room()),
            sum(&seen.ask.memory),
        ),
    ];
    for (family, (master, group)) in seen.ask.families.iter().zip(&seen.families) {
        // Nothing was read of it: each of its pools says so.
        if family.common > 0 {
            let why =
                format!("PHP itself, opcache and the master of FPM {master}, once for all workers");
            out.push(row("in common", amount(family.common), why));
        }
        if let (Some(limit), Some(group)) = (&family.limit, group) {
            let from = printable(group.from.as_os_str().as_encoded_bytes());
            let why = format!("{}, by {from}", sum(limit));
            out.push(row("limit of that FPM", amount(limit.room()), why));
        }
    }
    out
}

fn sum(memory: &Memory) -> String {
    match *memory {
        Memory::Stated(_) => "as you say".to_owned(),
        Memory::Measured {
            total,
            others,
            reserve,
        } => format!(
            "= {} total − {} others − {} reserve",
            amount(total),
            amount(others),
            amount(reserve)
        ),
    }
}

fn reckoning(model: &Model, seen: &Seen, all: &[Advice], pool: &Judged<'_>) -> Vec<Row> {
    let mut out = Vec::new();
    let advice = pool.advice;
    let asked = &seen.ask.pools[pool.at];
    if let Some(worker) = advice.worker {
        let when = match worker.by_request {
            true => "during a request, by PHP's own count",
            false => "now",
        };
        let why = format!(
            "of its own {when}: the highest of {} (mean {})",
            worker.count,
            amount(worker.mean)
        );
        out.push(row("one worker", amount(worker.needs), why));
        let why = "its share of all memory (PSS) now, at most: what is common divided by all";
        out.push(row("", amount(worker.highest_share), why));
    } else if let Some(assumed) = advice.assumed {
        let why = "not measured: reckoned like the highest of the other pools";
        out.push(row("one worker", amount(assumed), why));
    }
    if let Some(fits) = advice.fits {
        out.push(row(
            "fit",
            fits.to_string(),
            division(seen, all, pool.at, fits),
        ));
    }
    if let (Ok(now), Ok(demand)) = (&asked.now, &asked.demand) {
        out.extend(needed(advice, now, demand));
    }
    if let Ok(now) = &asked.now {
        out.extend(worst(model, pool, now));
    }
    if let Some(waiting) = seen.pools[pool.at].waiting.filter(|waiting| *waiting > 0) {
        out.push(row(
            "waited",
            waiting.to_string(),
            "requests at its socket, at most",
        ));
    }
    out
}

/// Where the number that fits comes from.
fn division(seen: &Seen, all: &[Advice], at: usize, fits: u32) -> String {
    let ask = &seen.ask;
    let Some((each, _)) = claim(seen, all, at) else {
        return String::new();
    };
    if fits == 0 {
        return "not even one worker of each pool".to_owned();
    }
    let family = ask.pools[at].family;
    let own_limit = family.and_then(|index| {
        let limit = ask.families[index].limit?;
        Some((limit.room(), ask.families[index].common, Some(index)))
    });
    let common = ask.families.iter().map(|family| family.common).sum();
    let rooms = [own_limit, Some((ask.memory.room(), common, None))];
    for (room, common, within) in rooms.into_iter().flatten() {
        let shares = |other: &usize| {
            let of = ask.pools[*other].family;
            *other != at && of.is_some() && (within.is_none() || of == within)
        };
        let others = (0..all.len())
            .filter(shares)
            .filter_map(|other| claim(seen, all, other));
        let others: u64 = others
            .map(|(each, most)| each.saturating_mul(u64::from(most)))
            .sum();
        let left = room.saturating_sub(common).saturating_sub(others);
        if left / each == u64::from(fits) {
            let others = match others {
                0 => String::new(),
                others => format!(" − {} other pools", amount(others)),
            };
            let (room, common) = (amount(room), amount(common));
            return format!("= ({room} − {common} in common{others}) ÷ {}", amount(each));
        }
    }
    format!(
        "its part of {} − {} in common: one worker for each pool, then what is needed, then what is set",
        amount(ask.memory.room()),
        amount(common)
    )
}

fn needed(advice: &Advice, now: &Now, demand: &Demand) -> Vec<Row> {
    let mut out = Vec::new();
    if let Some(wanted) = advice.wanted {
        let since = span(demand.up);
        let why = if !wanted.was_full {
            format!(
                "at most {} busy at once, and a quarter more; {} requests in {since}",
                demand.peak.min(now.children),
                demand.accepted
            )
        } else if demand.reached > 0 {
            format!(
                "at least {}: more were wanted {} times in {since}; twice as many are a step",
                now.children, demand.reached
            )
        } else {
            format!(
                "at least {}: all were busy at once in {since}; twice as many are a step",
                now.children
            )
        };
        out.push(row("needed", wanted.workers.to_string(), why));
    }
    if let (Some(busy), Some(seconds)) = (demand.busy(), demand.seconds()) {
        let why = format!(
            "busy on average = {:.2} requests/s × {seconds:.3} s",
            demand.rate()
        );
        out.push(row("", format!("{busy:.1}"), why));
    }
    out
}

/// What all workers take if each takes all it may.
fn worst(model: &Model, pool: &Judged<'_>, now: &Now) -> Option<Row> {
    let limit = memory_limit(model, pool)?;
    let Ok(bytes) = u64::try_from(limit) else {
        return Some(row("at worst", "∞", "memory_limit is off"));
    };
    let all = bytes.saturating_mul(u64::from(now.children));
    let why = format!(
        "= {} × {} (memory_limit), if every worker took all it may",
        now.children,
        amount(bytes)
    );
    Some(row("at worst", amount(all), why))
}

/// `memory_limit` of a pool in bytes; below zero for none.
pub(super) fn memory_limit(model: &Model, pool: &Judged<'_>) -> Option<i64> {
    let fpm = &model.fpm[pool.id.fpm];
    let limit = fpm.php(model.pool(pool.id), &[], "memory_limit").ok()?;
    Some(php_bytes(&limit.value))
}

/// What to do.
fn verdict(seen: &Seen, pool: &Judged<'_>) -> Vec<String> {
    let advice = pool.advice;
    let asked = &seen.ask.pools[pool.at];
    if !advice.unknown.is_empty() {
        let unknown = advice.unknown.iter();
        return unknown
            .map(|why| format!("unknown: {}", redact::masked_text(why)))
            .collect();
    }
    let (Ok(now), Ok(demand)) = (&asked.now, &asked.demand) else {
        return Vec::new();
    };
    let mut out = changes(advice, now);
    out.extend(short(advice));
    out.extend(queue(seen, pool, now));
    for kept in &pool.kept {
        let why = redact::masked_text(&kept.why);
        out.push(format!("left: `{}`: {why}", kept.name));
    }
    if !advice.is_finding() {
        let wanted = advice.wanted.map_or(0, |wanted| wanted.workers);
        let fits = advice.fits.unwrap_or(0);
        out.push(format!(
            "nothing to change: {} workers, {wanted} are needed, {fits} fit (a change is worth it \
             beyond a fifth, or a tenth above the memory)",
            now.children
        ));
    }
    out.extend(notes(seen, advice, now, demand));
    out
}

fn changes(advice: &Advice, now: &Now) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(manager) = advice.manager {
        let why = "workers are busy all the time, and ondemand starts them one by one";
        out.push(format!(
            "pm: {} → {}: {why}",
            now.manager.word(),
            manager.word()
        ));
    }
    if let Some((children, reason)) = advice.children {
        let why = match reason {
            Reason::Memory => "more do not fit into the memory",
            Reason::Demand => "more are needed, and fit",
        };
        out.push(format!(
            "pm.max_children: {} → {children}: {why}",
            now.children
        ));
    }
    let Spares { start, min, max } = advice.spares;
    let parts = [
        ("pm.start_servers", now.spares.start, start),
        ("pm.min_spare_servers", now.spares.min, min),
        ("pm.max_spare_servers", now.spares.max, max),
    ];
    for (name, old, new) in parts {
        if let Some(new) = new {
            let old = old.map_or("not set".to_owned(), |old| old.to_string());
            out.push(format!(
                "{name}: {old} → {new}: within min ≤ start ≤ max ≤ pm.max_children"
            ));
        }
    }
    if let Some(growth) = advice.growth {
        out.push(format!(
            "pm.max_requests: {} → {}: workers grow by {} a thousand requests ({} after {}, {} after \
             {}); find the leak",
            now.max_requests,
            growth.requests,
            amount(growth.each.saturating_mul(1000)),
            amount(growth.young.0),
            growth.young.1,
            amount(growth.old.0),
            growth.old.1
        ));
    }
    out
}

fn short(advice: &Advice) -> Option<String> {
    advice.is_short.then(|| {
        "not enough memory: as many workers as are needed do not fit. Until there is more memory, or \
         requests take less memory or time, requests wait (504) or are turned away (502)"
            .to_owned()
    })
}

fn queue(seen: &Seen, pool: &Judged<'_>, now: &Now) -> Vec<String> {
    let mut out = Vec::new();
    let Some(backlog) = pool.advice.backlog else {
        return out;
    };
    let wait = seen.ask.wait;
    let why = format!(
        "{:.1} requests/s at the peak × {wait} s of waiting",
        backlog.rate
    );
    if let Some(change) = backlog.change {
        let old = now
            .backlog
            .map_or("not set".to_owned(), |old| old.to_string());
        out.push(format!(
            "listen.backlog: {old} → {change}: {why}, and at least 511"
        ));
    }
    if backlog.is_capped {
        out.push(format!(
            "the kernel cuts every queue to {} (net.core.somaxconn), {} are wanted ({why}): `sysctl -w \
             net.core.somaxconn={}`, and the same in /etc/sysctl.d",
            seen.machine.somaxconn.unwrap_or(0),
            backlog.wanted,
            backlog.wanted
        ));
    }
    let in_force = seen.ask.pools[pool.at].queue.in_force;
    if let (Some(in_force), Some(set)) = (in_force, backlog.now)
        && in_force < set
    {
        out.push(format!(
            "note: its queue holds {in_force} until PHP-FPM is restarted; a reload keeps the socket"
        ));
    }
    out
}

const DAY: u64 = 86_400;

fn notes(seen: &Seen, advice: &Advice, now: &Now, demand: &Demand) -> Vec<String> {
    let mut out = Vec::new();
    if demand.up < DAY {
        out.push(format!(
            "note: PHP-FPM counts since {} only; a day has its peaks, so ask again after one",
            span(demand.up)
        ));
    }
    let children = advice
        .children
        .map_or(now.children, |(children, _)| children);
    if let Some(cores) = seen
        .machine
        .cores
        .filter(|cores| children > cores.saturating_mul(4))
    {
        let cores =
            crate::applying::counted(usize::try_from(cores).unwrap_or(usize::MAX), "processor");
        out.push(format!(
            "note: {children} workers share {cores}: good for scripts that wait (database, HTTP), of no \
             use for those that compute"
        ));
    }
    out
}
