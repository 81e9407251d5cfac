//! How long the queue in front of a pool should be.

use super::demand::Demand;
use super::differs;
use super::spares::whole;

/// A queue and its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many may wait now, by the kernel: what was set when the socket was opened.
    pub in_force: Option<u32>,
    /// `net.core.somaxconn`.
    pub somaxconn: Option<u32>,
}

/// What is to be said of `listen.backlog`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backlog {
    /// Requests a second at the peak.
    pub rate: f64,
    /// So many should be able to wait.
    pub wanted: u32,
    /// So many can, after the next restart; nothing when the kernel does not tell its limit.
    pub now: Option<u32>,
    /// What to set.
    pub change: Option<u32>,
    /// The kernel allows fewer than are wanted.
    pub is_capped: bool,
}

/// A page with its pictures and a few visitors, and what nginx itself asks for.
const LEAST: u32 = 511;
/// Nobody waits at the end of a longer one.
const MOST: u32 = 65_535;

impl Backlog {
    /// From the rate and the time that a visitor may wait.
    pub(super) fn of(set: Option<u32>, queue: &Queue, demand: &Demand, wait: f64) -> Backlog {
        let rate = demand.peak_rate();
        let wanted = whole(rate * wait).clamp(LEAST, MOST);
        let most = queue.somaxconn;
        let now = match (set, most) {
            (Some(set), Some(most)) => Some(set.min(most)),
            (None, most) => most,
            (set, None) => set,
        };
        let lacks = now.is_some_and(|now| now < wanted && differs(now, wanted));
        let possible = wanted.min(most.unwrap_or(MOST));
        let helps = lacks && set.is_some_and(|set| set < possible && differs(set, possible));
        Backlog {
            rate,
            wanted,
            now,
            change: helps.then_some(possible),
            is_capped: lacks && possible < wanted,
        }
    }
}
