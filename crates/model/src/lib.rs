//! From trees to effective values: includes, contexts, inheritance, upstreams, routes, pools and
//! PHP settings, each value with its origin.
//!
//! This room does no I/O (it is handed a [`Files`]) and judges nothing.

pub mod files;
pub mod glob;
pub mod load;
pub mod nginx;
pub mod php;
pub mod tables;

pub use files::{Files, MemoryFiles, ReadError, ReadErrorKind};
pub use load::Loader;
