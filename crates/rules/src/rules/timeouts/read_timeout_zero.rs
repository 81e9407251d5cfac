//! A read timeout of zero fires at once.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `fastcgi_read_timeout 0` times out at once.
    ///
    /// ## Why it matters
    ///
    /// In FPM and PHP zero means no limit. In nginx it means no patience: every request that is not
    /// answered within the same millisecond gets 504. `proxy_read_timeout` and the others of its kind do
    /// the same.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 0;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s;
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: sets the timeout above the limits of FPM and PHP.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    READ_TIMEOUT_ZERO {
        id: "read-timeout-zero",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let name = route.protocol.read_timeout();
        let Ok(read) = nginx.config.limit(route.scope, name) else {
            continue;
        };
        let (Limit::AtOnce, Some(at)) = (read.value, read.origin.span()) else {
            continue;
        };
        let message = format!("`{name} 0` does not mean no limit: every request gets 504 at once");
        out.report(at, "fires at once", message)
            .route(&route.label)
            .because_of(name, &read)
            .help("write the time that nginx shall wait, above the limits of FPM and PHP");
    }
}
