//! Whole sessions about a stack in memory: what is sent, and what is made of answers.

mod judging;
mod sending;
mod wires;
mod world;
