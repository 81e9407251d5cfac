//! The files that people write for badgateway itself: facts about a machine.
//!
//! TOML, because people read and write it. Unknown keys are errors: a setting that is silently
//! ignored is worse than none.

pub mod host;
mod read;

pub use read::Refusal;
