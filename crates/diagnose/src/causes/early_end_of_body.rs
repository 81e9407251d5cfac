//! early-end-of-body.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};
use crate::deaths::End;

cause! {
    /// The script announced a `Content-Length` and sent less; the page is cut and the access log
    /// says 200.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream prematurely closed FastCGI request while reading upstream`; FPM's log has
    ///   no end of a worker.
    ///
    /// ## What to change
    ///
    /// - Let PHP compute the length, or none be sent; a notice in the output or a changed file
    ///   length are usual reasons.
    ///
    /// ## How to make sure
    ///
    /// - `curl` reports `transfer closed with outstanding read data`.
    ///
    /// ## Reproduce
    ///
    /// `header('Content-Length: 1000'); echo 'short';`
    EARLY_END_OF_BODY {
        id: "early-end-of-body",
        title: "the answer ended before its announced length",
        decides: "FPM's log: no worker ended at this second",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let died = case.found.death.is_some() || case.found.ends.iter().any(|end| *end != End::Clean);
    match case.failure.signal {
        Signal::EofAfterHeader if died => Weight::Possible,
        Signal::EofAfterHeader => {
            Weight::certain("the backend ended its answer early, and nothing died")
        }
        _ => Weight::No,
    }
}
