//! invalid-header.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, Why, cause};

cause! {
    /// The answer's header is not one: the script wrote it by hand, or the backend speaks something
    /// else.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream sent invalid header: …`, `invalid status`, `unexpected FastCGI record`,
    ///   502.
    ///
    /// ## What to change
    ///
    /// - Find the `header()` call; the message quotes it.
    /// - A backend that is not php-fpm: look at its protocol.
    ///
    /// ## How to make sure
    ///
    /// - `cgi-fcgi -bind -connect` shows the raw answer.
    ///
    /// ## Reproduce
    ///
    /// `header('Bad Name: x');` sent with a space in the name.
    INVALID_HEADER {
        id: "invalid-header",
        title: "the upstream's header is not valid",
        decides: "nginx's error log: `upstream sent invalid header`",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::HeaderInvalid if case.is_other_protocol() => Weight::Possible,
        Signal::HeaderInvalid => Weight::certain("nginx refused the header that the script sent"),
        Signal::StrangeRecord => Weight::Likely(Why::said(
            "the backend ended its answer before a header; php-fpm does that only when a request \
             fails before its script begins",
        )),
        Signal::AccessNoHeader | Signal::AccessFailed if case.failure.status == 502 => {
            Weight::Possible
        }
        _ => Weight::No,
    }
}
