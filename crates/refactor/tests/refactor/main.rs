//! Whole sessions about a stack in memory: what is sent, and what is made of answers.

#![expect(
    clippy::disallowed_methods,
    reason = "the room reads no files, its fixtures are files"
)]

mod fixtures;
mod judging;
mod planted;
mod random;
mod sending;
mod wires;
mod world;
