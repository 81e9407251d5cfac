//! Finding secrets, hiding them, and getting them back.

#![expect(clippy::disallowed_methods, reason = "tests read the planted corpus")]

mod corpus;
mod identity;
mod map;
mod restoring;
mod round_trip;
