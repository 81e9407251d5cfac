//! What both skins, the command line and the browser, do between files and a report: telling what
//! files are and which belong together, and asking the judges.
//!
//! This room does no I/O: a [`Tree`] is handed in, a disk or files in memory.

mod discover;
mod folder;
mod gather;
mod given;
mod loose;
mod tree;

pub use gather::{Found, Gather, unreadable};
pub use given::{Given, parse_map};
pub use tree::{Tree, name_of, names};
