//! One row of blocks for each cause, all on one scale: a flood must not look like a drop.

use base::diagnosis::Diagnosis;

use super::pen::Pen;
use crate::diagnosis::grid::Grid;
use crate::diagnosis::time::{Zone, duration};
use crate::diagnosis::words::number;
use crate::paint::Ink;
use crate::text::columns;

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 8] = [".", ":", "-", "=", "+", "*", "#", "@"];
/// A column of the timeline gets no more cells than that.
const WIDEST: usize = 4;
/// Cells between the beginnings of two labels of the axis, beside their length.
const APART: usize = 3;

/// Draws the timeline, if there is one.
pub(super) fn draw(diagnosis: &Diagnosis, pen: &mut Pen) {
    let Some(timeline) = diagnosis.timeline else {
        return;
    };
    if diagnosis.groups.is_empty() {
        return;
    }
    let labels: Vec<String> = diagnosis
        .groups
        .iter()
        .enumerate()
        .map(|(index, group)| format!("{} {}", index + 1, group.cause))
        .collect();
    let totals: Vec<String> = diagnosis.groups.iter().map(|g| number(g.count)).collect();
    let label = labels.iter().map(|l| columns(l)).max().unwrap_or(0);
    let total = totals.iter().map(|t| columns(t)).max().unwrap_or(0);
    let indent = label + 2 + total + 1;
    let room = pen.width.saturating_sub(indent + 2).max(8);
    let grid = Grid::new(timeline, room);
    let cells = (room / grid.columns).clamp(1, WIDEST);
    let rows: Vec<Vec<u64>> = diagnosis.groups.iter().map(|g| grid.counts(g)).collect();
    let most = rows.iter().flatten().max().copied().unwrap_or(0);
    pen.gap();
    heading(diagnosis, &grid, most, pen);
    for ((row, label_text), total_text) in rows.iter().zip(&labels).zip(&totals) {
        let bar: String = row
            .iter()
            .map(|n| block(*n, most, pen).repeat(cells))
            .collect();
        let edge = if pen.look.ascii { "|" } else { "│" };
        let line = format!(
            "{label_text:label$}  {total_text:>total$} {}{}{}",
            pen.ink(edge, Ink::Dim),
            pen.ink(&bar, Ink::Red),
            pen.ink(edge, Ink::Dim)
        );
        pen.raw(&line);
    }
    let (ticks, times) = axis(&grid, cells, Zone(diagnosis.shown_offset), pen.look.ascii);
    let indent = " ".repeat(indent);
    for text in [ticks, times] {
        let text = pen.ink(&text, Ink::Dim);
        pen.raw(&format!("{indent}{text}"));
    }
}

fn heading(diagnosis: &Diagnosis, grid: &Grid, most: u64, pen: &mut Pen) {
    let zone = Zone(diagnosis.shown_offset);
    let (from, to) = (grid.begin(0), grid.begin(grid.columns));
    let span = format!("{} {}", zone.span(from, to), zone.name());
    let text = format!(
        "{span}; a column is {}, the fullest holds {}",
        duration(grid.step()),
        number(most)
    );
    pen.labelled(0, "timeline", Ink::Bold, &text);
}

/// The cells of one column. What is not nothing is always seen.
fn block(n: u64, most: u64, pen: &Pen) -> &'static str {
    let blocks = if pen.look.ascii { ASCII } else { BLOCKS };
    match n {
        0 => " ",
        n => {
            let level = (u128::from(n) * 8).div_ceil(u128::from(most.max(1)));
            let level = usize::try_from(level).unwrap_or(8).clamp(1, 8);
            blocks[level - 1]
        }
    }
}

/// The line with marks, and the times under them. The last label is where the axis ends.
fn axis(grid: &Grid, cells: usize, zone: Zone, ascii: bool) -> (String, String) {
    let all = grid.columns * cells;
    let label = |column| zone.tick(grid.begin(column), grid.length(), grid.step());
    let (line, mark) = if ascii { ('-', '+') } else { ('─', '┬') };
    let mut ticks = vec![line; all + 2];
    let mut times: Vec<char> = Vec::new();
    let last = label(grid.columns);
    // The end's label may stand out to the left of its mark, never over another.
    let last_at = (all + 1).saturating_sub(columns(&last) - 1);
    let mut put = |at: usize, tick: usize, text: &str| {
        times.resize(times.len().max(at), ' ');
        times.extend(text.chars());
        ticks[tick] = mark;
    };
    let mut free = 0;
    for column in 0..grid.columns {
        let text = label(column);
        let at = column * cells + 1;
        if at >= free && at + columns(&text) + APART <= last_at {
            put(at, at, &text);
            free = at + columns(&text) + APART + columns(&text) / 2;
        }
    }
    put(last_at, all + 1, &last);
    (ticks.into_iter().collect(), times.into_iter().collect())
}
