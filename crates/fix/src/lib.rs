//! From findings to edits that a careful administrator would have made by hand.
//!
//! [`propose`] gives the edits for what was found; [`run`] applies them in rounds, inner limits
//! first, and checks again until nothing is left to do. [`tune`] does without findings: it reckons
//! the size of pools from what was measured. Nothing here reads or writes a file.

mod change;
mod edit;
mod execution;
mod ini;
mod nginx;
mod pools;
mod rounds;
mod routes;
mod sealed;
mod sockets;
mod table;
mod time;
pub mod tune;

pub use change::{Change, Wants};
pub use edit::{EditError, apply};
pub use rounds::{Changed, Fixed, Key, Load, Models, Overlay, Resolve, Store, run};
pub use table::{attach, propose};
