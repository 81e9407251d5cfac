//! One logarithmic scale for all limits of a ladder, and the bars on it.
//!
//! A logarithmic scale shows 5 seconds and an hour together; what it would squeeze into the same
//! cell is pushed apart, because the order of the limits is what the drawing is for.

use base::ladder::Rung;
use base::{Limit, Millis, SortedMap};

/// Times people think in, in milliseconds, with the label of each.
const TICKS: &[(u64, &str)] = &[
    (1, "1ms"),
    (10, "10ms"),
    (100, "0.1s"),
    (1_000, "1s"),
    (2_000, "2s"),
    (5_000, "5s"),
    (10_000, "10s"),
    (20_000, "20s"),
    (30_000, "30s"),
    (60_000, "1m"),
    (120_000, "2m"),
    (300_000, "5m"),
    (600_000, "10m"),
    (1_800_000, "30m"),
    (3_600_000, "1h"),
    (14_400_000, "4h"),
    (43_200_000, "12h"),
    (86_400_000, "1d"),
    (864_000_000, "10d"),
    (8_640_000_000, "100d"),
];
/// Parts of a cell that Unicode has blocks for.
const PARTS: usize = 8;
const BLOCKS: [&str; PARTS] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/// Different times end at least this many parts apart.
const APART: usize = 12;
/// The scale covers at most this factor. A shorter limit is a stump at the left: a connect
/// timeout of half a second must not squeeze together the limits that race.
const SPAN: f64 = 40.0;
/// Cells behind the longest bar, so that a limit that is off reaches further than any that is on.
const BEHIND: usize = 3;

/// A bar in two strengths.
pub(super) struct Bar {
    /// Until the limit.
    pub solid: String,
    /// From the limit to the latest time at which it may fire.
    pub light: String,
}

/// Where each time ends.
pub(super) struct Scale {
    low: f64,
    high: f64,
    cells: usize,
    /// Ends in parts of a cell, by milliseconds.
    ends: SortedMap<u64, usize>,
}

impl Scale {
    /// A scale on which all limits of these rungs fit.
    pub(super) fn new(rungs: &[Rung], cells: usize) -> Scale {
        let times = rungs.iter().flat_map(|rung| {
            let limit = rung.limit.as_ref().ok().and_then(|l| l.fires_after());
            limit.into_iter().chain(rung.latest)
        });
        let times: Vec<u64> = times.map(|Millis(ms)| ms).filter(|ms| *ms > 0).collect();
        let least = times.iter().min().copied().unwrap_or(1_000);
        let most = times.iter().max().copied().unwrap_or(60_000);
        let low = (float(least) / 2.0).max(float(most) / SPAN);
        let mut scale = Scale {
            low,
            high: float(most),
            cells,
            ends: times.iter().map(|ms| (*ms, 0)).collect(),
        };
        scale.spread();
        scale
    }

    /// The bar of one rung.
    pub(super) fn bar(&self, rung: &Rung) -> Bar {
        let (solid, light) = match &rung.limit {
            Err(_) => ("?".to_owned(), String::new()),
            Ok(Limit::Off) => (
                String::new(),
                "┄".repeat(self.cells.saturating_sub(1)) + "▶",
            ),
            Ok(Limit::AtOnce) => (BLOCKS[1].to_owned(), String::new()),
            Ok(Limit::After(Millis(ms))) => {
                let end = self.end(*ms);
                let solid = "█".repeat(end / PARTS) + BLOCKS[end % PARTS];
                let latest = rung.latest.map_or(0, |Millis(ms)| self.end(ms));
                let light = latest.div_ceil(PARTS).saturating_sub(end.div_ceil(PARTS));
                (solid, "░".repeat(light))
            }
        };
        Bar { solid, light }
    }

    /// Labels, and the line with a mark under the first letter of each.
    pub(super) fn axis(&self) -> (String, String) {
        let mut labels = vec![' '; self.cells];
        let mut line = vec!['─'; self.cells];
        // Round ones first: what comes later must leave them room.
        let rounds = ["1s", "1m", "1h", "1d", "10s", "10m", "30s", "5m"];
        let round = TICKS.iter().filter(|(_, label)| rounds.contains(label));
        let other = TICKS.iter().filter(|(_, label)| !rounds.contains(label));
        for (ms, label) in round.chain(other) {
            let time = float(*ms);
            if time < self.low || time > self.high {
                continue;
            }
            let at = (self.position(time) / PARTS).min(self.cells.saturating_sub(1));
            let from = at.saturating_sub(2);
            let to = at + label.len() + 2;
            if to > self.cells + 2 || labels[from..to.min(self.cells)].iter().any(|c| *c != ' ') {
                continue;
            }
            line[at] = '┬';
            for (cell, letter) in labels[at..].iter_mut().zip(label.chars()) {
                *cell = letter;
            }
        }
        (labels.into_iter().collect(), line.into_iter().collect())
    }

    fn end(&self, ms: u64) -> usize {
        self.ends.get(&ms).copied().unwrap_or(0)
    }

    /// Parts of cells from the left edge.
    fn position(&self, ms: f64) -> usize {
        let room = self.room();
        let share = (ms / self.low).ln() / (self.high / self.low).ln();
        // A share of a few hundred parts, clamped before and after.
        let parts = (share.clamp(0.0, 1.0) * room as f64).round() as usize;
        parts.min(room)
    }

    fn room(&self) -> usize {
        self.cells.saturating_sub(BEHIND) * PARTS
    }

    /// Puts every time at its place, then pushes neighbours apart: to the right first, and back
    /// from the right edge where that went over it.
    fn spread(&mut self) {
        let times: Vec<u64> = self.ends.keys().copied().collect();
        let mut ends: Vec<usize> = times.iter().map(|ms| self.position(float(*ms))).collect();
        let mut least = 1;
        for end in &mut ends {
            *end = (*end).max(least);
            least = *end + APART;
        }
        let mut most = self.room();
        for end in ends.iter_mut().rev() {
            *end = (*end).min(most);
            most = end.saturating_sub(APART);
        }
        self.ends = times.into_iter().zip(ends).collect();
    }
}

/// Exact enough for a drawing; nothing is decided with it.
fn float(ms: u64) -> f64 {
    ms as f64
}
