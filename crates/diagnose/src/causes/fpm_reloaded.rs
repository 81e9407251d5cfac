//! fpm-reloaded.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// A reload (SIGUSR2, `systemctl reload`) ended workers that had requests.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)`, several in one second.
    /// - FPM: `Reloading in progress ...`, no `exited` lines for the workers that were busy.
    ///
    /// ## What to change
    ///
    /// - Set `process_control_timeout` in FPM's `[global]` to more than the longest request: then a
    ///   reload waits for running requests.
    /// - Deploy without a reload where you can (`opcache_reset()`, a new document root).
    ///
    /// ## How to make sure
    ///
    /// - The 502s stop when nobody reloads; `journalctl -u 'php*-fpm'` shows who did.
    ///
    /// ## Reproduce
    ///
    /// `kill -USR2` of the master with `process_control_timeout = 0` while a script sleeps.
    FPM_RELOADED {
        id: "fpm-reloaded",
        title: "FPM was reloaded while requests ran",
        decides: "FPM's log: `Reloading in progress` at this second",
        rules: ["reload-kills-requests"],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let emergency = case.weigh_change(Signal::EmergencyRestart, "");
    if matches!(emergency, Weight::Certain(_)) {
        return Weight::No;
    }
    case.weigh_change(
        Signal::Reloading,
        "FPM was reloaded in that second, which ends running requests",
    )
}
