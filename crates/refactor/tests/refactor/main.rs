//! Whole sessions about a stack in memory: what is sent, and what is made of answers.

#![expect(
    clippy::disallowed_methods,
    reason = "the room reads no files, its fixtures are files"
)]

#[path = "../../../redact/corpus/planted.rs"]
mod corpus;
mod fixtures;
mod judging;
mod planted;
mod random;
mod sending;
mod wires;
mod world;

/// Where the planted corpus is.
const HERE: &str = "../redact/corpus";
