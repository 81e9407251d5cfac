//! The error log goes nowhere.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The error log goes nowhere, or into a file called `off`.
    ///
    /// ## Why it matters
    ///
    /// Why a request got 502 or 504 is written in the error log alone. `error_log off` does not switch it off: it writes a file
    /// of that name below nginx's prefix; `/dev/null` throws the reasons away.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// error_log off;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// error_log /var/log/nginx/error.log;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/ngx_core_module.html#error_log>
    ERROR_LOG_OFF {
        id: "error-log-off",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("error_log") {
            let path = config.word(item, 1).unwrap_or_default();
            let message = match &*path {
                b"off" => "`error_log off` writes into a file called `off`",
                b"/dev/null" => "the reasons for 502 and 504 are thrown away",
                _ => continue,
            };
            out.report(config.span(item), "not a log that somebody reads", message)
                .help("write `error_log /var/log/nginx/error.log;`, with the level `crit` where little is wanted");
        }
    }
}
