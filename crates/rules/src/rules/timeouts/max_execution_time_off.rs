//! PHP's own limit is off in FPM.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `max_execution_time` is off for requests.
    ///
    /// ## Why it matters
    ///
    /// 0 is right for the command line and a habit that leaks from there. In FPM a script in an endless
    /// loop then computes until FPM or a person ends it, with a whole core for itself.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// max_execution_time = 0
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// max_execution_time = 30
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: sets `max_execution_time` to 30 seconds, PHP's default. Scripts that compute longer will be
    /// ended.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/info.configuration.php#ini.max-execution-time>
    MAX_EXECUTION_TIME_OFF {
        id: "max-execution-time-off",
        group: "timeouts",
        severity: Warning,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(execution) = &chain.execution else {
            continue;
        };
        let (Limit::Off, Some(at)) = (execution.value, execution.origin.span()) else {
            continue;
        };
        let pool = chain.pool.shown_name();
        let message = format!(
            "PHP sets no limit to the computing time of requests in pool `{pool}`: an endless \
             loop keeps a worker and a core until somebody ends it"
        );
        out.report(at, "off", message)
            .route(&chain.route.label)
            .because_of("max_execution_time", execution)
            .help(
                "set `max_execution_time` to what a request may compute, such as 30; the command \
                 line has its own php.ini",
            );
    }
}
