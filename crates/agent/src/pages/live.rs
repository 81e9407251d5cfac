//! The page for people: what is wrong comes first. It is whole in itself, and asks for itself again
//! every five seconds: by a small script, so that what was opened stays open, or without one.

use std::fmt::Write;

use super::health::is_stale;
use super::markup::{ago, text};
use super::style::STYLE;
use super::{causes, tables};
use crate::ask::Failure;
use crate::pools::Door;
use crate::sample::State;
use crate::snapshot::{PoolView, Snapshot};
use crate::verdict::{Tone, rank, tone, verdict};

/// Nothing but the page's own script runs, and it speaks to nobody else; the style is the page's
/// own.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; \
                                 connect-src 'self'; base-uri 'none'; form-action 'none'; \
                                 frame-ancestors 'none'";

/// `/live.js`: takes the new page's body; what the server has escaped is parsed as it was before.
pub(super) const SCRIPT: &str = "\
const mark = (root) => [...root.querySelectorAll('details[open]')].map((one) => one.id);
setInterval(async () => {
  // Somebody may be copying what stands there.
  if (document.hidden || String(getSelection())) return;
  let next;
  try {
    const answer = await fetch('/', { cache: 'no-store' });
    if (!answer.ok) throw new Error(answer.status);
    next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    document.title = 'badgateway';
  } catch {
    document.title = 'badgateway: no answer';
    document.querySelector('main').classList.add('stale');
    return;
  }
  for (const id of mark(document)) next.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
  const at = document.activeElement?.closest('details')?.id;
  document.querySelector('main').replaceWith(document.adoptNode(next));
  if (at) document.querySelector(`#${CSS.escape(at)} > summary`)?.focus();
}, 5000);
";

/// The page.
pub(super) fn page(snapshot: &Snapshot, now: i64) -> String {
    let mut out = String::with_capacity(16 << 10);
    out += "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
            <meta name=\"viewport\" content=\"width=device-width\">\
            <noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\
            <script src=\"/live.js\" defer></script><title>badgateway</title><style>";
    out += STYLE;
    out += "</style></head><body><main><h1>badgateway</h1>";
    if snapshot.taken == 0 {
        out +=
            "<p class=\"verdict warn\">it has only just begun: the configuration is being read</p>";
    } else {
        if is_stale(snapshot, now) {
            let age = ago(now, snapshot.taken);
            let _infallible = write!(
                out,
                "<p class=\"verdict bad\">the agent hangs: it looked at all this {age}</p>"
            );
        }
        for (tone, words) in verdict(snapshot) {
            let class = class(tone);
            let _infallible = write!(out, "<p class=\"verdict {class}\">{}</p>", text(&words));
        }
        pools(&mut out, snapshot);
        causes::causes(&mut out, snapshot);
        tables::chains(&mut out, snapshot);
        tables::logs(&mut out, snapshot);
        tables::own(&mut out, snapshot);
    }
    out += "</main></body></html>\n";
    out
}

fn state_class(state: State) -> &'static str {
    class(tone(state))
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

fn pools(out: &mut String, snapshot: &Snapshot) {
    *out += "<h2>Pools</h2>";
    let mut pools: Vec<&PoolView> = snapshot.pools.iter().collect();
    pools.sort_by_key(|pool| rank(pool.sample.state(&pool.watched)));
    if pools.is_empty() {
        *out += "<p class=\"dim\">None.</p>";
    }
    if let Some(why) = &snapshot.no_queues {
        let _infallible = write!(out, "<p class=\"warn\">{}</p>", text(why));
    }
    for pool in &pools {
        pool_card(out, pool, snapshot.taken);
    }
}

