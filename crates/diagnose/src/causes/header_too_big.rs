//! header-too-big.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The script's header (often cookies) does not fit into the buffer for the first part of the
    /// answer.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream sent too big header while reading response header from upstream`, 502;
    ///   FPM is innocent.
    ///
    /// ## What to change
    ///
    /// - Send less: many or large cookies, debug headers.
    /// - `fastcgi_buffer_size 16k; fastcgi_buffers 16 16k;` in the location.
    ///
    /// ## How to make sure
    ///
    /// - `curl -sI` of a good answer shows how large its header is.
    ///
    /// ## Reproduce
    ///
    /// A script that sets a header of 5,000 bytes.
    HEADER_TOO_BIG {
        id: "header-too-big",
        title: "the response header is larger than fastcgi_buffer_size",
        decides: "nginx's error log: `upstream sent too big header`; `$upstream_bytes_received` = 4096",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::HeaderTooBig => Weight::certain("nginx said so"),
        Signal::AccessNoHeader | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        Signal::AccessRetried => Weight::Possible,
        _ => Weight::No,
    }
}
