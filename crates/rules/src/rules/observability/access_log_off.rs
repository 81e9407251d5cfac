//! Requests to PHP leave no line.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Requests to PHP leave no line in an access log.
    ///
    /// ## Why it matters
    ///
    /// Nobody can tell afterwards how many requests failed, which ones, and after how long.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// access_log off;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// access_log /var/log/nginx/shop.log;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_log_module.html#access_log>
    ACCESS_LOG_OFF {
        id: "access-log-off",
        group: "observability",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let config = &chain.nginx.config;
        let logs = config.find_all(chain.route.scope, "access_log");
        let off = logs
            .iter()
            .find(|item| config.word(**item, 1).is_some_and(|p| *p == *b"off"));
        let Some(off) = off.filter(|_| logs.len() == 1) else {
            continue;
        };
        let status = chain
            .pool
            .settings
            .text("pm.status_path")
            .and_then(Result::ok);
        let is_status = status
            .zip(chain.route.server)
            .is_some_and(|(path, server)| {
                config
                    .matched(server, &path.value)
                    .is_ok_and(|scope| scope == chain.route.scope)
            });
        if is_status {
            continue;
        }
        out.report(
            config.span(*off),
            "off",
            "requests to PHP leave no line in an access log",
        )
        .severity(Severity::Info)
        .route(&chain.route.label)
        .help("log them, with `$upstream_status` and `$upstream_response_time`");
    }
}
