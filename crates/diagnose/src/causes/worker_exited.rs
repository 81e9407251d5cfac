//! worker-exited.

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// The worker process left with an exit code while it had a request.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`.
    /// - FPM: `child N exited with code C`. 124 is PHP's `hard_timeout`; 255 or 1 an `exit()` in an
    ///   extension or no more address space.
    ///
    /// ## What to change
    ///
    /// - 124: one call inside PHP took longer than `max_execution_time` + `hard_timeout`; find the
    ///   call with the slow log.
    /// - Otherwise look for what calls `exit()` in C: an extension, or a library that gives up.
    ///   `catch_workers_output = yes` shows its last words.
    ///
    /// ## How to make sure
    ///
    /// - FPM's log has the exit code at the same second.
    ///
    /// ## Reproduce
    ///
    /// An extension that calls `_exit(1)`; `hard_timeout = 1` with a regular expression that runs
    /// for seconds.
    WORKER_EXITED {
        id: "worker-exited",
        title: "the worker left in mid-request",
        decides: "FPM's log: `child N exited with code C` at this second",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let because = "FPM saw the worker leave with an exit code in mid-request";
    let coded = case.weigh_end(|end| matches!(end, End::Code(_)), because);
    if coded != Weight::No {
        return coded;
    }
    // Code 0 is also how a worker leaves that has served pm.max_requests.
    match case.weigh_end(|end| end == End::Clean, because) {
        Weight::No => Weight::No,
        _ => Weight::Possible,
    }
}
