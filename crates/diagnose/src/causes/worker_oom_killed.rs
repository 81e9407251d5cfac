//! worker-oom-killed.

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// The kernel's OOM killer ended the worker: the machine's or the container's memory was used
    /// up.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`.
    /// - FPM: `child N exited on signal 9 (SIGKILL)`, without `terminating` before.
    /// - Kernel: `Killed process N (php-fpm…)` with the same pid; `Memory cgroup out of memory`
    ///   when it was the container's limit.
    ///
    /// ## What to change
    ///
    /// - Let fewer workers run: `pm.max_children` times the memory of a worker must fit into the
    ///   machine or the container.
    /// - Find the request that grows: `memory_limit` is what stops a single script, with a 500
    ///   instead of a dead worker. Raising it makes this worse.
    /// - Raise the limit of the container or unit (`MemoryMax`, `resources.limits.memory`) if the
    ///   need is real.
    ///
    /// ## How to make sure
    ///
    /// - `dmesg -T | grep -i 'killed process'` shows the same pid and second.
    /// - `ps -o rss,cmd -C php-fpm` under load: sum against the limit.
    ///
    /// ## Reproduce
    ///
    /// A memory cgroup of 80 MB, `memory_limit = -1`, and a script that fills an array.
    WORKER_OOM_KILLED {
        id: "worker-oom-killed",
        title: "the kernel killed the worker: out of memory",
        decides: "the kernel's log (`dmesg -T`, `journalctl -k`): `Killed process N (php-fpm…)` with the pid that FPM names",
        rules: [],
        settings: ["pm.max_children"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let known = case.weigh_end(
        |end| end == End::OutOfMemory,
        "the kernel killed the worker for memory, and FPM saw it exit on SIGKILL",
    );
    if known != Weight::No || case.is_eof() && !case.failure.is_tcp() {
        return known;
    }
    // In a container the kernel's pid is not the one that FPM knows.
    let killed = case.weigh_end(
        |end| end == End::Signal(9),
        "FPM saw a worker exit on SIGKILL while the kernel killed php-fpm processes for memory",
    );
    match killed {
        Weight::Certain(why) | Weight::Likely(why) if case.has_loose_kills() => Weight::Likely(why),
        Weight::Certain(_) | Weight::Likely(_) if !case.facts.has_kernel() => Weight::Possible,
        Weight::Certain(_) | Weight::Likely(_) => Weight::No,
        other => other,
    }
}
