//! The only limit of a script counts CPU time.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The only limit of a script counts CPU time, not waiting.
    ///
    /// ## Why it matters
    ///
    /// `max_execution_time` looks like a limit for the time a request takes. It counts the CPU time of
    /// the process: a script that sleeps, waits for a query or calls another server passes it by any
    /// amount. It does what people expect only together with `request_terminate_timeout`.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_terminate_timeout = 0
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 20
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 20
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/function.set-time-limit.php>
    MAX_EXECUTION_TIME_INEFFECTIVE {
        id: "max-execution-time-ineffective",
        group: "timeouts",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(terminate), Ok(execution)) = (&chain.terminate, &chain.execution) else {
            continue;
        };
        let (Limit::After(cpu), Limit::Off) = (execution.value, terminate.value) else {
            continue;
        };
        // The default is nobody's decision, so nobody is mistaken about it.
        let Some(at) = execution.origin.span() else {
            continue;
        };
        let message = format!(
            "`max_execution_time` ends a script after {cpu} of CPU time only: one that waits is \
             not ended at all"
        );
        out.report(at, "CPU time", message)
            .route(&chain.route.label)
            .because_of("max_execution_time", execution)
            .because_of("request_terminate_timeout", terminate)
            .help("set `request_terminate_timeout`, which measures wall time");
    }
}
