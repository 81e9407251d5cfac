//! What is seen of a running server: pools answer for themselves, the kernel for their queues.
//!
//! ```text
//! model ─► pools ─┬─ ask ── fastcgi ── status      what FPM says
//!                 ├─ queue                         what the kernel says
//!                 └─ memory                        what its processes take
//! ```
//!
//! A pool is asked in its own thread with one deadline for everything: whatever it does, others
//! never wait for it.

mod ask;
pub mod counts;
mod disk;
mod fastcgi;
pub mod follow;
pub mod generate;
pub mod http;
pub mod memory;
pub mod metrics;
pub mod minutes;
pub mod open;
pub mod otlp;
pub mod pages;
mod pools;
pub mod queue;
mod sample;
pub mod screen;
pub mod show;
pub mod snapshot;
mod status;
pub mod tls;
mod verdict;
pub mod watch;
pub mod zone;

pub use ask::{Failure, Place};
pub use counts::{Counter, Counts};
pub use minutes::Minutes;
pub use pools::{Door, Watched, watched};
pub use queue::{Queue, Queues};
pub use sample::{Sample, State, sample};
pub use snapshot::{
    ConfigView, Counted, Link, LogView, OwnView, Point, PoolView, Published, PushView, RouteView,
    Snapshot,
};
pub use status::{Process, Status};
