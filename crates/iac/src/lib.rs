//! Configuration where it lives: in images, in Compose files, in manifests.
//!
//! Each reader makes [`System`]s: the files that a machine will have, as its servers will see them,
//! each with the place where people write it. The rest of the program judges a system like any
//! other; what it says is moved to these places in the end (`base::outer`).
//!
//! What cannot be known (a command that writes a file, a value that is filled in elsewhere) is a
//! file that cannot be read, with the reason: never a guess, and never left out.

mod ansible;
pub mod built;
mod command;
mod compose;
pub mod docker;
mod filled;
pub mod images;
mod kubernetes;
mod project;
mod system;
pub mod terraform;

pub use project::{Project, machines};
pub use system::System;
