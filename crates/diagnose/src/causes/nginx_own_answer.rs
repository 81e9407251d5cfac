//! nginx-own-answer.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// No upstream was asked: `return 503`, `limit_req`, a maintenance page.
    ///
    /// ## Evidence
    ///
    /// - Access log: a status of 5xx with an empty `$upstream_status`.
    ///
    /// ## What to change
    ///
    /// - Look for `return`, `limit_req` and `error_page` in the route.
    ///
    /// ## How to make sure
    ///
    /// - `badgateway chain` does not list the request's location.
    ///
    /// ## Reproduce
    ///
    /// `location / { return 503; }`
    NGINX_OWN_ANSWER {
        id: "nginx-own-answer",
        title: "nginx answered by itself",
        decides: "nginx's error log, or the configuration: `return`, `limit_req`, `limit_conn`",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match (case.failure.signal, case.failure.status) {
        // 500 is also what nginx answers when a file or a connection of its own failed.
        (Signal::AccessNotAsked, 500) => Weight::Possible,
        (Signal::AccessNotAsked, _) => Weight::certain("no upstream was asked"),
        (Signal::AccessFailed, 500 | 503) => Weight::Possible,
        _ => Weight::No,
    }
}
