//! What both skins, the command line and the browser, do between files and a report: telling what
//! files are and which belong together, and asking the judges.
//!
//! This room does no I/O: a [`Tree`] is handed in, a disk or files in memory.

mod discover;
mod everything;
mod fixed;
mod folder;
mod formats;
mod gather;
mod given;
mod ignored;
mod judged;
mod kind;
mod logbook;
mod loose;
mod moved;
mod open;
mod outward;
mod pages;
mod placed;
mod tray;
mod tree;

pub use everything::everything;
pub use fixed::{NamedEdit, apply, change, label, request_time};
pub use formats::Formats;
pub use gather::{Claims, Found, Gather, Installed, Machines, unreadable};
pub use given::{Given, parse_map};
pub use judged::{Asked, Judged, VERSION, judge, ladders, summary};
pub use kind::FileKind;
pub use logbook::{Configured, Log, Logbook, about, offset_in, offset_name, unknown_log};
pub use open::{Opened, open};
pub use outward::{Outward, changes};
pub use pages::{Page, named, nearest, pages};
pub use tray::{Tray, path_of};
pub use tree::{Tree, name_of, names};
