//! no-live-upstreams.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// All servers of the upstream had failed within `fail_timeout`; nginx did not even try. The
    /// requests that marked them are the root.
    ///
    /// ## Evidence
    ///
    /// - nginx: `no live upstreams while connecting to upstream`, 502 at once; before it failures
    ///   of the servers and `upstream server temporarily disabled`.
    ///
    /// ## What to change
    ///
    /// - End the failures before it.
    /// - `max_fails=0` on the servers of a group in which each request should be tried.
    /// - A request that kills its worker is repeated on the next server and marks both: narrow
    ///   `fastcgi_next_upstream`.
    ///
    /// ## How to make sure
    ///
    /// - The failures before the first of these lines, within 10 seconds.
    ///
    /// ## Reproduce
    ///
    /// Two servers and a GET that crashes its worker.
    NO_LIVE_UPSTREAMS {
        id: "no-live-upstreams",
        title: "nginx had marked all servers as failed",
        decides: "nginx's error log: `no live upstreams`",
        rules: ["retry-multiplies-wait"],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::NoLiveUpstreams => Weight::certain("nginx said so"),
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
