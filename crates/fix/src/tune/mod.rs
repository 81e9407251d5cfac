//! How many workers a pool should have, from what was measured: arithmetic alone.
//!
//! ```text
//! worker    what one worker takes, from many that were looked at
//! demand    how many are needed at once
//! divide    what fits into the memory, for all pools that share it
//! advise    what to change, and why
//! spares    start and spare servers within FPM's own bounds
//! queue     how long a queue makes sense
//! edits     the same in the files
//! ```
//!
//! Nothing is recommended that was not measured: what is missing is [`Unknown`].

mod advise;
mod demand;
mod divide;
mod edits;
mod queue;
mod spares;
mod worker;

pub use advise::{Advice, Ask, Family, Memory, Pool, Reason, Unknown, advise};
pub use demand::{Demand, LEAST_REQUESTS, LEAST_SECONDS, Wanted};
pub use edits::{Kept, Setting, change_of, changed};
pub use queue::{Backlog, Queue};
pub use spares::Spares;
pub use worker::{Growth, One, Worker};

/// `pm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// As many workers as may be, always.
    Static,
    /// Some in stock, more when they are needed.
    Dynamic,
    /// None before the first request.
    Ondemand,
}

impl Manager {
    /// As FPM reads it: without regard to case.
    pub fn parse(text: &[u8]) -> Option<Manager> {
        let all = [Manager::Static, Manager::Dynamic, Manager::Ondemand];
        all.into_iter()
            .find(|one| text.eq_ignore_ascii_case(one.word().as_bytes()))
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Manager::Static => "static",
            Manager::Dynamic => "dynamic",
            Manager::Ondemand => "ondemand",
        }
    }
}

/// How a pool is set now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// `pm`.
    pub manager: Manager,
    /// `pm.max_children`.
    pub children: u32,
    /// `pm.start_servers` and what belongs to it, where they are written.
    pub spares: Spares,
    /// `pm.max_requests`; 0 for never.
    pub max_requests: u32,
    /// `listen.backlog`; nothing for as much as the kernel allows.
    pub backlog: Option<u32>,
}

/// `n` and a quarter, rounded up, but at least one more: what was seen is rarely the most there
/// will be.
fn with_headroom(n: u32) -> u32 {
    n.saturating_add(n.div_ceil(4).max(1))
}

/// Whether a number differs so much that changing it is worth a restart: by more than a fifth.
fn differs(old: u32, new: u32) -> bool {
    u64::from(old.abs_diff(new)) * 5 > u64::from(old)
}

#[cfg(test)]
mod tests;
