//! retry-storm.

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The same request fails on one server after the other: it multiplies load, and may take each
    /// of them down.
    ///
    /// ## Evidence
    ///
    /// - Access log: `$upstream_status` is a list such as `502, 502`.
    ///
    /// ## What to change
    ///
    /// - Narrow `fastcgi_next_upstream` to `error` without `timeout`, and bound it with
    ///   `fastcgi_next_upstream_tries` and `_timeout`.
    ///
    /// ## How to make sure
    ///
    /// - `$upstream_addr` lists several servers for one request.
    ///
    /// ## Reproduce
    ///
    /// Two servers and a script that is slower than `fastcgi_read_timeout`.
    RETRY_STORM {
        id: "retry-storm",
        title: "requests are tried on several servers and fail on each",
        decides: "nginx's error log: one line for each try",
        rules: ["retry-multiplies-wait"],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let tries = case.failure.access.map_or(0, |access| access.key.code);
    match case.failure.is_access_only() && tries > 1 && case.failure.status >= 500 {
        true => Weight::Possible,
        false => Weight::No,
    }
}
