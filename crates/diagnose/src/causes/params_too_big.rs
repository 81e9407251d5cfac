//! params-too-big.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// All FastCGI parameters together must fit into 65,535 bytes: 500.
    ///
    /// ## Evidence
    ///
    /// - nginx: `[alert] fastcgi request record is too big: N`.
    ///
    /// ## What to change
    ///
    /// - Bound the client's headers (`large_client_header_buffers`), and look for parameters that
    ///   hold them twice.
    ///
    /// ## How to make sure
    ///
    /// - The request with fewer cookies works.
    ///
    /// ## Reproduce
    ///
    /// Several cookies of 20 kB.
    PARAMS_TOO_BIG {
        id: "params-too-big",
        title: "the request's FastCGI parameters are larger than 64 kB",
        decides: "nginx's error log: `fastcgi request record is too big`",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ParamsTooBig => Weight::certain("nginx said so"),
        Signal::AccessNotAsked if case.failure.status == 500 => Weight::Possible,
        _ => Weight::No,
    }
}
