//! The agent's parts on real files.

mod following;
mod screen;
mod serving;
mod writing;
