//! How many workers are needed at once, from what FPM counts since it started.

use super::with_headroom;

/// Fewer requests say nothing.
pub const LEAST_REQUESTS: u64 = 100;
/// A shorter time says nothing either.
pub const LEAST_SECONDS: u64 = 30;

/// What was seen of a pool's work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Demand {
    /// Seconds since it began.
    pub up: u64,
    /// Requests it has taken since, questions of ours left out.
    pub accepted: u64,
    /// The most workers that were busy at once.
    pub peak: u32,
    /// How often no more could be started (`max children reached`).
    pub reached: u64,
    /// Requests that waited when they were looked at, or the most that FPM has seen wait.
    pub waited: u64,
    /// How long requests take, in microseconds: the mean of each worker's last one.
    pub duration: Option<u64>,
    /// Requests a second while it was looked at, when that was long enough.
    pub rate_now: Option<f64>,
}

/// How many workers are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// So many.
    pub workers: u32,
    /// All were busy, so nobody knows how many it would have taken: twice as many are a step.
    pub was_full: bool,
}

impl Demand {
    /// Whether that is enough to say anything; if not, why, for people.
    ///
    /// # Errors
    /// What is missing.
    pub fn enough(&self) -> Result<(), String> {
        if self.up < LEAST_SECONDS {
            return Err(format!(
                "PHP-FPM has started {} seconds ago: ask again after some usual traffic",
                self.up
            ));
        }
        if self.accepted < LEAST_REQUESTS {
            return Err(format!(
                "it has had {} requests, and fewer than {LEAST_REQUESTS} say nothing: ask again \
                 after some usual traffic",
                self.accepted
            ));
        }
        Ok(())
    }

    /// How many are needed, where so many may be now. `max children reached` alone is no sign that
    /// all were busy: FPM counts it, too, when it cannot keep as many spare ones as it should. And
    /// `static` never counts it, so there all being busy at once is the only sign.
    pub fn wanted(&self, children: u32, is_static: bool) -> Wanted {
        let peak = self.peak.min(children);
        // The question for the status keeps the only worker of a pool busy.
        let all_busy = children > 1 && peak == children;
        let was_full = self.waited > 0 || (all_busy && (is_static || self.reached > 0));
        Wanted {
            workers: match was_full {
                true => children.saturating_mul(2),
                false => with_headroom(peak),
            },
            was_full,
        }
    }

    /// Requests a second since the start.
    pub fn rate(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no count of requests has 53 bits"
        )]
        let (accepted, up) = (self.accepted as f64, self.up.max(1) as f64);
        accepted / up
    }

    /// How long a request takes, in seconds.
    pub fn seconds(&self) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no time of a request has 53 bits"
        )]
        self.duration.map(|micros| micros as f64 / 1e6)
    }

    /// How many are busy on average: so many come a second, so long each takes (Little's law).
    pub fn busy(&self) -> Option<f64> {
        Some(self.rate() * self.seconds()?)
    }

    /// Requests a second when most were busy, by the same law; of short requests a moment's peak
    /// would make thousands a second, so it is at most ten times the mean.
    pub fn peak_rate(&self) -> f64 {
        let by_law = self.seconds().filter(|seconds| *seconds > 0.0);
        let by_law = by_law.map_or(0.0, |seconds| f64::from(self.peak) / seconds);
        let rate = self.rate();
        by_law
            .min(10.0 * rate)
            .max(rate)
            .max(self.rate_now.unwrap_or(0.0))
    }
}
