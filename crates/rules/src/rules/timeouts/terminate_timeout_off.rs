//! Nothing bounds the wall time of a script.

use base::{Limit, Millis, Severity};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Nothing bounds the wall time of a script.
    ///
    /// ## Why it matters
    ///
    /// `max_execution_time` counts CPU time only. A script that waits for a database, a lock or another
    /// server is not stopped by it, and nginx, which gives up first, does not tell FPM. Each abandoned
    /// request keeps its worker until the script returns by itself; when all workers wait, every request
    /// gets 504. It is a warning when the pool is small, or when somebody granted long times, and a note
    /// otherwise, because most servers run without this limit.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_terminate_timeout = 0
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: sets `request_terminate_timeout` between `max_execution_time` and `fastcgi_read_timeout`.
    /// Scripts that needed longer will be ended.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    TERMINATE_TIMEOUT_OFF {
        id: "terminate-timeout-off",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

/// Pools of fewer workers are full at once; Debian's default is five.
const SMALL_POOL: i32 = 5;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(terminate), Ok(read)) = (&chain.terminate, &chain.read) else {
            continue;
        };
        // A negative value is a fault of its own.
        if terminate.value != Limit::Off || chain.fpm.watch_off().is_some() {
            continue;
        }
        let Some(at) = terminate.origin.span().or(chain.pool.place()) else {
            continue;
        };
        let workers = chain.pool.settings.number("pm.max_children", 0);
        let workers = workers.map_or(0, |setting| setting.value);
        let small = (1..SMALL_POOL).contains(&workers);
        let slow = cx.is_slow(chain);
        let severity = if small || slow {
            Severity::Warning
        } else {
            Severity::Info
        };
        let pool = chain.pool.shown_name();
        let message = format!(
            "nothing bounds the wall time of a script in pool `{pool}`: each request that nginx \
             gives up keeps one of {workers} workers busy until the script returns"
        );
        let after = read.value.fires_after().unwrap_or(Millis(0));
        let label = match terminate.origin.span() {
            Some(_) => "off".to_owned(),
            None => format!("pool `{pool}` does not set `request_terminate_timeout`"),
        };
        out.report(at, label, message)
            .route(&chain.route.label)
            .severity(severity)
            .because_of("request_terminate_timeout", terminate)
            .because(
                format!("nginx gives up after {after} and does not tell FPM"),
                read.origin.span(),
            )
            .because(
                "`max_execution_time` counts CPU time: sleep, database and network waits are free",
                None,
            )
            .help(format!(
                "set `request_terminate_timeout` of pool `{pool}` to the longest time that a \
                 request may take, `max_execution_time` below it and `fastcgi_read_timeout` above \
                 it, with a `request_slowlog_timeout` of a few seconds so that FPM looks often"
            ));
    }
}
