//! No slow log.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool writes no slow log.
    ///
    /// ## Why it matters
    ///
    /// When requests time out, the slow log is the only place that names the line of PHP code that was
    /// waiting. It also makes FPM look at its limits more often.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_slowlog_timeout = 0
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// request_slowlog_timeout = 5s
    /// slowlog = /var/log/php-slow.log
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: adds a slow log of 5 seconds; it needs ptrace, which containers may forbid.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-slowlog-timeout>
    SLOWLOG_OFF {
        id: "slowlog-off",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(slowlog) = &chain.slowlog else {
            continue;
        };
        if slowlog.value != Limit::Off || chain.fpm.watch_off().is_some() {
            continue;
        }
        let Some(at) = slowlog.origin.span().or(chain.pool.place()) else {
            continue;
        };
        let name = chain.pool.shown_name();
        let message = format!(
            "pool `{name}` writes no slow log: a timeout will not name the line that waited"
        );
        let label = match slowlog.origin.span() {
            Some(_) => "no slow log".to_owned(),
            None => format!("pool `{name}` does not set `request_slowlog_timeout`"),
        };
        out.report(at, label, message)
            .route(&chain.route.label)
            .because_of("request_slowlog_timeout", slowlog)
            .help("set `request_slowlog_timeout = 5s` and `slowlog`");
    }
}
