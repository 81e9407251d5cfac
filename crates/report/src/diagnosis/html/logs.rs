//! What was read: where every line went, which clocks are doubtful, what was not understood.

use base::diagnosis::{Diagnosis, LogSource};

use super::cause::log_line;
use super::markup::Html;
use super::section;
use super::tables::{Column, table};
use crate::diagnosis::time::Zone;
use crate::diagnosis::words::{many, number, zone};

/// Draws the logs.
pub(super) fn draw(diagnosis: &Diagnosis, h: &mut Html) {
    if diagnosis.sources.is_empty() {
        return;
    }
    let columns = [
        Column::text("log"),
        Column::text("kind"),
        Column::text("from and to"),
        Column::number("lines"),
        Column::number("matched"),
        Column::number("irrelevant"),
        Column::number("not understood"),
        Column::number("outside"),
    ];
    let shown = Zone(diagnosis.shown_offset);
    section("logs", "What was read", h, |h| {
        let caption = "Logs, and where every line of them went; outside means outside of the \
                       asked time";
        table("logs-table", caption, &columns, h, |rows| {
            for source in &diagnosis.sources {
                rows.row(|row| {
                    row.text(&source.file);
                    row.cell("", |h| h.text(&source.kind));
                    let sort = source
                        .span
                        .map_or(String::new(), |(from, _)| from.to_string());
                    row.cell(&sort, |h| match source.span {
                        Some((from, to)) => h.text(&shown.span(from, to)),
                        None => h.raw("–"),
                    });
                    row.number(source.lines);
                    row.number(source.matched);
                    row.number(source.irrelevant);
                    row.number(source.not_understood);
                    row.number(source.outside);
                });
            }
        });
        h.tag("ul", &[("class", "logs")], |h| {
            diagnosis
                .sources
                .iter()
                .for_each(|source| remarks(source, h));
        });
    });
}

fn remarks(source: &LogSource, h: &mut Html) {
    h.tag("li", &[], |h| {
        h.leaf("span", &[("class", "file")], &source.file);
        let (clock, is_doubtful) = zone(source);
        let class = if is_doubtful { "warning" } else { "quiet" };
        h.leaf("p", &[("class", class)], &clock);
        if source.jumps > 0 {
            let text = format!(
                "its clock went back by more than a minute {}: the order of what follows is in doubt",
                many(source.jumps, "time")
            );
            h.leaf("p", &[("class", "warning")], &text);
        }
        if !source.statuses.is_empty() {
            let counts = source.statuses.iter().map(|(status, n)| format!("{status} {}", number(*n)));
            let text = format!("answers: {}", counts.collect::<Vec<_>>().join(", "));
            h.leaf("p", &[("class", "quiet")], &text);
        }
        if source.not_understood > 0 {
            let text = format!("{} not understood", many(source.not_understood, "line"));
            h.tag("details", &[], |h| {
                h.leaf("summary", &[], &text);
                h.tag("ul", &[("class", "lines")], |h| {
                    for (line, text) in &source.examples {
                        h.tag("li", &[], |h| log_line(&source.file, *line, Some(text), h));
                    }
                });
            });
        }
    });
}
