//! fpm-socket-permission.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The socket is there, but its owner, group or mode, or a directory above it, keeps nginx out.
    ///
    /// ## Evidence
    ///
    /// - nginx: `[crit] connect() to unix:… failed (13: Permission denied)`, 502 at once.
    ///
    /// ## What to change
    ///
    /// - Set `listen.owner`, `listen.group` and `listen.mode` (0660) in the pool so that nginx's
    ///   user is let in, and reload FPM.
    /// - With SELinux: `ausearch -m avc -c nginx`.
    ///
    /// ## How to make sure
    ///
    /// - `namei -l` of the socket's path shows who may pass; `ps -o user -C nginx` who asks.
    ///
    /// ## Reproduce
    ///
    /// `listen.owner = root`, `listen.mode = 0660` with nginx as www-data.
    FPM_SOCKET_PERMISSION {
        id: "fpm-socket-permission",
        title: "nginx may not open the socket",
        decides: "nginx's error log: `connect() to … failed (13: Permission denied)`",
        rules: ["socket-permission"],
        settings: ["listen", "pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ConnectDenied => Weight::certain("the socket's permissions keep nginx out"),
        Signal::AccessNeverConnected | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        Signal::AccessRetried => Weight::Possible,
        _ => Weight::No,
    }
}
