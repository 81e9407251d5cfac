//! A connect timeout that cannot be reached.

use base::{Limit, Millis};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The connect timeout is longer than it can ever take.
    ///
    /// ## Why it matters
    ///
    /// A socket that is not there, refuses or is full fails at once on a unix socket. On TCP only lost
    /// packets are waited for. A long connect timeout does not give a busy pool more time; it lets clients
    /// wait for a machine that is gone.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_connect_timeout 300s;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_connect_timeout 5s;
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: lowers it to 5 seconds.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_connect_timeout>
    CONNECT_TIMEOUT_TOO_LONG {
        id: "connect-timeout-too-long",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

/// nginx's manual: this timeout cannot usually exceed 75 seconds.
const LONGEST: Millis = Millis(75_000);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(connect) = &chain.connect else {
            continue;
        };
        let (Limit::After(time), Some(at)) = (connect.value, connect.origin.span()) else {
            continue;
        };
        if time <= LONGEST {
            continue;
        }
        let message = format!(
            "`fastcgi_connect_timeout` of {time} gives a busy pool no more time; clients wait for \
             a machine that is gone"
        );
        out.report(at, "cannot be reached", message)
            .route(&chain.route.label)
            .because_of("fastcgi_connect_timeout", connect)
            .help("5 seconds are enough inside one network");
    }
}
