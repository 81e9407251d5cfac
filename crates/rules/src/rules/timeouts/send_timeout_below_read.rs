//! An upload gives up earlier than a page.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `fastcgi_send_timeout` is below `fastcgi_read_timeout`.
    ///
    /// ## Why it matters
    ///
    /// While all workers are busy, nobody reads. A request without a body waits for the read timeout; one
    /// with a large body fills the socket and then waits only for the send timeout. Uploads fail with 504
    /// "while sending request to upstream" on a pool where pages still come through.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_send_timeout 10s;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_send_timeout 60s;
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: raises `fastcgi_send_timeout` to the read timeout.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_send_timeout>
    SEND_TIMEOUT_BELOW_READ {
        id: "send-timeout-below-read",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(send), Ok(read)) = (&chain.send, &chain.read) else {
            continue;
        };
        let (Limit::After(sends), Limit::After(reads)) = (send.value, read.value) else {
            continue;
        };
        let Some(at) = send.origin.span().filter(|_| sends < reads) else {
            continue;
        };
        let message = format!(
            "a large upload to a busy pool gives up after {sends}, a page only after {reads}"
        );
        out.report(at, "shorter than the read timeout", message)
            .route(&chain.route.label)
            .because_of("fastcgi_send_timeout", send)
            .because_of("fastcgi_read_timeout", read)
            .help(format!("set `fastcgi_send_timeout {reads}`"));
    }
}
