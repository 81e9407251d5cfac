//! Maps and sets in the order of their keys, for where little code matters more than the last
//! bit of speed: the module for the browser has some fifty of them, and each `BTreeMap` brings
//! six kilobytes.
//!
//! The entries lie in chunks of bounded length, so a million keys in any order are no trouble
//! either: an insertion moves one chunk's entries, and rarely the list of chunks.

mod iter;
mod map;
mod set;

#[cfg(test)]
mod tests;

pub use iter::{IntoIter, IntoKeys, Iter, Keys};
pub use map::{Entry, SortedMap};
pub use set::SortedSet;
