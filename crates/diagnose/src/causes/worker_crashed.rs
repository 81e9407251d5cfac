//! worker-crashed.

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// PHP itself or an extension crashed: SIGSEGV, SIGILL or SIGFPE.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`.
    /// - FPM: `child N exited on signal 11 (SIGSEGV)`, perhaps ` - core dumped`.
    /// - Kernel: `php-fpm…[N]: segfault at …` names the library.
    ///
    /// ## What to change
    ///
    /// - Find what the script does: endless recursion crashes PHP before 8.3; an extension or its
    ///   library of another version crashes too.
    /// - Get a core dump (`rlimit_core = unlimited` in the pool, `kernel.core_pattern`) and `gdb
    ///   php-fpm core`, `bt`.
    /// - Switch extensions off one by one; update PHP and the extension named by the kernel's line.
    ///
    /// ## How to make sure
    ///
    /// - `grep SIGSEGV php-fpm.log` shows the same seconds; the same request crashes again.
    ///
    /// ## Reproduce
    ///
    /// `kill -SEGV` of a busy worker, or a function that calls itself for ever on PHP 8.2.
    WORKER_CRASHED {
        id: "worker-crashed",
        title: "the worker crashed",
        decides: "FPM's log: `exited on signal 11 (SIGSEGV)` at this second; the kernel's `segfault at` with its pid",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_end(
        |end| matches!(end, End::Crashed(_)),
        "FPM saw the worker exit on a crash signal",
    )
}
