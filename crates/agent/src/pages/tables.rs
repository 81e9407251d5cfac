//! What stands below the causes: chains, logs, the agent itself.

use std::fmt::Write;

use super::markup::text;
use crate::metrics::state_of;
use crate::snapshot::{PushView, RouteView, Snapshot};

/// Rows of a table.
const MOST_ROWS: usize = 100;

/// The chain of each route; the limits that are not below the next one are marked.
pub(super) fn chains(out: &mut String, snapshot: &Snapshot) {
    let routes = &snapshot.config.routes;
    if routes.is_empty() {
        return;
    }
    *out += "<h2>Time limits of the routes</h2><div class=\"scroll\"><table><tr><th>route</th><th>pool\
             </th><th>max_execution_time</th><th>request_terminate_timeout</th><th>fastcgi_read_timeout\
             </th><th>chain</th></tr>";
    let rank = |route: &&RouteView| match state_of(route) {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    };
    let mut sorted: Vec<&RouteView> = routes.iter().collect();
    sorted.sort_by_key(rank);
    for route in sorted.iter().take(MOST_ROWS) {
        let _infallible = write!(
            out,
            "<tr><td>{}</td><td data-name=\"pool\" class=\"n\">{}</td>",
            text(&route.route),
            text(&route.pool)
        );
        let [first, second] = route.holds().map(|(_, holds)| holds == Some(false));
        for (link, is_broken) in route.links.iter().zip([first, first || second, second]) {
            let class = if is_broken { "n bad" } else { "n" };
            let shown = match &link.limit {
                Ok(Some(limit)) => limit.to_string(),
                Ok(None) => "never".to_owned(),
                Err(_) => "not known".to_owned(),
            };
            let _infallible = write!(
                out,
                "<td data-name=\"{}\" class=\"{class}\">{}</td>",
                link.name,
                text(&shown)
            );
        }
        let (class, word) = match state_of(route) {
            Some(true) => ("good", "holds"),
            Some(false) => ("bad", "is broken"),
            None => ("warn", "not known"),
        };
        let _infallible = write!(
            out,
            "<td data-name=\"chain\" class=\"n {class}\">{word}</td></tr>"
        );
    }
    *out += "</table></div>";
    if sorted.len() > MOST_ROWS {
        let more = sorted.len() - MOST_ROWS;
        let _infallible = write!(
            out,
            "<p class=\"dim\">{more} more: <code>badgateway chain</code></p>"
        );
    }
}

/// The logs that are followed.
pub(super) fn logs(out: &mut String, snapshot: &Snapshot) {
    *out += "<h2>Logs</h2>";
    if snapshot.logs.is_empty() {
        *out += "<p class=\"warn\">No log is followed: causes cannot be told.</p>";
        return;
    }
    *out += "<div class=\"scroll\"><table><tr><th>log</th><th>kind</th><th>lines</th><th>unread</th>\
             <th></th></tr>";
    for log in snapshot.logs.iter().take(MOST_ROWS) {
        let of_log = snapshot.counts.lines.series();
        let lines: u64 = of_log
            .filter(|(labels, _)| labels.first() == Some(&log.name))
            .map(|(_, count)| count)
            .sum();
        let (class, words) = match &log.problem {
            Some(problem) => ("warn", problem.as_str()),
            None => ("good", "is read"),
        };
        let _infallible = write!(
            out,
            "<tr><td>{}</td><td data-name=\"kind\" class=\"n\">{}</td><td data-name=\"lines\" class=\"n\">{lines}\
             </td><td data-name=\"unread\" class=\"n\">{} bytes</td><td class=\"{class}\">{}</td></tr>",
            text(&log.name),
            text(&log.kind),
            log.lag,
            text(words)
        );
    }
    *out += "</table></div>";
}

/// What is wrong with the agent itself, and where more can be read.
pub(super) fn own(out: &mut String, snapshot: &Snapshot) {
    *out += "<h2>The agent</h2>";
    for problem in snapshot.config.problems.iter().take(10) {
        let _infallible = write!(
            out,
            "<p class=\"warn\">configuration: {}</p>",
            text(problem)
        );
    }
    if let Some(problem) = &snapshot.own.save_problem {
        let _infallible = write!(out, "<p class=\"warn\">{}</p>", text(problem));
    }
    if let Some(push) = &snapshot.own.push {
        pushed(out, push);
    }
    let findings: Vec<String> = (snapshot.config.findings.iter())
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let findings = match findings.is_empty() {
        true => "nothing".to_owned(),
        false => findings.join(", "),
    };
    let _infallible = write!(
        out,
        "<p class=\"dim\"><code>badgateway check</code> finds: {}. Looked at {} (UTC), since {}. \
         <a href=\"/metrics\">/metrics</a> <a href=\"/incidents\">/incidents</a> \
         <a href=\"/readyz\">/readyz</a></p>",
        text(&findings),
        super::moment(snapshot.taken),
        super::moment(snapshot.began)
    );
}

fn pushed(out: &mut String, push: &PushView) {
    if let Some(problem) = &push.problem {
        let _infallible = write!(out, "<p class=\"warn\">{}</p>", text(problem));
    }
    let lost = match push.dropped {
        0 => String::new(),
        lost => format!(", <span class=\"warn\">{lost} given up</span>"),
    };
    let _infallible = write!(
        out,
        "<p class=\"dim\">Pushed to a collector: {} incidents taken{lost}, {} bytes wait.</p>",
        push.sent, push.buffered
    );
}
