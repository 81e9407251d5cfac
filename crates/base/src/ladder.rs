//! The ladder of time limits of one route, client side to script: what `badgateway chain` draws.
//!
//! The model fills it, rules read it, `report` draws it.

use crate::{Limit, Millis, Origin};

/// One route with its limits in the order in which a request meets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The route as people name it: `shop.example:443 ~ \.php$`.
    pub route: String,
    /// Where it sends requests, as written in the configuration.
    pub target: String,
    /// The pool that answers there, or why that is not known.
    pub pool: Result<String, String>,
    /// Limits from the client to the script.
    pub rungs: Vec<Rung>,
    /// What happens to a script that waits (sleep, database, HTTP call) and never answers.
    pub sleeping: Fate,
    /// What happens to a script that computes and never answers.
    pub busy: Fate,
}

/// Who enforces a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// nginx, towards the client.
    Client,
    /// nginx, towards the upstream.
    Nginx,
    /// The PHP-FPM master.
    Fpm,
    /// PHP inside the worker.
    Php,
}

/// One limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Who enforces it.
    pub actor: Actor,
    /// The directive or setting.
    pub name: &'static str,
    /// Its value, or why it is not known.
    pub limit: Result<Limit, String>,
    /// The latest time at which it may fire, where that is later than the limit itself: FPM looks
    /// only every so often.
    pub latest: Option<Millis>,
    /// Where the value comes from; `None` when the value is not known.
    pub origin: Option<Origin>,
    /// What exactly is measured: `gap between two reads`, `wall time`, `CPU time`.
    pub measures: &'static str,
    /// This one ends a waiting script first.
    pub ends_sleeping: bool,
    /// This one ends a computing script first.
    pub ends_busy: bool,
}

/// What a client gets in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// When, earliest and latest; `None` when nothing bounds the script or it is not known.
    pub at: Option<(Millis, Millis)>,
    /// `504`, `502`, `500`, `502 or 504`, or `none` when the script runs to its end.
    pub status: String,
    /// Whose log says so: `nginx error.log`.
    pub log_name: &'static str,
    /// The line to look for, without its time stamp.
    pub log_line: String,
    /// What becomes of the worker and anything else worth a line.
    pub note: String,
}
