//! The gap between FPM's limit and nginx's is smaller than FPM's check interval.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The gap between `request_terminate_timeout` and `fastcgi_read_timeout` is smaller than FPM's check interval.
    ///
    /// ## Why it matters
    ///
    /// FPM does not watch the clock of each request. It looks every third of the shortest limit of any
    /// pool, so it ends a script up to that much late. Whoever falls into the gap gets 504 from nginx
    /// instead of the 502 that the FPM log explains: part of the requests lose the race.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 120s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 110s
    /// request_slowlog_timeout = 0
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
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: raises `fastcgi_read_timeout` above the latest moment at which FPM ends the script.
    ///
    /// ## References
    ///
    /// - `fpm_pctl_heartbeat` in `sapi/fpm/fpm/fpm_process_ctl.c`
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    TERMINATE_GAP_TOO_SMALL {
        id: "terminate-gap-too-small",
        group: "timeouts",
        severity: Warning,
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
        let (Limit::After(gives_up), Limit::After(ends)) = (read.value, terminate.value) else {
            continue;
        };
        let latest = ends.plus(chain.lateness);
        if gives_up <= ends || latest < gives_up {
            continue;
        }
        let message = format!(
            "PHP-FPM ends the script between {ends} and {latest}, nginx gives up after \
             {gives_up}: part of the requests get 504 instead of 502"
        );
        cx.report_chain(out, chain, read, terminate, message)
            .because_of("fastcgi_read_timeout", read)
            .because_of("request_terminate_timeout", terminate)
            .because(
                format!(
                    "FPM looks every {}: a third of the shortest limit of any pool",
                    chain.lateness
                ),
                None,
            )
            .help(format!(
                "set `fastcgi_read_timeout` above {latest}, or a `request_slowlog_timeout` of a \
                 few seconds, which makes FPM look more often"
            ));
    }
}
