//! Finding secrets, hiding them, and getting them back.

#![expect(clippy::disallowed_methods, reason = "tests read the planted corpus")]

mod corpus;
mod cut;
mod identity;
mod map;
#[path = "../../corpus/planted.rs"]
mod planted;
mod restoring;
mod round_trip;

/// Where the planted corpus is.
const HERE: &str = "corpus";
