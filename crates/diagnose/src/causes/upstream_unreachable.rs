//! upstream-unreachable.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The network said that the upstream cannot be reached.
    ///
    /// ## Evidence
    ///
    /// - nginx: `connect() … failed (113: No route to host)`, 101, 99 or another errno; 502.
    ///
    /// ## What to change
    ///
    /// - 113, 101: look at routes, networks of the containers, firewalls.
    /// - 99: nginx has no free local port; keep connections, or spread over several addresses.
    ///
    /// ## How to make sure
    ///
    /// - The same address from nginx's machine: `nc -vz HOST PORT`.
    ///
    /// ## Reproduce
    ///
    /// An address in a network that has no route.
    UPSTREAM_UNREACHABLE {
        id: "upstream-unreachable",
        title: "the upstream cannot be reached",
        decides: "nginx's error log: `connect() … failed (…)` with its errno",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ConnectFailed => Weight::certain("the network refused the connection"),
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
