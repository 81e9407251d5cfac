//! The slow log limit is above the limit that ends the script.

use crate::rule::rule;
use crate::{Context, Findings};
use model::php::FpmTime;

rule! {
    /// `request_slowlog_timeout` is above `request_terminate_timeout`.
    ///
    /// ## Why it matters
    ///
    /// PHP-FPM refuses to start. At a reload the master is gone, and every request gets 502.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_slowlog_timeout = 60s
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// request_slowlog_timeout = 5s
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: lowers `request_slowlog_timeout` below `request_terminate_timeout`.
    ///
    /// ## References
    ///
    /// - `fpm_conf_process_all_pools` in `sapi/fpm/fpm/fpm_conf.c`
    SLOWLOG_ABOVE_TERMINATE {
        id: "slowlog-above-terminate",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let time = |name: &str| pool.settings.time(name).ok();
        let (Some(slowlog), Some(terminate)) = (
            time("request_slowlog_timeout"),
            time("request_terminate_timeout"),
        ) else {
            continue;
        };
        let (FpmTime::After(logs), FpmTime::After(ends)) = (slowlog.value, terminate.value) else {
            continue;
        };
        let Some(at) = slowlog.origin.span().filter(|_| logs > ends) else {
            continue;
        };
        let name = pool.shown_name();
        let message = format!(
            "PHP-FPM refuses to start: the slow log of pool `{name}` waits {logs}, but the script \
             is ended after {ends}"
        );
        let end_at = terminate.origin.span();
        out.report(at, format!("{logs}"), message)
            .because_of("request_slowlog_timeout", &slowlog.map(|_| logs))
            .because(format!("`request_terminate_timeout` is {ends}"), end_at)
            .help(format!("set `request_slowlog_timeout` below {ends}"));
    }
}
