//! send-timeout.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// nginx could not hand over the request's body within `fastcgi_send_timeout`: no worker was
    /// reading.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream timed out (110…) while sending request to upstream`, 504; mostly uploads.
    ///
    /// ## What to change
    ///
    /// - Usually all workers are busy: see what keeps them so.
    /// - `fastcgi_request_buffering on` (the default) keeps slow clients from holding workers.
    ///
    /// ## How to make sure
    ///
    /// - `pm.status_path`: `active processes` at `max_children` in these minutes.
    ///
    /// ## Reproduce
    ///
    /// All workers asleep, and an upload larger than the socket's buffer.
    SEND_TIMEOUT {
        id: "send-timeout",
        title: "nothing took the request body",
        decides: "nginx's error log: `upstream timed out … while sending request to upstream`",
        rules: [],
        settings: ["read_timeout", "pm.max_children"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::TimeoutSending => Weight::certain("nginx could not hand over the body in time"),
        Signal::AccessNoHeader | Signal::AccessFailed if case.failure.status == 504 => {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
