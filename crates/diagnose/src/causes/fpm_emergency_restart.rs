//! fpm-emergency-restart.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// `emergency_restart_threshold` was reached: FPM reloaded itself, and requests of innocent
    /// workers ended with it.
    ///
    /// ## Evidence
    ///
    /// - nginx: several `recv() failed (104…)` in one second.
    /// - FPM: `failed processes threshold (N in S sec) is reached, initiating reload`, then
    ///   `Reloading in progress ...`.
    ///
    /// ## What to change
    ///
    /// - Find why the workers before it crashed: those incidents are the root.
    /// - Switch the restart off (`emergency_restart_threshold = 0`) unless a damaged opcode cache
    ///   was really the reason for it.
    ///
    /// ## How to make sure
    ///
    /// - The threshold line stands right before the reload.
    ///
    /// ## Reproduce
    ///
    /// `emergency_restart_threshold = 2` and two crashing scripts while a third one sleeps.
    FPM_EMERGENCY_RESTART {
        id: "fpm-emergency-restart",
        title: "FPM restarted itself after too many crashes",
        decides: "FPM's log: `failed processes threshold … is reached, initiating reload` at this second",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_change(
        Signal::EmergencyRestart,
        "FPM reloaded itself in that second because workers kept crashing",
    )
}
