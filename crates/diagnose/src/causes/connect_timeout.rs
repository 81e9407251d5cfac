//! connect-timeout.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// nginx's connection was neither accepted nor refused: a filter dropped it, or the machine is
    /// gone.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream timed out (110…) while connecting to upstream`, 504 after
    ///   `fastcgi_connect_timeout`.
    ///
    /// ## What to change
    ///
    /// - Let the firewall reject instead of drop, mend the route, or take the dead machine out of
    ///   the upstream.
    /// - A full listen queue looks the same: see `backlog-full`.
    ///
    /// ## How to make sure
    ///
    /// - `nc -vz HOST PORT` from nginx's machine hangs in the same way.
    ///
    /// ## Reproduce
    ///
    /// An address whose packets a filter drops.
    CONNECT_TIMEOUT {
        id: "connect-timeout",
        title: "the upstream's machine did not answer",
        decides: "a capture (`tcpdump`) of the SYN, or `nc -vz HOST PORT` from nginx's machine",
        rules: ["connect-timeout-too-long"],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::TimeoutConnecting => Weight::Possible,
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 504 => {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
