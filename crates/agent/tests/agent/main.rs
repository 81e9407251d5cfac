//! The agent's parts on real files.

mod following;
mod writing;
