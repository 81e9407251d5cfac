//! The view for terminals: pools, the requests that take longest, the causes of the last minutes.
//!
//! Drawn from a [`Snapshot`], like the page. It knows no terminal: keys come in as [`Key`], and
//! whoever holds the terminal draws the frame.

mod causes;
mod detail;
mod pools;
mod requests;
mod rows;

use ratatui_core::layout::{Constraint, Layout, Rect};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::terminal::Frame;
use ratatui_core::text::{Line, Span};
use ratatui_widgets::block::Block;
use ratatui_widgets::clear::Clear;
use ratatui_widgets::paragraph::{Paragraph, Wrap};

use crate::snapshot::Snapshot;
use crate::verdict::{Tone, verdict};
use rows::Rows;

/// Below this size nothing can be shown.
const SMALLEST: (u16, u16) = (40, 10);
/// Lines of the verdict at most.
const MOST_SAID: usize = 4;

/// A key, as far as it means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The row above, or the line above of what is open.
    Up,
    /// The row below.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The next panel.
    Next,
    /// The panel before.
    Previous,
    /// Opens the row that is selected.
    Open,
    /// Closes what is open.
    Back,
    /// Stops the picture, or lets it go on.
    Pause,
    /// Explains the keys.
    Help,
    /// Ends it.
    Quit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panel {
    Pools,
    Requests,
    Causes,
}

const PANELS: [Panel; 3] = [Panel::Pools, Panel::Requests, Panel::Causes];

/// What lies over the panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Nothing,
    /// The row that is selected; lines that are scrolled away.
    Detail(u16),
    Help,
}

/// What is shown, and what of it is selected.
#[derive(Clone, Debug)]
pub struct Screen {
    panel: Panel,
    /// The name of the row that is selected in each panel. Rows change their order; the selection
    /// stays with what it means.
    selected: [Option<String>; 3],
    over: Over,
    is_paused: bool,
    has_colour: bool,
    minutes: usize,
}

impl Screen {
    /// Shows causes of the last `minutes` (at most [`crate::minutes::MOST_MINUTES`]).
    pub fn new(minutes: usize, has_colour: bool) -> Screen {
        Screen {
            panel: Panel::Pools,
            selected: [const { None }; 3],
            over: Over::Nothing,
            is_paused: false,
            has_colour,
            minutes,
        }
    }

    /// Whether the picture is to stand still.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Takes a key; whether to go on.
    pub fn press(&mut self, key: Key, snapshot: &Snapshot) -> bool {
        match (key, self.over) {
            (Key::Quit, Over::Nothing) => return false,
            (Key::Quit | Key::Back, _) => self.over = Over::Nothing,
            (Key::Help, Over::Help) => self.over = Over::Nothing,
            (Key::Help, _) => self.over = Over::Help,
            (Key::Pause, _) => self.is_paused = !self.is_paused,
            (_, Over::Help) => {}
            (Key::Open, Over::Detail(_)) => self.over = Over::Nothing,
            (Key::Open, Over::Nothing) => {
                // What is open stays what it is when the rows change their order.
                self.step(0, snapshot);
                self.over = Over::Detail(0);
            }
            (_, Over::Detail(at)) => self.over = Over::Detail(scrolled(at, key)),
            (Key::Next, _) => self.turn(1),
            (Key::Previous, _) => self.turn(PANELS.len() - 1),
            (Key::Up, _) => self.step(-1, snapshot),
            (Key::Down, _) => self.step(1, snapshot),
            (Key::PageUp, _) => self.step(-10, snapshot),
            (Key::PageDown, _) => self.step(10, snapshot),
        }
        true
    }

    fn turn(&mut self, by: usize) {
        let at = (self.panel as usize + by) % PANELS.len();
        self.panel = PANELS[at];
    }

