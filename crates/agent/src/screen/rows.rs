//! The rows of a panel: drawn, selected by name, scrolled.

use ratatui_core::layout::{Constraint, Rect};
use ratatui_core::style::{Modifier, Style};
use ratatui_core::terminal::Frame;
use ratatui_core::text::Text;
use ratatui_widgets::block::Block;
use ratatui_widgets::table::{Cell, Row, Table, TableState};

/// Lines of a panel's frame and head.
const AROUND: u16 = 3;
/// A panel is never lower: it has room for one row.
const LOWEST: u16 = AROUND + 1;
/// With fewer lines than this there is room for one panel.
pub(super) const ENOUGH: u16 = 3 * LOWEST;

/// A column: its head, its width, and how wide a terminal must be to have it.
pub(super) type Column = (&'static str, Constraint, u16);

/// A panel's rows.
pub(super) struct Rows {
    title: String,
    columns: Vec<Column>,
    rows: Vec<(String, Vec<Text<'static>>)>,
    /// What is said where there is no row.
    empty: String,
}

impl Rows {
    pub(super) fn new(
        title: impl Into<String>,
        columns: &[Column],
        empty: impl Into<String>,
    ) -> Rows {
        Rows {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            empty: empty.into(),
        }
    }

    /// Adds a row with a name that no other has.
    pub(super) fn push(&mut self, name: String, cells: Vec<Text<'static>>) {
        self.rows.push((name, cells));
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the row with this name is; the first one when it has gone.
    pub(super) fn position(&self, name: Option<&str>) -> usize {
        let found = self
            .rows
            .iter()
            .position(|(row, _)| Some(row.as_str()) == name);
        found.unwrap_or(0)
    }

    pub(super) fn name(&self, at: usize) -> Option<String> {
        self.rows.get(at).map(|(name, _)| name.clone())
    }

    /// How many lines it would like.
    pub(super) fn wanted(&self) -> u16 {
        let rows = u16::try_from(self.rows.len().max(1)).unwrap_or(u16::MAX);
        rows.saturating_add(AROUND)
    }

    pub(super) fn draw(
        self,
        selected: Option<&str>,
        is_current: bool,
        area: Rect,
        frame: &mut Frame<'_>,
    ) {
        let at = self.position(selected);
        let style = match is_current {
            true => Style::new().add_modifier(Modifier::BOLD),
            false => Style::new().add_modifier(Modifier::DIM),
        };
        // How many do not fit is said where they would stand.
        let room = usize::from(area.height.saturating_sub(AROUND));
        let title = match self.rows.len() > room {
            true => format!(" {} ({} of {}) ", self.title, at + 1, self.rows.len()),
            false => format!(" {} ", self.title),
        };
        let block = Block::bordered().border_style(style).title(title);
        if self.rows.is_empty() {
            let text = Text::raw(self.empty);
            let inner = block.inner(area);
            frame.render_widget(block, area);
            frame.render_widget(text, inner);
            return;
        }
        let is_shown = |(_, _, needs): &&Column| *needs <= area.width;
        let columns: Vec<_> = self.columns.iter().filter(is_shown).collect();
        let head = Row::new(columns.iter().map(|(name, _, _)| *name));
        let head = head.style(Style::new().add_modifier(Modifier::DIM));
        let widths: Vec<_> = columns.iter().map(|(_, width, _)| *width).collect();
        let rows = self.rows.into_iter().map(|(_, cells)| {
            let cells = self.columns.iter().zip(cells);
            Row::new(
                cells
                    .filter(|(column, _)| is_shown(column))
                    .map(|(_, cell)| Cell::from(cell)),
            )
        });
        let mark = match is_current {
            true => Style::new().add_modifier(Modifier::REVERSED),
            false => Style::new(),
        };
        let table = Table::new(rows, widths)
            .header(head)
            .block(block)
            .row_highlight_style(mark);
        let mut state = TableState::new().with_selected(at);
        frame.render_stateful_widget(table, area, &mut state);
    }
}

/// Shares out lines: whoever wants little gets it, the others get the same; what is left goes to
/// the last.
pub(super) fn share(lines: u16, wanted: [u16; 3]) -> [u16; 3] {
    let mut given = [0; 3];
    let mut order = [0, 1, 2];
    order.sort_by_key(|at| wanted[*at]);
    let mut left = lines;
    for (done, at) in order.into_iter().enumerate() {
        let others = u16::try_from(3 - done).unwrap_or(1);
        given[at] = wanted[at].min(left / others).max(LOWEST.min(left));
        left -= given[at];
    }
    given[2] += left;
    given
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn all_lines_are_shared_out() {
        assert_eq!(share(30, [4, 4, 4]), [4, 4, 22]);
        assert_eq!(share(30, [100, 4, 100]), [13, 4, 13]);
        assert_eq!(share(31, [100, 100, 100]), [10, 10, 11]);
        // Too few for all three.
        for lines in 0..9 {
            let given = share(lines, [100, 100, 100]);
            assert_eq!(given.iter().sum::<u16>(), lines);
        }
    }
}
