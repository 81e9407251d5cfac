//! PHP may compute longer than nginx waits.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A script may compute longer than nginx waits for it.
    ///
    /// ## Why it matters
    ///
    /// nginx answers 504 and closes the connection; PHP goes on computing for nobody until
    /// `max_execution_time`. The time that somebody granted to the script is never of use to a client,
    /// and each such request keeps a worker busy.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 0
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 300
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 320s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 0
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 300
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: raises `fastcgi_read_timeout` of the route above `max_execution_time`.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    /// - <https://www.php.net/manual/en/info.configuration.php#ini.max-execution-time>
    MAX_EXECUTION_ABOVE_READ {
        id: "max-execution-above-read",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(read), Ok(terminate), Ok(execution)) =
            (&chain.read, &chain.terminate, &chain.execution)
        else {
            continue;
        };
        let (Limit::After(gives_up), Limit::After(allowed)) = (read.value, execution.value) else {
            continue;
        };
        // When FPM ends the script before nginx gives up, PHP's limit is out of reach, which is
        // `terminate-below-max-execution`.
        let fpm_first = matches!(terminate.value, Limit::After(ends) if ends < gives_up);
        if allowed <= gives_up || fpm_first {
            continue;
        }
        let message = format!(
            "PHP may compute for {allowed}, but nginx gives up after {gives_up}: the client gets \
             504 and the script goes on for nobody"
        );
        cx.report_chain(out, chain, read, execution, message)
            .because_of("fastcgi_read_timeout", read)
            .because_of("max_execution_time", execution)
            .help(format!(
                "set `fastcgi_read_timeout` above {allowed} if requests need that long, or \
                 `max_execution_time` below {gives_up} if they do not"
            ));
    }
}
