//! fpm-socket-missing.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The unix socket that nginx asks for does not exist: FPM is not running, or listens
    /// elsewhere.
    ///
    /// ## Evidence
    ///
    /// - nginx: `[crit] connect() to unix:… failed (2: No such file or directory)`, 502 at once.
    /// - FPM: often `Terminating ...` and `bye-bye` before, or an `ERROR` that kept it from
    ///   starting.
    ///
    /// ## What to change
    ///
    /// - Start FPM and see why it stopped: `systemctl status 'php*-fpm'`, `php-fpm -t`.
    /// - If it runs: the path in `fastcgi_pass` and the pool's `listen` differ, often by the PHP
    ///   version.
    ///
    /// ## How to make sure
    ///
    /// - `ls -l` of the path in the message; `ss -xl | grep php`.
    ///
    /// ## Reproduce
    ///
    /// Stop FPM, or ask for a socket of another PHP version.
    FPM_SOCKET_MISSING {
        id: "fpm-socket-missing",
        title: "nothing there: the socket does not exist",
        decides: "nginx's error log: `connect() to … failed (2: No such file or directory)`",
        rules: ["socket-without-pool"],
        settings: ["pass", "listen"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ConnectMissing => Weight::certain("nginx could not find the socket"),
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        Signal::AccessRetried => Weight::Possible,
        _ => Weight::No,
    }
}
