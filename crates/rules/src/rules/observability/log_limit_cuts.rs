//! Messages of workers are cut.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// FPM cuts the messages of workers short.
    ///
    /// ## Why it matters
    ///
    /// With `catch_workers_output = yes` a line of a worker that is longer than `log_limit` (1024 bytes) is split into pieces, and so
    /// are PHP's messages on their way to nginx's error log: the end of a stack trace, which names the cause, is in another line or
    /// gone.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 60s
    /// log_limit = 512
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// listen.owner = www-data
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 60s
    /// log_limit = 8192
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// listen.owner = www-data
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#log-limit>
    LOG_LIMIT_CUTS {
        id: "log-limit-cuts",
        group: "observability",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Of FPM, when nobody sets it.
const DEFAULT: i32 = 1024;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let Ok(limit) = fpm.global.number("log_limit", DEFAULT) else {
            continue;
        };
        let Some(at) = limit.origin.span().filter(|_| limit.value < DEFAULT) else {
            continue;
        };
        let message = format!("messages of workers are cut after {} bytes", limit.value);
        out.report(at, "less than the default", message)
            .severity(Severity::Info)
            .help("set `log_limit = 8192`");
    }
}
