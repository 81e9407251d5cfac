//! slow-upstream-body.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// After the header the script sent nothing for `fastcgi_read_timeout`: the page was cut, and
    /// the access log says 200.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream timed out (110…) while reading upstream`; the access log has 200 and
    ///   fewer bytes.
    ///
    /// ## What to change
    ///
    /// - Find what the script waits for between two outputs (slow log).
    /// - Exports and streams: send something regularly, or give the route a longer
    ///   `fastcgi_read_timeout` of its own.
    ///
    /// ## How to make sure
    ///
    /// - Compare `$body_bytes_sent` with a good answer of the same page.
    ///
    /// ## Reproduce
    ///
    /// A script that flushes and then sleeps longer than `fastcgi_read_timeout`.
    SLOW_UPSTREAM_BODY {
        id: "slow-upstream-body",
        title: "the script paused too long in the middle of the page",
        decides: "nginx's error log: `upstream timed out … while reading upstream`",
        rules: [],
        settings: ["read_timeout"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::TimeoutAfterHeader => {
            Weight::certain("nginx waited in vain for the rest of the page")
        }
        _ => Weight::No,
    }
}
