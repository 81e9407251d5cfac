//! Pushing to a collector by OTLP over HTTP: incidents as log records, metrics as metrics.
//!
//! ```text
//! Published ─► gather ─► spool (disk) ─► send ─► collector      log records, at least once
//!        └────────────────────────────► send ─► collector      metrics, the newest only
//! ```
//!
//! Neither thread is waited for by anybody else. What to send over is handed in ([`Carrier`]), so
//! that this room opens no connection to the outside.

mod logs;
mod metrics;
mod push;
mod reply;
mod spool;
mod value;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use push::Pusher;
pub use reply::Reply;

use crate::snapshot::PushView;

/// How to push.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where log records wait while the collector is away; without it in memory.
    pub folder: Option<PathBuf>,
    /// How many bytes may wait.
    pub most: u64,
    /// How often metrics are sent.
    pub interval: Duration,
    /// More attributes of what sends, such as `deployment.environment.name`.
    pub resource: Vec<(String, String)>,
}

/// Which of the two, and the path below the collector's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `/v1/logs`
    Logs,
    /// `/v1/metrics`
    Metrics,
}

impl Signal {
    /// Behind the collector's address.
    pub fn path(self) -> &'static str {
        match self {
            Signal::Logs => "/v1/logs",
            Signal::Metrics => "/v1/metrics",
        }
    }
}

/// Sends a payload (JSON) and waits for the answer, within a time of its own. An error says, for
/// people, why there was none.
pub type Carrier = dyn Fn(Signal, &[u8]) -> Result<Reply, String> + Send + Sync;

/// Hears what is to be told.
pub type Note = dyn Fn(&str) + Send + Sync;

/// What was pushed so far, for all who show it.
#[derive(Clone, Debug, Default)]
pub struct Pushed(Arc<Mutex<PushView>>);

impl Pushed {
    /// Now.
    pub fn view(&self) -> PushView {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, change: impl FnOnce(&mut PushView)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
