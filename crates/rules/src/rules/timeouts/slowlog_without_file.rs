//! A slow log limit without a slow log.

use crate::rule::rule;
use crate::{Context, Findings};
use model::php::FpmTime;

rule! {
    /// `request_slowlog_timeout` is set without `slowlog`.
    ///
    /// ## Why it matters
    ///
    /// PHP-FPM refuses to start. At a reload the master is gone, and every request gets 502.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// request_slowlog_timeout = 5s
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// request_slowlog_timeout = 5s
    /// slowlog = /var/log/php-slow.log
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: adds `slowlog`; the file and its place are a choice.
    ///
    /// ## References
    ///
    /// - `fpm_conf_process_all_pools` in `sapi/fpm/fpm/fpm_conf.c`
    SLOWLOG_WITHOUT_FILE {
        id: "slowlog-without-file",
        group: "timeouts",
        severity: Error,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(slowlog) = pool.settings.time("request_slowlog_timeout") else {
            continue;
        };
        let is_set = !matches!(slowlog.value, FpmTime::Off);
        let file = pool.settings.get("slowlog");
        let has_file = file.is_some_and(|f| !f.text.is_empty() || !f.holes.is_empty());
        let (true, false, Some(at)) = (is_set, has_file, slowlog.origin.span()) else {
            continue;
        };
        let name = pool.shown_name();
        let message = format!(
            "PHP-FPM refuses to start: pool `{name}` sets `request_slowlog_timeout`, but no \
             `slowlog`"
        );
        out.report(at, "no file for it", message)
            .help("add `slowlog = /var/log/php-fpm.slow.log`, or remove the timeout");
    }
}
