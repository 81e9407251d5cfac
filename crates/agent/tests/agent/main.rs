//! The agent's parts on real files.

mod following;
mod serving;
mod writing;
