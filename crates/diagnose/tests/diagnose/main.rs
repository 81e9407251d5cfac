//! Stories, the catalogue of causes, and what merging must keep.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read their stories from the disk"
)]

mod catalogue;
mod live;
mod merging;
mod reading;
mod stories;
