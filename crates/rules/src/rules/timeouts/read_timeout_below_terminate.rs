//! nginx gives up before FPM ends the script.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx stops waiting before PHP-FPM ends the script.
    ///
    /// ## Why it matters
    ///
    /// The client gets `504 Gateway Time-out`, but FPM is not told: the script runs on until
    /// `request_terminate_timeout`, for nobody, and its worker is busy all that time. A few of
    /// these fill the pool, and then requests fail that were never slow.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 110s
    /// request_slowlog_timeout = 10s
    /// slowlog = /var/log/php-slow.log
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 120s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 110s
    /// request_slowlog_timeout = 10s
    /// slowlog = /var/log/php-slow.log
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: raises `fastcgi_read_timeout` of the route above the latest moment at which FPM ends
    /// the script.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    READ_TIMEOUT_BELOW_TERMINATE {
        id: "read-timeout-below-terminate",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(read), Ok(terminate)) = (&chain.read, &chain.terminate) else {
            continue;
        };
        // A zero read timeout is a fault of its own, and equal values have their own note.
        let (Limit::After(gives_up), Limit::After(ends)) = (read.value, terminate.value) else {
            continue;
        };
        if gives_up >= ends {
            continue;
        }
        let message = format!(
            "nginx gives up after {gives_up}, but PHP-FPM lets the script run for {ends}: the \
             client gets 504 and the worker stays busy"
        );
        let latest = ends.plus(chain.lateness);
        cx.report_chain(out, chain, read, terminate, message)
            .because_of("fastcgi_read_timeout", read)
            .because_of("request_terminate_timeout", terminate)
            .because(
                format!("FPM looks every so often: it ends the script between {ends} and {latest}"),
                None,
            )
            .help(format!(
                "set `fastcgi_read_timeout` above {latest} where this route gets it, or \
                 `request_terminate_timeout` of pool `{}` below {gives_up}",
                chain.pool.shown_name()
            ));
    }
}
