//! The latest causes, each with its evidence on demand.

use std::fmt::Write;

use base::SortedMap;

use super::markup::{ago, text};
use crate::snapshot::{Counted, Snapshot};

/// Incidents that are shown of a cause.
const MOST_SHOWN: usize = 5;

/// Those of the incidents that are kept, the latest first.
pub(super) fn causes(out: &mut String, snapshot: &Snapshot) {
    *out += "<h2>Latest causes</h2>";
    let mut groups: SortedMap<&str, Vec<&Counted>> = SortedMap::new();
    for one in &snapshot.recent {
        groups.entry(one.incident.cause).or_default().push(one);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, all)| std::cmp::Reverse(all.last().map_or(0, |one| one.number)));
    if groups.is_empty() {
        *out += "<p class=\"dim\">No request has failed since the agent began to count.</p>";
    }
    for (cause, all) in groups {
        group(out, snapshot, cause, &all);
    }
}

fn group(out: &mut String, snapshot: &Snapshot, cause: &str, all: &[&Counted]) {
    let counters = snapshot.counts.incidents.series();
    let total: u64 = counters
        .filter(|(labels, _)| labels.first().is_some_and(|first| first == cause))
        .map(|(_, count)| count)
        .sum();
    let title = diagnose::causes::by_id(cause).map_or("several causes fit", |known| known.title);
    let last = all.last().and_then(|one| one.incident.time);
    let last = last.map_or_else(
        || "at an unknown time".to_owned(),
        |at| ago(snapshot.taken, at),
    );
    let _infallible = write!(
        out,
        "<div class=\"card\"><p><span class=\"name\">{total} × {}</span></p>\
         <p class=\"dim\">last {last}{}{}</p>",
        text(title),
        place(all),
        explained(cause, all)
    );
    let _infallible = write!(
        out,
        "<details id=\"cause-{}\"><summary>the latest, with evidence</summary>",
        text(cause)
    );
    for one in all.iter().rev().take(MOST_SHOWN) {
        incident(out, one, snapshot.taken);
    }
    *out += "</details></div>";
}

/// Where most of them happened.
fn place(all: &[&Counted]) -> String {
    let mut places: SortedMap<(&str, &str), u64> = SortedMap::new();
    for one in all {
        let one = &one.incident;
        *places.entry((&one.route, &one.pool)).or_default() += one.count;
    }
    let most = places.iter().max_by_key(|(_, count)| **count);
    let Some(((route, pool), _)) = most else {
        return String::new();
    };
    let mostly = if places.len() > 1 { "mostly " } else { "" };
    match (route.is_empty(), pool.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!(" · {mostly}{}", text(route)),
        (true, false) => format!(" · {mostly}pool {}", text(pool)),
        (false, false) => format!(" · {mostly}{}, pool {}", text(route), text(pool)),
    }
}

/// What to type to read more; of an open question that of each cause that fits.
fn explained(cause: &str, all: &[&Counted]) -> String {
    let candidates = all.last().map(|one| one.incident.candidates.as_slice());
    let ids = match diagnose::causes::by_id(cause) {
        Some(known) => &[known.id],
        None => candidates.unwrap_or_default(),
    };
    let each = |id: &&str| format!(" · <code>badgateway explain {}</code>", text(id));
    ids.iter().map(each).collect()
}

fn incident(out: &mut String, counted: &Counted, now: i64) {
    let one = &*counted.incident;
    let status = match one.status {
        0 => String::new(),
        status => format!("{status} "),
    };
    let place = if one.route.is_empty() {
        &one.pool
    } else {
        &one.route
    };
    let _infallible = write!(
        out,
        "<p>{} {status}<code>{}</code> <span class=\"dim\">{} · {} · {}</span></p><pre>",
        one.time.map_or_else(String::new, |at| ago(now, at)),
        text(&one.request),
        text(place),
        one.confidence.word(),
        one.harm.word()
    );
    for line in &one.evidence {
        let shown = line.text.as_deref().unwrap_or("(its text was not kept)");
        let _infallible = writeln!(out, "{}:{}: {}", text(&line.file), line.line, text(shown));
    }
    *out += "</pre>";
}
