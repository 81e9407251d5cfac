//! A negative limit switches FPM's watch off for every pool.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A negative `request_terminate_timeout` switches the limit off for every pool.
    ///
    /// ## Why it matters
    ///
    /// FPM takes the smallest limit of all pools as the interval at which it looks. A negative one makes
    /// the interval negative: the watch never runs, and the limits of all other pools are without effect.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// request_terminate_timeout = -1
    /// request_slowlog_timeout = 0
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
    /// Safe: writes 0, which means off for this pool alone.
    ///
    /// ## References
    ///
    /// - `fpm_pctl_heartbeat` in `sapi/fpm/fpm/fpm_process_ctl.c`
    TERMINATE_TIMEOUT_NEGATIVE {
        id: "terminate-timeout-negative",
        group: "timeouts",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let Some((pool, setting, at)) = fpm.watch_off() else {
            continue;
        };
        let name = pool.shown_name();
        let also = match fpm.pools.len() - 1 {
            0 => String::new(),
            1 => ", 1 other included".to_owned(),
            others => format!(", {others} others included"),
        };
        let message = format!(
            "the `{setting}` of pool `{name}` counts as negative: that switches \
             `request_terminate_timeout` off for every pool of this PHP-FPM{also}"
        );
        out.report(at, "negative", message)
            .help("write 0 to switch the limit off for this pool alone, or a time to set one");
    }
}
