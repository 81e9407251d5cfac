//! What the processes of PHP-FPM take of the memory, and how much there is: from `/proc` and the
//! control groups, as Linux tells it. Nothing is asked of anybody, so nothing can wait.
//!
//! ```text
//! processes   which processes belong together: masters and their workers
//! taken       what one of them takes, and how much of that is its own
//! machine     memory, processors, the kernel's longest queue
//! cgroup      the limit of a service or container, and what is used of it
//! ```

mod cgroup;
mod machine;
mod processes;
mod taken;

pub use cgroup::{Group, group_of};
pub use machine::{Machine, machine};
pub use processes::{Family, families};
pub use taken::{Taken, Untold, taken};
