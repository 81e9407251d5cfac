//! From events to causes.
//!
//! [`State`] holds what was read ([`read`]), in bounded memory, and can be saved and merged.
//! [`diagnose()`] sorts it (`facts`), makes failures of it (`failures`), looks for what belongs to
//! each (`deaths`, `found`), asks every cause (`causes`, `judge`) and gathers the answers
//! (`group`). [`Live`] does the same while the logs are still written, and tells of each incident
//! once.

mod advice;
mod cascade;
mod case;
pub mod cause;
pub mod causes;
mod deaths;
mod facts;
mod failures;
mod found;
mod group;
mod judge;
pub mod live;
pub mod read;
mod repeats;
pub mod stack;
pub mod state;

pub use group::{Wanted, diagnose};
pub use live::Live;
pub use stack::Stack;
pub use state::State;
