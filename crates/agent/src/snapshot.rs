//! Everything the agent knows at one moment. Metrics, pages, pushes and terminals are written from
//! it, and from nothing else.
//!
//! Texts in it are masked and printable; they may still hold what a page or a format has to escape.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use base::Millis;
use base::diagnosis::Incident;

use crate::counts::Counts;
use crate::minutes::Minutes;
use crate::pools::Watched;
use crate::sample::Sample;
use crate::status::Status;

/// What is known. Moments are milliseconds since 1970, UTC.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When it was made.
    pub taken: i64,
    /// When the agent began.
    pub began: i64,
    /// The pools, in the configuration's order.
    pub pools: Vec<PoolView>,
    /// Whether each pool was looked at.
    pub is_sampled: bool,
    /// Why the kernel does not tell its queues, if it does not.
    pub no_queues: Option<String>,
    /// The counters.
    pub counts: Counts,
    /// The latest incidents, oldest first; at most [`MOST_RECENT`].
    pub recent: VecDeque<Counted>,
    /// How many requests failed in each of the last minutes.
    pub minutes: Minutes,
    /// The configuration.
    pub config: ConfigView,
    /// The logs that are followed, in order of their names.
    pub logs: Vec<LogView>,
    /// The agent itself.
    pub own: OwnView,
}

/// How many incidents are kept to be shown.
pub const MOST_RECENT: usize = 200;
/// How many points of its past are kept of a pool.
pub const MOST_POINTS: usize = 300;

/// The latest snapshot, for all who show it.
#[derive(Debug, Default)]
pub struct Published(Mutex<Arc<Snapshot>>);

impl Published {
    /// Replaces it.
    pub fn set(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    /// The latest.
    pub fn get(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An incident with its number, from 1. Numbers go on over restarts.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its number.
    pub number: u64,
    /// When it was counted.
    pub counted: i64,
    /// What it was.
    pub incident: Arc<Incident>,
}

/// A pool.
#[derive(Clone, Debug)]
pub struct PoolView {
    /// What the configuration says of it.
    pub watched: Watched,
    /// The last look at it.
    pub sample: Sample,
    /// Its last answer, and when that was.
    pub good: Option<(Status, i64)>,
    /// Its past, oldest first.
    pub past: VecDeque<Point>,
}

/// A pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: i64,
    /// Workers with a request, when the pool told.
    pub busy: Option<u64>,
    /// Connections that wait, when the kernel told.
    pub waiting: Option<u32>,
}

/// The configuration as it was last read.
#[derive(Clone, Debug, Default)]
pub struct ConfigView {
    /// When it was read.
    pub loaded: i64,
    /// How often it could not be read, or not to its end, since the agent began.
    pub failures: u64,
    /// What kept us from reading all of it; for people.
    pub problems: Vec<String>,
    /// The chain of each route that ends at a pool.
    pub routes: Vec<RouteView>,
    /// Findings of `check` as (severity, number): `error`, `warning`, `info`.
    pub findings: Vec<(&'static str, u64)>,
}

/// The chain of a route.
#[derive(Clone, Debug)]
pub struct RouteView {
    /// `shop.example:443 ~ \.php$`
    pub route: String,
    /// The pool's name.
    pub pool: String,
    /// `max_execution_time`, `request_terminate_timeout`, `fastcgi_read_timeout`.
    pub links: [Link; 3],
}

/// A time limit: `Ok(None)` never fires; an error says why it is not known.
#[derive(Clone, Debug)]
pub struct Link {
    /// The setting's name.
    pub name: &'static str,
    /// How long until it fires.
    pub limit: Result<Option<Millis>, String>,
}

impl RouteView {
    /// Whether each link is smaller than the next; `None` where one of the two is not known.
    pub fn holds(&self) -> [(&'static str, Option<bool>); 2] {
        let [execution, terminate, read] = &self.links;
        let below = |inner: &Link, outer: &Link| {
            let (inner, outer) = (inner.limit.as_ref().ok()?, outer.limit.as_ref().ok()?);
            Some(match (inner, outer) {
                (Some(inner), Some(outer)) => inner < outer,
                (Some(_), None) => true,
                (None, _) => false,
            })
        };
        [
            (
                "max_execution_time < request_terminate_timeout",
                below(execution, terminate),
            ),
            (
                "request_terminate_timeout < fastcgi_read_timeout",
                below(terminate, read),
            ),
        ]
    }
}

/// A log that is followed.
#[derive(Clone, Debug, Default)]
pub struct LogView {
    /// Its name: a path, or `journal`.
    pub name: String,
    /// What it is, such as `nginx-error`; empty while that is not known.
    pub kind: String,
    /// Bytes that were written and not read yet.
    pub lag: u64,
    /// When the last line was read.
    pub read: Option<i64>,
    /// What is wrong with it; for people.
    pub problem: Option<String>,
}

/// The agent itself.
#[derive(Clone, Debug, Default)]
pub struct OwnView {
    /// When its state was last saved.
    pub saved: Option<i64>,
    /// How often it could not be saved.
    pub save_failures: u64,
    /// Why, the last time; for people.
    pub save_problem: Option<String>,
    /// How long the last round took, in seconds.
    pub round: f64,
    /// What was pushed, when something is.
    pub push: Option<PushView>,
}

/// What was pushed to a collector since the agent started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushView {
    /// Incidents that it took.
    pub sent: u64,
    /// Tries that failed.
    pub failures: u64,
    /// Incidents that were given up.
    pub dropped: u64,
    /// Bytes of incidents that wait.
    pub buffered: u64,
    /// What is wrong, as of the last try; for people.
    pub problem: Option<String>,
}
