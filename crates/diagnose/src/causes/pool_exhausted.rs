//! pool-exhausted.

use logs::Signal;

use crate::case::{Case, Waited};
use crate::cause::{Weight, Why, cause};

cause! {
    /// No worker was free until nginx gave up. It looks like a slow script and is none: this
    /// request never ran, or began too late.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream timed out (110…) while reading response header from upstream`, 504: the
    ///   same line as for a slow script.
    /// - FPM: `server reached pm.max_children setting` (not with `pm = static`), `seems busy`; the
    ///   request is not in the slow log, or begins in FPM's access log after nginx gave up.
    ///
    /// ## What to change
    ///
    /// - Find what keeps the workers busy: other incidents of the same minutes, `badgateway chain`
    ///   (no `request_terminate_timeout` lets abandoned scripts run on).
    /// - Raise `pm.max_children` only as far as memory allows.
    /// - Separate slow routes into a pool of their own.
    ///
    /// ## How to make sure
    ///
    /// - `pm.status_path` with `pm.status_listen`: `active processes` at `max_children`.
    /// - `ss -xl` or `ss -tl`: Recv-Q above 0.
    ///
    /// ## Reproduce
    ///
    /// One worker, a script that sleeps for 4 seconds, a second request, `fastcgi_read_timeout 2s`.
    POOL_EXHAUSTED {
        id: "pool-exhausted",
        title: "all workers were busy: the request waited in the queue",
        decides: "FPM's access log (`access.log` with `%{milliseconds}d`) or the slow log: whether and when the script began",
        rules: [],
        settings: ["pm.max_children", "read_timeout"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    if case.failure.signal == Signal::TimeoutSending {
        return Weight::Possible;
    }
    if !case.gave_up() {
        return Weight::No;
    }
    match case.waited() {
        Waited::InWorker => Weight::No,
        Waited::InQueue => match case.found.run {
            Some(run) => Weight::Certain(Why::seen(
                "FPM began with the request only when nginx had given up, or nearly so",
                [&run.line],
            )),
            None => Weight::Likely(Why::said(
                "the slow log is on and does not have it: the script never ran so long",
            )),
        },
        Waited::Both | Waited::Unknown => Weight::Possible,
    }
}
