//! What both skins, the command line and the browser, do between files and a report: telling what
//! files are and which belong together, and asking the judges.
//!
//! This room does no I/O: a [`Tree`] is handed in, a disk or files in memory.

mod discover;
mod fixed;
mod folder;
mod formats;
mod gather;
mod given;
mod judged;
mod logbook;
mod loose;
mod pages;
mod tree;

pub use fixed::label;
pub use formats::Formats;
pub use gather::{Found, Gather, unreadable};
pub use given::{Given, parse_map};
pub use judged::{Asked, Judged, VERSION, judge, ladders, summary};
pub use logbook::{Configured, about, offset_in, offset_name, unknown_log};
pub use pages::{named, nearest, pages};
pub use tree::{Tree, name_of, names};
