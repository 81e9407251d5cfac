//! `pm.start_servers`, `pm.min_spare_servers` and `pm.max_spare_servers`, within FPM's own bounds:
//! `1 ≤ min ≤ start ≤ max ≤ pm.max_children` (`fpm_conf_process_all_pools`).

use super::demand::Demand;

/// How many workers are kept in stock, as far as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spares {
    /// `pm.start_servers`; FPM takes the middle between the other two where it is left out.
    pub start: Option<u32>,
    /// `pm.min_spare_servers`.
    pub min: Option<u32>,
    /// `pm.max_spare_servers`.
    pub max: Option<u32>,
}

impl Spares {
    /// From what was measured. FPM looks once a second, so what comes within one has to be met by
    /// workers that are free: half of what is between the mean and the peak. More than all of that
    /// need not stand idle.
    pub(super) fn measured(children: u32, demand: &Demand) -> Spares {
        let children = children.max(1);
        let mean = demand.busy().map_or(0, whole);
        let burst = demand.peak.saturating_sub(mean).max(1);
        let min = burst.div_ceil(2).clamp(1, children.div_ceil(2));
        let max = burst.clamp(min, children).max((min + 1).min(children));
        let start = mean.saturating_add(min).clamp(min, max);
        Spares {
            start: Some(start),
            min: Some(min),
            max: Some(max),
        }
    }

    /// The same, changed as little as it takes to be valid. What is not written stays so.
    pub(super) fn within(self, children: u32) -> Spares {
        let children = children.max(1);
        let max = self.max.map(|max| max.clamp(1, children));
        let most = max.unwrap_or(children);
        let min = self.min.map(|min| min.clamp(1, most));
        let least = min.unwrap_or(1);
        Spares {
            start: self.start.map(|start| start.clamp(least, most)),
            min,
            max,
        }
    }

    /// The same for fewer workers. Where more than half of them have to be free, FPM asks for more
    /// all the time and writes that `pm.max_children` is reached.
    pub(super) fn lowered(self, children: u32) -> Spares {
        let half = children.div_ceil(2).max(1);
        let min = self.min.map(|min| min.min(half));
        Spares { min, ..self }.within(children)
    }

    /// The higher of both for each that is written.
    pub(super) fn raised(self, other: Spares) -> Spares {
        let higher = |a: Option<u32>, b: Option<u32>| Some(a?.max(b.unwrap_or(0)));
        Spares {
            start: higher(self.start, other.start),
            min: higher(self.min, other.min),
            max: higher(self.max, other.max),
        }
    }
}

/// Rounded up; no number of workers has 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and what is below zero is zero"
)]
pub(super) fn whole(n: f64) -> u32 {
    n.ceil() as u32
}
