//! application-error.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, Why, cause};

cause! {
    /// The status was sent by the script: `http_response_code(502)`, a framework's error page, an
    /// API that passes on what it got.
    ///
    /// ## Evidence
    ///
    /// - Access log: `$upstream_header_time` is a number and `$upstream_status` equals the status.
    /// - nginx's error log has no line for the request.
    ///
    /// ## What to change
    ///
    /// - Look into the application's own log; nginx and FPM did what they were told.
    ///
    /// ## How to make sure
    ///
    /// - `curl` straight to FPM (`cgi-fcgi`) gives the same status.
    ///
    /// ## Reproduce
    ///
    /// `<?php http_response_code(502);`
    APPLICATION_ERROR {
        id: "application-error",
        title: "the application itself sent this status",
        decides: "`$upstream_header_time` in the access log: a number says that the answer came from the script",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let failure = case.failure;
    let quiet = failure.line.is_exact() && case.facts.nginx_covers(failure.time());
    match (failure.signal, failure.status) {
        // PHP's own fatal errors give 500; what they say may be in a log that was not given.
        (Signal::AccessAnswered, 500) => match (failure.hints.len(), quiet) {
            (0, true) if case.facts.covers(&["php-error"], failure.time()) => Weight::Likely(
                Why::said("the status came from the script, and PHP logged no error"),
            ),
            (hints, _) if hints > 0 && failure.has_hints_for_all() => Weight::No,
            _ => Weight::Possible,
        },
        (Signal::AccessAnswered, _) => {
            Weight::certain("a complete header with this status came from the script")
        }
        (Signal::AccessFailed, 502..=504) if quiet && case.facts.logs_errors() => Weight::Likely(
            Why::said("nginx writes an error line for each failure of its own, and there is none"),
        ),
        (Signal::AccessFailed | Signal::AccessRetried, _) => Weight::Possible,
        _ => Weight::No,
    }
}
