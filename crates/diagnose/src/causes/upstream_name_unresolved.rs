//! upstream-name-unresolved.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// `fastcgi_pass` holds a variable, and the name in it could not be resolved.
    ///
    /// ## Evidence
    ///
    /// - nginx: `no resolver defined to resolve …`, or `… could not be resolved (…)`, 502 (at once,
    ///   or after `resolver_timeout`).
    ///
    /// ## What to change
    ///
    /// - Add `resolver` with an address that answers (Docker: `127.0.0.11`), or name the upstream
    ///   without a variable.
    ///
    /// ## How to make sure
    ///
    /// - `dig @RESOLVER NAME` from nginx's machine.
    ///
    /// ## Reproduce
    ///
    /// `set $php php; fastcgi_pass $php:9000;` without a resolver.
    UPSTREAM_NAME_UNRESOLVED {
        id: "upstream-name-unresolved",
        title: "the upstream's name could not be resolved",
        decides: "nginx's error log: `could not be resolved` or `no resolver defined`",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::Unresolved => Weight::certain("nginx could not resolve the upstream's name"),
        Signal::AccessNeverConnected | Signal::AccessFailed
            if matches!(case.failure.status, 502 | 504) =>
        {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