    fn step(&mut self, by: isize, snapshot: &Snapshot) {
        let rows = self.rows(self.panel, snapshot);
        let at = rows.position(self.selected[self.panel as usize].as_deref());
        let last = rows.len().saturating_sub(1);
        let next = at.saturating_add_signed(by).min(last);
        self.selected[self.panel as usize] = rows.name(next);
    }

    fn rows(&self, panel: Panel, snapshot: &Snapshot) -> Rows {
        match panel {
            Panel::Pools => pools::rows(snapshot, self),
            Panel::Requests => requests::rows(snapshot),
            Panel::Causes => causes::rows(snapshot, self),
        }
    }

    /// Draws everything. `notes` are words for whoever runs it, the latest last.
    pub fn draw(&self, snapshot: &Snapshot, notes: &[String], now: i64, frame: &mut Frame<'_>) {
        let area = frame.area();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let words = format!("at least {} × {} are needed", SMALLEST.0, SMALLEST.1);
            frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), area);
            return;
        }
        let said = self.said(snapshot, notes);
        let said_lines = u16::try_from(said.len()).unwrap_or(1);
        let [title, top, panels, keys] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(said_lines),
            Constraint::Min(3),
            Constraint::Length(1),
        ])
        .areas(area);
        frame.render_widget(self.title(snapshot, now), title);
        frame.render_widget(Paragraph::new(said), top);
        self.panels(snapshot, panels, frame);
        frame.render_widget(Paragraph::new(self.keys()), keys);
        match self.over {
            Over::Nothing => {}
            Over::Help => self.open("keys", help(), 0, frame),
            Over::Detail(scroll) => {
                let selected = self.selected[self.panel as usize].as_deref();
                let rows = self.rows(self.panel, snapshot);
                let name = rows.name(rows.position(selected));
                let (title, lines) = match (self.panel, name) {
                    (_, None) => ("nothing".to_owned(), Vec::new()),
                    (Panel::Pools, Some(name)) => detail::pool(snapshot, &name, self),
                    (Panel::Requests, Some(name)) => detail::request(snapshot, &name),
                    (Panel::Causes, Some(name)) => detail::cause(snapshot, &name, now, self),
                };
                self.open(&title, lines, scroll, frame);
            }
        }
    }

    fn title(&self, snapshot: &Snapshot, now: i64) -> Paragraph<'static> {
        let looked = match snapshot.taken {
            0 => "begins".to_owned(),
            taken => format!("looked {} s ago", (now - taken).max(0) / 1000),
        };
        let pools = match snapshot.pools.len() {
            1 => "1 pool".to_owned(),
            many => format!("{many} pools"),
        };
        let mut spans = vec![
            Span::styled("badgateway top", Style::new().add_modifier(Modifier::BOLD)),
            Span::raw(format!("  {pools}, {} logs, {looked}", snapshot.logs.len())),
        ];
        if self.is_paused {
            let style = Style::new().add_modifier(Modifier::REVERSED);
            spans.push(Span::raw("  "));
            spans.push(Span::styled(" paused: p goes on ", style));
        }
        Paragraph::new(Line::from(spans))
    }

    /// What is wrong comes first, and what the program itself has to say last.
    fn said(&self, snapshot: &Snapshot, notes: &[String]) -> Vec<Line<'static>> {
        if snapshot.taken == 0 {
            return vec![Line::raw("the configuration is being read")];
        }
        let mut lines: Vec<_> = verdict(snapshot)
            .into_iter()
            .map(|(tone, words)| Line::styled(format!("{} {words}", sign(tone)), self.tone(tone)))
            .collect();
        let note = notes.last().map(|note| format!("! {note}"));
        let room = MOST_SAID - usize::from(note.is_some());
        lines.truncate(room);
        lines.extend(note.map(|note| Line::styled(note, self.tone(Tone::Warn))));
        lines
    }

    fn panels(&self, snapshot: &Snapshot, area: Rect, frame: &mut Frame<'_>) {
        if area.height < rows::ENOUGH {
            let selected = self.selected[self.panel as usize].as_deref();
            self.rows(self.panel, snapshot)
                .draw(selected, true, area, frame);
            return;
        }
        let all: Vec<Rows> = PANELS
            .iter()
            .map(|panel| self.rows(*panel, snapshot))
            .collect();
        let heights = rows::share(area.height, [0, 1, 2].map(|at| all[at].wanted()));
        let areas: [Rect; 3] = Layout::vertical(heights.map(Constraint::Length)).areas(area);
        for ((panel, rows), area) in PANELS.iter().zip(all).zip(areas) {
            let selected = self.selected[*panel as usize].as_deref();
            let is_current = *panel == self.panel;
            rows.draw(selected, is_current, area, frame);
        }
    }

    fn keys(&self) -> Line<'static> {
        let words = match self.over {
            Over::Nothing => {
                "tab: next panel   ↑↓: row   enter: open   p: pause   ?: help   q: quit"
            }
            _ => "↑↓: scroll   esc: back",
        };
        Line::styled(words, Style::new().add_modifier(Modifier::DIM))
    }

    /// Draws a window over the panels.
    fn open(&self, title: &str, lines: Vec<Line<'static>>, scroll: u16, frame: &mut Frame<'_>) {
        let area = frame.area();
        let inner = Rect {
            x: area.x + 2,
            y: area.y + 2,
            width: area.width - 4,
            height: area.height - 4,
        };
        let block = Block::bordered().title(format!(" {title} "));
        let text = Paragraph::new(lines).wrap(Wrap { trim: false });
        // Scrolling ends where the text ends.
        let most = text.line_count(inner.width - 2);
        let most = u16::try_from(most).unwrap_or(u16::MAX);
        let most = most.saturating_sub(inner.height - 2);
        frame.render_widget(Clear, inner);
        frame.render_widget(text.scroll((scroll.min(most), 0)).block(block), inner);
    }

    /// Colour goes with words, never without.
    fn tone(&self, tone: Tone) -> Style {
        if !self.has_colour {
            return match tone {
                Tone::Bad => Style::new().add_modifier(Modifier::BOLD),
                Tone::Good | Tone::Warn => Style::new(),
            };
        }
        match tone {
            Tone::Good => Style::new().fg(Color::Green),
            Tone::Warn => Style::new().fg(Color::Yellow),
            Tone::Bad => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

/// Where scrolling ends depends on the window, so that is decided where it is drawn.
fn scrolled(at: u16, key: Key) -> u16 {
    match key {
        Key::Up => at.saturating_sub(1),
        Key::Down => at.saturating_add(1).min(1_000),
        Key::PageUp => at.saturating_sub(10),
        Key::PageDown => at.saturating_add(10).min(1_000),
        _ => at,
    }
}

fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "ok",
        Tone::Warn => "? ",
        Tone::Bad => "✗ ",
    }
}

fn help() -> Vec<Line<'static>> {
    let lines = [
        "tab, shift-tab   next panel, panel before",
        "↑ ↓ k j          a row up, down (page up, page down: ten)",
        "enter            open the row: a pool's workers, a request, a cause with its evidence",
        "esc              close",
        "p                let the picture stand still, or go on",
        "q, ctrl-c        quit",
        "",
        "waiting: connections that no worker has taken yet, of how many the kernel lets wait.",
        "The bars are the past: the latest on the right, full is pm.max_children.",
    ];
    lines.map(Line::raw).to_vec()
}

/// A line of small bars; the tallest is `most`.
fn bars(values: impl Iterator<Item = u64>, most: u64) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |value: u64| match value {
        0 => ' ',
        value => {
            let at = (value.min(most.max(1)) * 8).div_ceil(most.max(1));
            BARS[usize::try_from(at).unwrap_or(8).clamp(1, 8) - 1]
        }
    };
    values.map(bar).collect()
}