fn pool_card(out: &mut String, pool: &PoolView, now: i64) {
    let state = pool.sample.state(&pool.watched);
    let answer = pool.sample.answer();
    let _infallible = write!(
        out,
        "<div class=\"card\"><div class=\"row\"><span class=\"name\">{}<br><span class=\"dim\">{}</span>\
         </span><span class=\"state {}\">{}</span>",
        text(&pool.watched.name),
        text(&pool.watched.shown_listen()),
        state_class(state),
        state.word()
    );
    let busy = answer.map(crate::Status::busy);
    let most = pool.watched.max_children.map(u64::from);
    *out += "<span>";
    if let (Some(busy), Some(most)) = (busy, most.filter(|most| *most > 0)) {
        let percent = (busy * 100 / most).min(100);
        let full = if busy >= most { " class=\"full\"" } else { "" };
        let _infallible = write!(
            out,
            "{busy} of {most} workers busy<span class=\"bar\" role=\"img\" aria-label=\"{percent} %\">\
             <i{full} style=\"width:{percent}%\"></i></span>"
        );
    } else {
        *out += "<span class=\"dim\">busy workers: not known</span>";
    }
    *out += "</span><span>";
    match pool.sample.queue {
        Some(queue) => {
            let class = if queue.waiting > 0 {
                " class=\"bad\""
            } else {
                ""
            };
            let _infallible = write!(
                out,
                "<span{class}>{} waiting</span> <span class=\"dim\">of {}</span>",
                queue.waiting, queue.limit
            );
        }
        None => *out += "<span class=\"dim\">queue: not known</span>",
    }
    *out += "</span>";
    past(out, pool);
    *out += "</div>";
    if let Some(longest) = answer.and_then(crate::Status::longest) {
        let seconds = longest.duration / 1_000_000;
        let _infallible = write!(
            out,
            "<p class=\"dim\">longest request: {seconds} s <code>{}</code> {}</p>",
            text(&longest.shown()),
            text(&longest.shown_script())
        );
    }
    let why = match (&pool.sample.status, &pool.watched.door) {
        (Some(Err(failure)), _) => Some(Failure::words(failure)),
        (None, Door::None(why)) => Some(format!("it cannot be asked: {why}")),
        _ => None,
    };
    if let Some(why) = why {
        let _infallible = write!(
            out,
            "<p class=\"{}\">{}</p>",
            state_class(state),
            text(&why)
        );
        if let Some((_, at)) = &pool.good {
            let _infallible = write!(
                out,
                "<p class=\"dim\">its last answer is {} s old</p>",
                (now - at).max(0) / 1000
            );
        }
    }
    *out += "</div>";
}

/// Busy workers and waiting connections of the last minutes, each on its own scale.
fn past(out: &mut String, pool: &PoolView) {
    const WIDTH: usize = 144;
    const HEIGHT: u64 = 30;
    let line = |values: Vec<Option<u64>>, most: u64| {
        let count = values.len().max(2) - 1;
        let mut points = String::new();
        for (at, value) in values.iter().enumerate() {
            if let Some(value) = value {
                let y = HEIGHT + 1 - (value.min(&most) * HEIGHT / most.max(1));
                let _infallible = write!(points, "{},{y} ", at * WIDTH / count);
            }
        }
        points
    };
    let busy: Vec<_> = pool.past.iter().map(|point| point.busy).collect();
    let waiting = pool.past.iter().map(|point| point.waiting.map(u64::from));
    let waiting: Vec<_> = waiting.collect();
    let most_busy = pool.watched.max_children.map_or(0, u64::from);
    let most_busy = most_busy.max(busy.iter().flatten().copied().max().unwrap_or(1));
    let most_waiting = waiting.iter().flatten().copied().max().unwrap_or(0).max(1);
    let _infallible = write!(
        out,
        "<svg class=\"past wide\" viewBox=\"0 0 {WIDTH} 32\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"busy workers and waiting requests of the last minutes\">\
         <polyline class=\"busy\" points=\"{}\"/><polyline class=\"wait\" points=\"{}\"/></svg>",
        line(busy, most_busy),
        line(waiting, most_waiting)
    );
}
