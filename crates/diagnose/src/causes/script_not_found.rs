//! script-not-found.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// `SCRIPT_FILENAME` names a file that FPM cannot find: 404.
    ///
    /// ## Evidence
    ///
    /// - nginx: `FastCGI sent in stderr: "Primary script unknown"`, 404.
    ///
    /// ## What to change
    ///
    /// - Set `fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;` (or `include
    ///   fastcgi.conf`): `fastcgi_params` alone has none.
    /// - In containers the file must exist in FPM's container under the same path.
    /// - Scanners that ask for what never existed: `try_files $uri =404;` keeps them away from FPM.
    ///
    /// ## How to make sure
    ///
    /// - The path that nginx sends, seen from FPM's machine.
    ///
    /// ## Reproduce
    ///
    /// Ask for a script that does not exist.
    SCRIPT_NOT_FOUND {
        id: "script-not-found",
        title: "FPM found no such script",
        decides: "nginx's error log: `Primary script unknown`",
        rules: ["script-filename-missing"],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ScriptUnknown => Weight::certain("FPM said so"),
        _ => Weight::No,
    }
}
