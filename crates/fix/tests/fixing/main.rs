//! Fixing whole stacks in memory: what must hold for every fix, and the well-known traps.

#![expect(
    clippy::disallowed_methods,
    reason = "the room reads no files, its fixtures are files"
)]

mod fixtures;
mod plan;
mod traps;
mod tuned;
mod world;
