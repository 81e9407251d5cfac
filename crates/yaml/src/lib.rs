//! YAML in which everything knows its place: trees, the places of single bytes, and files that lie
//! in scalars.

mod inner;
mod places;
mod tree;

pub use inner::inner;
pub use places::Places;
pub use tree::{Id, Node, Range, Refusal, Style, Tree, Value, parse};
