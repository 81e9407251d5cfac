//! The timeline: one strip of bars for each cause, all on one scale, and the same as a table.
//!
//! Only the bars are drawn as SVG and stretched to the width there is; names, times and counts are
//! text of the page, so that they stay readable on a phone.

use base::diagnosis::{Diagnosis, Group};

use super::markup::Html;
use super::tables::{Column, table};
use super::{harm_class, section};
use crate::diagnosis::grid::Grid;
use crate::diagnosis::time::{Zone, duration};
use crate::diagnosis::words::{harm_label, many, number};

/// Bars that can still be told apart on a screen.
const MOST: usize = 120;
/// Units of the drawing: a bar with its gap, its height, and the least that is seen.
const BAR: usize = 10;
const HEIGHT: u64 = 100;
const LEAST: u64 = 6;
/// Parts of the axis between two labels. The style places as many.
const QUARTERS: usize = 4;

/// Whether there is anything to draw.
pub(super) fn is_drawn(diagnosis: &Diagnosis) -> bool {
    diagnosis.timeline.is_some() && !diagnosis.groups.is_empty()
}

/// Draws the timeline, if there is one.
pub(super) fn draw(diagnosis: &Diagnosis, h: &mut Html) {
    let Some(timeline) = diagnosis.timeline.filter(|_| is_drawn(diagnosis)) else {
        return;
    };
    let grid = Grid::new(timeline, MOST);
    let zone = Zone(diagnosis.shown_offset);
    let rows: Vec<Vec<u64>> = diagnosis.groups.iter().map(|g| grid.counts(g)).collect();
    let most = rows.iter().flatten().max().copied().unwrap_or(0);
    section("timeline", "When", h, |h| {
        h.tag("figure", &[("class", "chart")], |h| {
            h.tag("figcaption", &[], |h| {
                h.text(&format!(
                    "Incidents by cause, {} {}. One bar is {}; all rows have the same scale, the \
                     full height is {}.",
                    zone.span(grid.begin(0), grid.begin(grid.columns)),
                    zone.name(),
                    duration(grid.step()),
                    many(most, "incident")
                ));
            });
            for (index, (group, counts)) in diagnosis.groups.iter().zip(&rows).enumerate() {
                row(index, group, counts, most, &grid, zone, h);
            }
            axis(&grid, zone, h);
        });
        h.tag("details", &[], |h| {
            h.raw("<summary>The same as a table</summary>");
            numbers(diagnosis, &grid, &rows, zone, h);
        });
    });
}

fn row(
    index: usize,
    group: &Group,
    counts: &[u64],
    most: u64,
    grid: &Grid,
    zone: Zone,
    h: &mut Html,
) {
    h.tag("div", &[("class", "strip")], |h| {
        h.tag("p", &[("class", "name")], |h| {
            let to = format!("#cause-{}", index + 1);
            let name = format!("{}. {}", index + 1, group.cause);
            h.leaf("a", &[("href", &to)], &name);
            let what = format!("{} · {}", number(group.count), harm_label(group.harm));
            h.leaf("span", &[("class", "quiet")], &what);
        });
        h.tag("p", &[("class", "scale"), ("aria-hidden", "true")], |h| {
            h.leaf("span", &[], &number(most));
            h.leaf("span", &[], "0");
        });
        let class = format!("bars {}", harm_class(group.harm));
        let size = format!("0 0 {} {HEIGHT}", grid.columns * BAR);
        let label = told(group, counts, grid, zone);
        let attributes = [
            ("class", class.as_str()),
            ("viewBox", &size),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            ("aria-label", &label),
        ];
        h.tag("svg", &attributes, |h| {
            for quarter in 0..=QUARTERS {
                let x = (grid.columns * BAR * quarter / QUARTERS).to_string();
                line(&x, h);
            }
            for (column, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
                bar(column, *n, most, &zone.when(grid.begin(column)), h);
            }
        });
    });
}

fn line(x: &str, h: &mut Html) {
    let attributes = [
        ("class", "grid"),
        ("x1", x),
        ("x2", x),
        ("y1", "0"),
        ("y2", "100"),
        ("vector-effect", "non-scaling-stroke"),
    ];
    h.tag("line", &attributes, |_| ());
}

fn bar(column: usize, n: u64, most: u64, when: &str, h: &mut Html) {
    let share = u128::from(n) * u128::from(HEIGHT) / u128::from(most.max(1));
    let height = u64::try_from(share).unwrap_or(HEIGHT).clamp(LEAST, HEIGHT);
    let x = (column * BAR + 1).to_string();
    let width = (BAR - 2).to_string();
    let (y, height) = ((HEIGHT - height).to_string(), height.to_string());
    let attributes = [
        ("x", x.as_str()),
        ("y", &y),
        ("width", &width),
        ("height", &height),
    ];
    h.tag("rect", &attributes, |h| {
        h.leaf("title", &[], &format!("{when}: {}", number(n)));
    });
}

/// A row in words, for those who do not see it.
fn told(group: &Group, counts: &[u64], grid: &Grid, zone: Zone) -> String {
    let mut text = format!("{}: {}", group.cause, many(group.count, "incident"));
    let peak = counts.iter().enumerate().rev().max_by_key(|(_, n)| **n);
    if let Some((column, n)) = peak.filter(|(_, n)| **n > 0) {
        let when = zone.when(grid.begin(column));
        let step = duration(grid.step());
        text.push_str(&format!(", at most {} in {step}, from {when}", number(*n)));
    }
    text
}

fn axis(grid: &Grid, zone: Zone, h: &mut Html) {
    h.tag("div", &[("class", "axis"), ("aria-hidden", "true")], |h| {
        for quarter in 0..=QUARTERS {
            let at = i64::try_from(quarter).unwrap_or(0);
            let ms = grid.begin(0).saturating_add(grid.length() / 4 * at);
            // Between two columns a label may need what a column does not.
            let label = zone.tick(ms, grid.length(), grid.step().min(grid.length() / 4));
            h.leaf("span", &[], &label);
        }
    });
}

/// Times down, causes across; times at which nothing happened are left out.
fn numbers(diagnosis: &Diagnosis, grid: &Grid, rows: &[Vec<u64>], zone: Zone, h: &mut Html) {
    let mut columns = vec![Column::text("from")];
    columns.extend(diagnosis.groups.iter().map(|g| Column::number(g.cause)));
    let caption = "Incidents by time and cause; times without any are left out";
    table("timeline-table", caption, &columns, h, |rows_of| {
        for column in 0..grid.columns {
            if rows.iter().all(|row| row[column] == 0) {
                continue;
            }
            rows_of.row(|row| {
                row.time(Some(grid.begin(column)), zone);
                for counts in rows {
                    row.number(counts[column]);
                }
            });
        }
    });
}
