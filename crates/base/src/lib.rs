//! Words that every room shares: places in files, findings, settings with their origin,
//! amounts of time and size, and masking,
//! causes with their evidence.
//!
//! This room knows no configuration language and does no I/O.

pub mod amount;
pub mod base64;
pub mod diagnosis;
pub mod finding;
pub mod json;
pub mod ladder;
pub mod mask;
pub mod outer;
pub mod page;
pub mod setting;
pub mod sorted;
pub mod source;

pub use amount::{Bytes, Limit, Millis};
pub use finding::{
    Applicability, Because, Edit, Finding, Fix, FixLevel, Place, Problem, ProblemKind, Severity,
    Unjudged,
};
pub use outer::{Outer, OuterMap};
pub use setting::{Origin, Setting};
pub use sorted::{SortedMap, SortedSet};
pub use source::{FileId, FilePath, LineColumn, Source, Sources, Span, offset};
