//! Metrics: what they are ([`families`]), what they are worth now ([`samples`]), and how they are
//! written ([`text`]).

pub mod families;
mod own;
mod samples;
mod text;

pub use own::{Own, own};
pub(crate) use samples::state_of;
pub use samples::{Sample, samples};
pub use text::{Shape, write};
