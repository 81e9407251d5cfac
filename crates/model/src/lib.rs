//! From trees to effective values: includes, contexts, inheritance, upstreams, routes, pools and
//! PHP settings, each value with its origin.
//!
//! This room does no I/O (it is handed a [`Files`]) and judges nothing.

pub mod accounts;
pub mod address;
pub mod chain;
pub mod detect;
pub mod facts;
pub mod files;
pub mod filled;
pub mod glob;
pub mod ladder;
pub mod load;
mod machine;
pub mod model;
pub mod nginx;
pub mod php;
pub mod tables;
pub mod template;

pub use address::{Address, Host, Reach};
pub use chain::Chain;
pub use facts::{Fact, Facts, FpmFacts, NginxVersion};
pub use files::{Files, MemoryFiles, ReadError, ReadErrorKind};
pub use load::Loader;
pub use machine::{Door, Machine};
pub use model::{Backend, Inputs, Model, Nginx, PoolId, Source};
