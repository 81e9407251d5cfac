//! backlog-full.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, Why, cause};

cause! {
    /// All workers were busy and the queue of the socket was full, so that the kernel refused the
    /// connection.
    ///
    /// ## Evidence
    ///
    /// - unix socket: `connect() to unix:… failed (11: Resource temporarily unavailable)`, 502 at
    ///   once.
    /// - TCP: the SYN is dropped: `upstream timed out (110…) while connecting to upstream`, 504
    ///   after `fastcgi_connect_timeout`.
    ///
    /// ## What to change
    ///
    /// - A longer queue only makes people wait longer: more workers (`pm.max_children`, if memory
    ///   allows) or faster scripts.
    /// - `listen.backlog` is cut to `net.core.somaxconn`; FPM's default uses all of it, so setting
    ///   511 makes it smaller.
    ///
    /// ## How to make sure
    ///
    /// - `ss -xl` (unix) or `ss -tl` (TCP) during the trouble: Recv-Q at Send-Q.
    /// - FPM's own `listen queue` is always 0 for unix sockets.
    ///
    /// ## Reproduce
    ///
    /// `listen.backlog = 1`, one worker, and six requests at once.
    BACKLOG_FULL {
        id: "backlog-full",
        title: "the listen queue of FPM's socket was full",
        decides: "nginx's error log: `connect() … failed (11…)` (unix), or `ss -xl`/`ss -tl` with Recv-Q above Send-Q",
        rules: [],
        settings: ["pm.max_children", "listen"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let is_local = ["127.", "[::1]", "localhost"];
    let is_local = is_local
        .iter()
        .any(|head| case.failure.upstream().starts_with(head));
    match case.failure.signal {
        Signal::ConnectFull => {
            Weight::certain("the kernel refused the connection: the queue was full")
        }
        Signal::TimeoutConnecting if is_local => Weight::Likely(Why::said(
            "a connection within this machine was not answered: its listen queue was full",
        )),
        Signal::TimeoutConnecting | Signal::AccessRetried => Weight::Possible,
        Signal::AccessNeverConnected | Signal::AccessFailed => match case.failure.status {
            502 | 504 => Weight::Possible,
            _ => Weight::No,
        },
        _ => Weight::No,
    }
}
