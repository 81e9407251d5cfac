//! How many requests failed in each of the last minutes, by cause.

use std::collections::BTreeMap;

use base::diagnosis::Harm;

/// How many minutes are kept.
pub const MOST_MINUTES: usize = 60;
/// Milliseconds of one.
const MINUTE: i64 = 60_000;

/// Failed requests of the last hour. Moments are milliseconds since 1970, UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minutes(BTreeMap<(i64, &'static str), Count>);

/// What happened in a minute for one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    all: u64,
    /// Those that a retry has hidden from whoever asked.
    hidden: u64,
}

impl Minutes {
    /// Counts requests that failed at a moment, and forgets what is too old `now`.
    pub fn add(&mut self, cause: &'static str, harm: Harm, at: i64, count: u64, now: i64) {
        let oldest = now.div_euclid(MINUTE) - MOST_MINUTES as i64;
        while let Some(entry) = self.0.first_entry()
            && entry.key().0 <= oldest
        {
            entry.remove();
        }
        // A log may be ahead of this clock.
        let minute = at.min(now).div_euclid(MINUTE);
        if minute <= oldest {
            return;
        }
        let entry = self.0.entry((minute, cause)).or_default();
        entry.all = entry.all.saturating_add(count);
        if harm == Harm::Hidden {
            entry.hidden = entry.hidden.saturating_add(count);
        }
    }

    /// Requests that have failed for whoever asked, in the last `minutes`.
    pub fn failed(&self, now: i64, minutes: usize) -> u64 {
        let counts = self.since(now, minutes);
        counts.map(|(_, count)| count.all - count.hidden).sum()
    }

    /// The causes of the last `minutes`, each with its requests by minute, the latest last.
    pub fn by_cause(&self, now: i64, minutes: usize) -> BTreeMap<&'static str, Vec<u64>> {
        let first = now.div_euclid(MINUTE) + 1 - minutes as i64;
        let mut causes: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for ((minute, cause), count) in self.since(now, minutes) {
            let row = causes.entry(*cause).or_insert_with(|| vec![0; minutes]);
            let at = usize::try_from(minute - first).unwrap_or(0);
            if let Some(cell) = row.get_mut(at) {
                *cell += count.all;
            }
        }
        causes
    }

    fn since(
        &self,
        now: i64,
        minutes: usize,
    ) -> impl Iterator<Item = (&(i64, &'static str), &Count)> {
        let first = now.div_euclid(MINUTE) + 1 - minutes as i64;
        self.0.range((first, "")..)
    }
}

#[cfg(test)]
mod tests {
    use base::diagnosis::Harm;

    use super::{MINUTE, MOST_MINUTES, Minutes};

    #[test]
    fn what_is_too_old_is_forgotten() {
        let mut minutes = Minutes::default();
        for minute in 0..1_000 {
            let now = minute * MINUTE;
            minutes.add("a", Harm::ErrorPage, now - 5, 2, now);
            // Ahead of the clock, and long ago.
            minutes.add("b", Harm::Hidden, now + 90 * MINUTE, 1, now);
            minutes.add("c", Harm::ErrorPage, now - 90 * MINUTE, 1, now);
        }
        let now = 999 * MINUTE;
        assert!(minutes.0.len() <= 2 * MOST_MINUTES);
        assert_eq!(minutes.failed(now, 10), 20 - 2);
        let causes = minutes.by_cause(now, 3);
        assert_eq!(causes["a"], [2, 2, 0]);
        assert_eq!(causes["b"], [1, 1, 1]);
        assert_eq!(causes.len(), 2);
        // Nothing comes, and time goes on.
        assert_eq!(minutes.failed(now + 12 * MINUTE, 10), 0);
    }
}
