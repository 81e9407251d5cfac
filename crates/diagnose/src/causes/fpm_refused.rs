//! fpm-refused.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// Nobody listens at the address: FPM is down, left a stale socket file, or listens elsewhere.
    ///
    /// ## Evidence
    ///
    /// - nginx: `connect() … failed (111: Connection refused)`, 502 at once.
    /// - A unix socket with 111 is a stale file: FPM was killed (SIGKILL) and could not remove it.
    ///
    /// ## What to change
    ///
    /// - Start FPM and see why it stopped: `systemctl status 'php*-fpm'`, `php-fpm -t`, the
    ///   kernel's OOM lines.
    /// - In containers: FPM must listen on `9000` or `0.0.0.0:9000`, not on `127.0.0.1`, when nginx
    ///   is in another container.
    ///
    /// ## How to make sure
    ///
    /// - `ss -tlnp | grep 9000` or `ss -xlp | grep php` where FPM runs.
    ///
    /// ## Reproduce
    ///
    /// Kill the FPM master with SIGKILL and ask for a page.
    FPM_REFUSED {
        id: "fpm-refused",
        title: "connection refused: nobody listens",
        decides: "nginx's error log: `connect() … failed (111: Connection refused)`",
        rules: ["socket-without-pool", "loopback-listen-other-container"],
        settings: ["pass", "listen"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ConnectRefused => Weight::certain("nobody listened at the upstream's address"),
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        Signal::AccessRetried => Weight::Possible,
        _ => Weight::No,
    }
}
