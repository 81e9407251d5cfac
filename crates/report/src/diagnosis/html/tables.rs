//! Tables: how they are made, that of causes, and that of single incidents.
//!
//! On a narrow screen the rows become cards, in which every cell tells its column. That takes from
//! a browser what a table is; the roles give it back.

use base::diagnosis::{Confidence, Diagnosis, Group};

use super::markup::Html;
use super::{badge, section, time};
use crate::diagnosis::said::said;
use crate::diagnosis::time::Zone;
use crate::diagnosis::words::{harm_label, number, rate};

/// Incidents that are listed; for more of them there is JSON.
const INCIDENTS: usize = 1000;

/// A column's heading.
pub(super) struct Column {
    name: &'static str,
    class: &'static str,
}

impl Column {
    pub(super) fn text(name: &'static str) -> Column {
        Column { name, class: "" }
    }

    pub(super) fn number(name: &'static str) -> Column {
        Column { name, class: "n" }
    }
}

/// Rows of a table.
pub(super) struct Rows<'a> {
    columns: &'a [Column],
    h: &'a mut Html,
}

impl Rows<'_> {
    pub(super) fn row(&mut self, inside: impl FnOnce(&mut Row<'_>)) {
        let columns = self.columns;
        self.h.tag("tr", &[("role", "row")], |h| {
            inside(&mut Row { columns, at: 0, h });
        });
    }
}

/// Cells of a row.
pub(super) struct Row<'a> {
    columns: &'a [Column],
    at: usize,
    h: &'a mut Html,
}

impl Row<'_> {
    /// A cell; `sort` is what it is sorted by.
    pub(super) fn cell(&mut self, sort: &str, inside: impl FnOnce(&mut Html)) {
        let Some(column) = self.columns.get(self.at) else {
            return;
        };
        // The first cell names the row.
        let (tag, role) = match self.at {
            0 => ("th", "rowheader"),
            _ => ("td", "cell"),
        };
        let mut attributes = vec![("role", role), ("data-label", column.name)];
        if tag == "th" {
            attributes.push(("scope", "row"));
        }
        if !column.class.is_empty() {
            attributes.push(("class", column.class));
        }
        if !sort.is_empty() {
            attributes.push(("data-sort", sort));
        }
        self.at += 1;
        // One thing beside the name of the column, where cells are grids.
        self.h.tag(tag, &attributes, |h| h.tag("div", &[], inside));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.cell("", |h| h.excerpt_or_dash(text));
    }

    pub(super) fn number(&mut self, n: u64) {
        self.cell(&n.to_string(), |h| h.text(&number(n)));
    }

    pub(super) fn time(&mut self, ms: Option<i64>, zone: Zone) {
        let sort = ms.map_or(String::new(), |ms| ms.to_string());
        self.cell(&sort, |h| match ms {
            Some(ms) => time(ms, zone, h),
            None => h.raw("–"),
        });
    }
}

impl Html {
    fn excerpt_or_dash(&mut self, text: &str) {
        match text.is_empty() {
            true => self.raw("–"),
            false => self.excerpt(text),
        }
    }
}

/// A table with its caption and rows.
pub(super) fn table(
    id: &str,
    caption: &str,
    columns: &[Column],
    h: &mut Html,
    inside: impl FnOnce(&mut Rows<'_>),
) {
    h.tag("table", &[("id", id), ("role", "table")], |h| {
        h.leaf("caption", &[], caption);
        h.tag("thead", &[("role", "rowgroup")], |h| {
            h.tag("tr", &[("role", "row")], |h| {
                for column in columns {
                    let attributes = [
                        ("role", "columnheader"),
                        ("scope", "col"),
                        ("class", column.class),
                    ];
                    h.leaf("th", &attributes, column.name);
                }
            });
        });
        h.tag("tbody", &[("role", "rowgroup")], |h| {
            inside(&mut Rows { columns, h });
        });
    });
}

/// All causes at a glance.
pub(super) fn causes(diagnosis: &Diagnosis, h: &mut Html) {
    if diagnosis.groups.is_empty() {
        return;
    }
    let columns = [
        Column::text("cause"),
        Column::text("sure"),
        Column::text("what it did"),
        Column::number("count"),
        Column::text("first"),
        Column::text("last"),
        Column::number("rate"),
    ];
    let zone = Zone(diagnosis.shown_offset);
    section("overview", "At a glance", h, |h| {
        table("causes-table", "Causes, worst first", &columns, h, |rows| {
            for (index, group) in diagnosis.groups.iter().enumerate() {
                rows.row(|row| {
                    row.cell(group.cause, |h| link(index, group, h));
                    let sure = match group.confidence {
                        Confidence::Undetermined => "0",
                        Confidence::Likely => "1",
                        Confidence::Certain => "2",
                    };
                    row.cell(sure, |h| badge(group.confidence, h));
                    row.cell("", |h| h.text(harm_label(group.harm)));
                    row.number(group.count);
                    row.time(group.seen.map(|(first, _)| first), zone);
                    row.time(group.seen.map(|(_, last)| last), zone);
                    let rate = rate(group);
                    let sort = rate.as_ref().map_or(0.0, |_| group.per_hour);
                    row.cell(&sort.to_string(), |h| {
                        h.text(rate.as_deref().unwrap_or("–"));
                    });
                });
            }
        });
    });
}

/// The way to a cause.
pub(super) fn link(index: usize, group: &Group, h: &mut Html) {
    let to = format!("#cause-{}", index + 1);
    let name = format!("{}. {}", index + 1, group.cause);
    h.leaf("a", &[("href", &to)], &name);
}

/// Single incidents, when they were asked for.
pub(super) fn incidents(diagnosis: &Diagnosis, h: &mut Html) {
    let all = &diagnosis.incidents;
    if all.is_empty() {
        return;
    }
    let columns = [
        Column::text("time"),
        Column::number("status"),
        Column::text("request"),
        Column::text("route"),
        Column::text("pool"),
        Column::text("cause"),
        Column::text("from"),
    ];
    let zone = Zone(diagnosis.shown_offset);
    section("incidents", "Incidents", h, |h| {
        if all.len() > INCIDENTS {
            let text = format!(
                "The first {} of {}; JSON has all of them.",
                number(INCIDENTS as u64),
                number(all.len() as u64)
            );
            h.leaf("p", &[("class", "warning")], &text);
        }
        let caption = "Incidents in order of time";
        table("incidents-table", caption, &columns, h, |rows| {
            for incident in all.iter().take(INCIDENTS) {
                rows.row(|row| {
                    row.time(incident.time, zone);
                    let status = match incident.status {
                        0 => "–".to_owned(),
                        status => status.to_string(),
                    };
                    row.cell(&incident.status.to_string(), |h| h.text(&status));
                    let times = match incident.count {
                        0 | 1 => String::new(),
                        n => format!(" ({} equal ones)", number(n)),
                    };
                    row.text(&format!("{}{times}", incident.request));
                    row.text(&incident.route);
                    row.text(match incident.pool.is_empty() {
                        true => &incident.upstream,
                        false => &incident.pool,
                    });
                    let mut cause = format!("{}, {}", incident.cause, incident.confidence.word());
                    if !incident.candidates.is_empty() {
                        cause = incident.candidates.join(" or ");
                    }
                    row.cell("", |h| h.text(&cause));
                    let from = incident.evidence.iter();
                    let from = from.map(|line| format!("{}:{}", said(&line.file), line.line));
                    row.text(&from.collect::<Vec<_>>().join(", "));
                });
            }
        });
    });
}
