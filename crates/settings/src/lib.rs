//! The files that people write for badgateway itself: facts about a machine, and what a team says
//! about its own stack.
//!
//! TOML, because people read and write it. Unknown keys are errors: a setting that is silently
//! ignored is worse than none.

pub mod gitleaks;
pub mod host;
mod plain;
mod policy;
pub mod project;
mod read;

pub use read::Refusal;
