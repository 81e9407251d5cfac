//! How far the logs were read, and since when.
//!
//! An incident is counted when everything up to its moment was read some time ago. That is told
//! from the times in the lines and from when they were read, not from the clock alone: a log in
//! another zone, or one that is read late, is given the same time to be complete.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Moments up to which lines were read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When a later moment was first met than ever before, oldest first.
    met: VecDeque<(Instant, i64)>,
    /// The moment that was met long enough ago.
    settled: Option<i64>,
    /// The latest moment.
    latest: Option<i64>,
}

/// Two moments this close together are one.
const STEP: Duration = Duration::from_millis(200);

impl Progress {
    /// Begins with what an earlier agent had read.
    pub(super) fn new(latest: Option<i64>) -> Progress {
        let mut progress = Progress::default();
        progress.read(latest, Instant::now());
        progress
    }

    /// Lines up to a moment were read.
    pub(super) fn read(&mut self, moment: Option<i64>, now: Instant) {
        let Some(moment) = moment.filter(|moment| self.latest.is_none_or(|last| *moment > last))
        else {
            return;
        };
        self.latest = Some(moment);
        match self.met.back_mut() {
            Some((at, last)) if now.duration_since(*at) < STEP => *last = moment,
            _ => self.met.push_back((now, moment)),
        }
    }

    /// Up to where all was read `settle` ago: what was before that can be counted. `None` while
    /// nothing has.
    pub(super) fn settled(&mut self, settle: Duration, now: Instant) -> Option<i64> {
        while let Some((at, moment)) = self.met.front() {
            // A moment may have been moved on within its step.
            if now.duration_since(*at) < settle + STEP {
                break;
            }
            self.settled = Some(moment.saturating_add(1));
            self.met.pop_front();
        }
        self.settled
    }

    /// The latest moment.
    pub(super) fn latest(&self) -> Option<i64> {
        self.latest
    }

    /// Whether something was read that has not had its time.
    pub(super) fn waits(&self, settle: Duration, now: Instant) -> bool {
        let front = self.met.front();
        front.is_some_and(|(at, _)| now.duration_since(*at) < settle + STEP)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Progress;

    #[test]
    fn a_moment_is_settled_when_it_was_read_long_enough_ago() {
        let settle = Duration::from_secs(5);
        let begin = Instant::now();
        let after = |seconds: f64| begin + Duration::from_secs_f64(seconds);
        let mut progress = Progress::new(None);
        assert_eq!(progress.settled(settle, after(100.0)), None);
        progress.read(Some(1_000), after(0.0));
        progress.read(Some(900), after(1.0));
        progress.read(None, after(1.0));
        progress.read(Some(3_000), after(2.0));
        assert_eq!(progress.settled(settle, after(4.0)), None);
        assert!(progress.waits(settle, after(4.0)));
        assert_eq!(progress.settled(settle, after(5.5)), Some(1_001));
        assert_eq!(progress.settled(settle, after(7.5)), Some(3_001));
        assert_eq!(progress.settled(settle, after(99.0)), Some(3_001));
        assert_eq!(progress.latest(), Some(3_000));
    }

    /// Lines that come all the time do not keep what was before them from being counted.
    #[test]
    fn what_comes_all_the_time_is_settled_too() {
        let settle = Duration::from_secs(5);
        let begin = Instant::now();
        let mut progress = Progress::new(None);
        for ms in 0..20_000_u32 {
            let at = begin + Duration::from_millis(u64::from(ms));
            progress.read(Some(i64::from(ms)), at);
        }
        let settled = progress.settled(settle, begin + Duration::from_secs(20));
        assert!(
            settled.is_some_and(|ms| (14_000..=15_001).contains(&ms)),
            "{settled:?}"
        );
    }
}
