//! Counters that outlive the agent: they are in its state file, and go on where they were.
//!
//! Every counter has a bounded number of series. Names come from the configuration where there is
//! one; whatever a stranger could choose (addresses, hosts) names no series.

use base::SortedMap;
use serde::{Deserialize, Serialize};

/// Most series of one counter; what comes later is counted as [`OTHER`].
pub const MOST_SERIES: usize = 1_000;
/// Longest label in bytes.
const LONGEST: usize = 160;
/// The label for what has no series of its own.
pub const OTHER: &str = "other";

/// One counter: a number for each set of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Series>", into = "Vec<Series>")]
pub struct Counter(SortedMap<Vec<String>, u64>);

/// As it is saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Series(Vec<String>, u64);

impl Counter {
    /// Counts under labels. A new set beyond the bound keeps the labels in front of `fixed` and
    /// is `other` in the rest.
    pub fn add(&mut self, labels: &[&str], fixed: usize, more: u64) {
        let mut labels: Vec<String> = labels.iter().map(|label| cut(label)).collect();
        if self.0.len() >= MOST_SERIES && !self.0.contains_key(&labels) {
            for label in labels.iter_mut().skip(fixed) {
                OTHER.clone_into(label);
            }
        }
        let count = self.0.entry(labels).or_default();
        *count = count.saturating_add(more);
    }

    /// Every series, in order of its labels.
    pub fn series(&self) -> impl Iterator<Item = (&[String], u64)> {
        self.0
            .iter()
            .map(|(labels, count)| (labels.as_slice(), *count))
    }

    /// The count of some labels.
    pub fn get(&self, labels: &[&str]) -> u64 {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        self.0.get(&labels).copied().unwrap_or(0)
    }

    /// The sum of all series.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl From<Vec<Series>> for Counter {
    fn from(all: Vec<Series>) -> Counter {
        Counter(all.into_iter().map(|one| (one.0, one.1)).collect())
    }
}

impl From<Counter> for Vec<Series> {
    fn from(counter: Counter) -> Vec<Series> {
        let all = counter.0.into_iter();
        all.map(|(labels, count)| Series(labels, count)).collect()
    }
}

fn cut(label: &str) -> String {
    let mut end = label.len().min(LONGEST);
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    label[..end].to_owned()
}

/// Everything that is counted since the agent first began. The labels of each are named in its
/// comment, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// When counting began, in milliseconds since 1970.
    pub since: i64,
    /// Incidents: cause, confidence, harm, route, pool.
    pub incidents: Counter,
    /// Ends of workers as FPM tells them: pool, how (`SIGKILL`, `code 255`).
    pub exits: Counter,
    /// Processes that the kernel killed for memory: process.
    pub oom_kills: Counter,
    /// Requests that FPM ended (`request_terminate_timeout`): pool.
    pub terminations: Counter,
    /// Warnings that a pool has reached `pm.max_children`: pool.
    pub max_children: Counter,
    /// Requests beyond `request_slowlog_timeout`: pool.
    pub slow: Counter,
    /// Requests of the access logs: log, status.
    pub responses: Counter,
    /// Lines: log, what became of them (`event`, `irrelevant`, `unknown`).
    pub lines: Counter,
    /// Bytes: log.
    pub bytes: Counter,
    /// Rotations and truncations that were noticed: log.
    pub rotations: Counter,
    /// Questions to a pool that got no status: pool, listen.
    pub scrape_failures: Counter,
    /// How many incidents have been counted: the number of the latest.
    pub latest: u64,
}

#[cfg(test)]
mod tests {
    use super::{Counter, MOST_SERIES, OTHER};

    #[test]
    fn a_counter_has_a_bound() {
        let mut counter = Counter::default();
        for at in 0..MOST_SERIES as u64 * 3 {
            counter.add(&["cause", &format!("route {at}")], 1, 1);
        }
        assert_eq!(counter.series().count(), MOST_SERIES + 1);
        assert_eq!(counter.get(&["cause", OTHER]), MOST_SERIES as u64 * 2);
        assert_eq!(counter.total(), MOST_SERIES as u64 * 3);
    }

    #[test]
    fn long_labels_are_cut_between_characters() {
        let mut counter = Counter::default();
        counter.add(&["é".repeat(200).as_str()], 0, 2);
        let (labels, count) = counter.series().next().unwrap();
        assert_eq!((labels[0].len(), count), (160, 2));
        let text = serde_json::to_string(&counter).unwrap();
        assert_eq!(serde_json::from_str::<Counter>(&text).unwrap(), counter);
    }
}
