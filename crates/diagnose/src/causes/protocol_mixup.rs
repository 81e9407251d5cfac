//! protocol-mixup.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// `fastcgi_pass` asks an HTTP server, or `proxy_pass` (or another) asks FPM.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream sent unsupported FastCGI protocol version: 72` (72 is the `H` of
    ///   `HTTP/1.1`), or a reset or `no valid HTTP/1.0 header` from an address at which FPM
    ///   listens; every request.
    ///
    /// ## What to change
    ///
    /// - Use `fastcgi_pass` for FPM, with `include fastcgi.conf`, and `proxy_pass` for HTTP
    ///   servers.
    ///
    /// ## How to make sure
    ///
    /// - Every request fails, also the smallest.
    ///
    /// ## Reproduce
    ///
    /// `proxy_pass http://127.0.0.1:9000;` with FPM behind it.
    PROTOCOL_MIXUP {
        id: "protocol-mixup",
        title: "nginx and the backend speak different protocols",
        decides: "the configuration: whether `proxy_pass`, `uwsgi_pass` or `scgi_pass` points to FPM, or `fastcgi_pass` to an HTTP server",
        rules: ["protocol-mixup"],
        settings: ["pass", "listen"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let broken = [
        Signal::ResetBeforeHeader,
        Signal::ResetWhileSending,
        Signal::EofBeforeHeader,
        Signal::HeaderInvalid,
        Signal::StrangeRecord,
        Signal::TimeoutBeforeHeader,
    ];
    let failure = case.failure;
    match failure.signal {
        Signal::WrongProtocol => Weight::certain("the backend did not answer in FastCGI"),
        _ if case.is_other_protocol() && case.is(&broken) => match failure.pool {
            Some(_) => Weight::certain("nginx does not speak FastCGI to an address of FPM"),
            None => Weight::Possible,
        },
        Signal::StrangeRecord => Weight::Possible,
        Signal::AccessNoHeader | Signal::AccessFailed if failure.status == 502 => Weight::Possible,
        _ => Weight::No,
    }
}
