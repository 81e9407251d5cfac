//! The error log leaves out why requests failed.

use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The level of the error log leaves out why requests failed.
    ///
    /// ## Why it matters
    ///
    /// nginx writes the reasons for 502 and 504 (`upstream timed out`, `Connection reset by peer`, `prematurely closed`) at the
    /// level `error`. A log with `crit` or above has the status in the access log and no reason anywhere.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// error_log /var/log/nginx/error.log crit;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// error_log /var/log/nginx/error.log warn;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/ngx_core_module.html#error_log>
    ERROR_LOG_TOO_QUIET {
        id: "error-log-too-quiet",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        let logs = config.find_all(route.scope, "error_log");
        let quiet = |level: &[u8]| matches!(level, b"crit" | b"alert" | b"emerg");
        // One log that has them is enough.
        let all_quiet = logs
            .iter()
            .all(|item| config.word(*item, 2).is_some_and(|l| quiet(&l)));
        let Some(item) = logs.first().filter(|_| all_quiet) else {
            continue;
        };
        let level = printable(&config.word(*item, 2).unwrap_or_default());
        let message = format!(
            "the error log has nothing below `{level}`: why a request got 502 or 504 is not written"
        );
        out.report(
            config.span(*item),
            format!("`{level}` is above `error`"),
            message,
        )
        .route(&route.label)
        .help("use `error` or `warn`");
    }
}
