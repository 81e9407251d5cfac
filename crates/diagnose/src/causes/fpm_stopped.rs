//! fpm-stopped.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// A stop or restart of FPM ended workers that had requests.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`, then `connect() … failed (2 or 111)` until FPM is back.
    /// - FPM: `Terminating ...` (SIGTERM, what systemd sends) or `Finishing ...` (SIGQUIT), then
    ///   `exiting, bye-bye!`.
    ///
    /// ## What to change
    ///
    /// - Reload instead of restart, with `process_control_timeout` set.
    /// - Where it must stop: take nginx's route out of service first, or send SIGQUIT with
    ///   `process_control_timeout` above the longest request (systemd: `KillSignal=SIGQUIT`,
    ///   `TimeoutStopSec`).
    ///
    /// ## How to make sure
    ///
    /// - `journalctl -u 'php*-fpm'` shows the stop at the same second.
    ///
    /// ## Reproduce
    ///
    /// `systemctl restart php8.2-fpm` while a script sleeps.
    FPM_STOPPED {
        id: "fpm-stopped",
        title: "FPM was stopped while requests ran",
        decides: "FPM's log: `Terminating ...` or `Finishing ...` at this second",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_change(
        Signal::Stopping,
        "FPM was stopped in that second, which ends running requests",
    )
}
