//! nginx-gave-up.

use crate::case::{Case, Waited};
use crate::cause::{Weight, Why, cause};

cause! {
    /// A worker had the request, and its script sent nothing within `fastcgi_read_timeout`. The
    /// script went on.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream timed out (110…) while reading response header from upstream`, 504.
    /// - FPM: `executing too slow`, the slow log, or FPM's access log: the script began at once and
    ///   ran longer than nginx waited.
    ///
    /// ## What to change
    ///
    /// - Make the script faster, or move the work to a queue.
    /// - Bound the script: `request_terminate_timeout` below `fastcgi_read_timeout`, so that an
    ///   abandoned script does not keep its worker.
    /// - If it may take that long, raise the whole ladder: `badgateway fix --request-time 90s`.
    ///
    /// ## How to make sure
    ///
    /// - The slow log shows where it waits.
    /// - `badgateway chain` shows which limit fires first.
    ///
    /// ## Reproduce
    ///
    /// `fastcgi_read_timeout 2s` and a script that sleeps for 6 seconds.
    NGINX_GAVE_UP {
        id: "nginx-gave-up",
        title: "the script took longer than nginx waits",
        decides: "FPM's slow log or access log: that the script was running when nginx gave up",
        rules: ["read-timeout-below-terminate", "terminate-timeout-off", "max-execution-above-read"],
        settings: ["read_timeout", "request_terminate_timeout", "max_execution_time"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    if !case.gave_up() {
        return Weight::No;
    }
    match case.waited() {
        Waited::InQueue => Weight::No,
        Waited::InWorker => {
            let lines = case.found.run.map(|run| run.line);
            let because = "FPM had the script running while nginx waited for it";
            Weight::Certain(Why::seen(because, &lines))
        }
        Waited::Both | Waited::Unknown => Weight::Possible,
    }
}
