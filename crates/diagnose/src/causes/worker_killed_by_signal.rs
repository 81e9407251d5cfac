//! worker-killed-by-signal.

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// A worker ended on a signal that neither FPM's time limit nor, as far as is known, the
    /// kernel's OOM killer sent.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`.
    /// - FPM: `child N exited on signal S`, without `terminating` before; for SIGKILL no OOM line
    ///   in the kernel's log.
    ///
    /// ## What to change
    ///
    /// - Find who sends it: a person with `kill`, a watchdog, a container's or unit's stop,
    ///   `RLIMIT_CPU` (SIGKILL), an extension that aborts (SIGABRT), a truncated mapped file
    ///   (SIGBUS).
    /// - `auditctl -a exit,always -S kill` logs the sender of the next one.
    ///
    /// ## How to make sure
    ///
    /// - FPM's log names the signal at the same second.
    /// - For SIGKILL: `journalctl -k` has no `Killed process` line with the pid.
    ///
    /// ## Reproduce
    ///
    /// `kill -9` of a worker while its script runs.
    WORKER_KILLED_BY_SIGNAL {
        id: "worker-killed-by-signal",
        title: "a signal from outside ended the worker",
        decides: "FPM's log: `child N exited on signal S` at this second; for SIGKILL the kernel's log must be silent",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let because = "FPM saw the worker exit on a signal that was not its own";
    let known = case.weigh_end(|end| matches!(end, End::Signal(_)), because);
    let own = case.found.death.map(|at| case.deaths[at].end);
    let killed = match own {
        Some(end) => end == End::Signal(9),
        None => case.found.ends.contains(&End::Signal(9)),
    };
    // Without the kernel's log, SIGKILL may have been the OOM killer's.
    match known {
        Weight::Certain(why) | Weight::Likely(why) if killed => {
            match case.facts.has_kernel() && !case.has_loose_kills() {
                true => Weight::Likely(why),
                false => Weight::Possible,
            }
        }
        known => known,
    }
}
