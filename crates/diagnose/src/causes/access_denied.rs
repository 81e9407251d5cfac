//! access-denied.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The file's extension is not in `security.limit_extensions`, or FPM's user may not read it:
    /// 403.
    ///
    /// ## Evidence
    ///
    /// - nginx: `Access to the script '…' has been denied (see security.limit_extensions)` or
    ///   `Unable to open primary script: … (Permission denied)`.
    ///
    /// ## What to change
    ///
    /// - A file that is not PHP should not go to FPM: narrow the location.
    /// - Permission denied: let the pool's user read the file and pass its directories.
    ///
    /// ## How to make sure
    ///
    /// - `sudo -u POOLUSER cat FILE`.
    ///
    /// ## Reproduce
    ///
    /// Ask FPM for a file with another extension.
    ACCESS_DENIED {
        id: "access-denied",
        title: "FPM may not or will not run the file",
        decides: "nginx's error log: the message from FPM",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ScriptDenied | Signal::ScriptUnreadable => Weight::certain("FPM said so"),
        _ => Weight::No,
    }
}
