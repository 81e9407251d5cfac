//! FPM ends the script before PHP may.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// PHP-FPM ends the script before PHP's own limit can.
    ///
    /// ## Why it matters
    ///
    /// PHP's limit ends a script cleanly: shutdown functions run, the client gets 500 and the log names
    /// file and line. FPM's limit sends SIGTERM to the worker: the client gets 502, transactions stay
    /// open, and nothing of the script is logged. A computing script should meet PHP's limit first.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 300
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 30
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: lowers `max_execution_time` below `request_terminate_timeout` where the pool gets it.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/info.configuration.php#ini.max-execution-time>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    TERMINATE_BELOW_MAX_EXECUTION {
        id: "terminate-below-max-execution",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(terminate), Ok(execution)) = (&chain.terminate, &chain.execution) else {
            continue;
        };
        let (Limit::After(ends), Limit::After(allowed)) = (terminate.value, execution.value) else {
            continue;
        };
        if ends >= allowed {
            continue;
        }
        let message = format!(
            "PHP-FPM kills the worker after {ends}, before PHP's own limit of {allowed} can end \
             the script cleanly: 502 instead of a logged 500"
        );
        cx.report_chain(out, chain, terminate, execution, message)
            .because_of("request_terminate_timeout", terminate)
            .because_of("max_execution_time", execution)
            .because("FPM measures wall time, PHP measures CPU time", None)
            .help(format!(
                "set `max_execution_time` below {ends} where pool `{}` gets it, or \
                 `request_terminate_timeout` above {allowed}",
                chain.pool.shown_name()
            ));
    }
}
