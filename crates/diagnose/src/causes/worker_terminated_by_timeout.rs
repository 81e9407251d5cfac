//! worker-terminated-by-timeout.

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// FPM ended the worker with SIGTERM because its request took longer than
    /// `request_terminate_timeout`.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`: the connection was reset before (502) or after (200, cut)
    ///   the header.
    /// - FPM: `execution timed out (… sec), terminating` names pool, child, script and request,
    ///   then `exited on signal 15 (SIGTERM)`.
    ///
    /// ## What to change
    ///
    /// - Make the script faster: the slow log (`request_slowlog_timeout` below the limit, with
    ///   `slowlog`) says where it waits.
    /// - If it may take that long, raise `request_terminate_timeout`, and keep `max_execution_time`
    ///   below it and `fastcgi_read_timeout` above it plus FPM's lateness: `badgateway fix
    ///   --request-time 90s` writes the ladder.
    ///
    /// ## How to make sure
    ///
    /// - `grep 'execution timed out' php-fpm.log` names the same requests at the same seconds.
    /// - After the change ask for the script once, and look for a new `terminating` line.
    ///
    /// ## Reproduce
    ///
    /// `request_terminate_timeout = 2s` and a script that sleeps for 6 seconds.
    WORKER_TERMINATED_BY_TIMEOUT {
        id: "worker-terminated-by-timeout",
        title: "FPM ended the worker: request_terminate_timeout",
        decides: "FPM's log: `execution timed out (… sec), terminating` with this request",
        rules: ["terminate-below-max-execution"],
        settings: ["request_terminate_timeout", "read_timeout"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_end(
        |end| end == End::Terminated,
        "FPM wrote `execution timed out … terminating` for this request and ended its worker",
    )
}
