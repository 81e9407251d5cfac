//! A check that a missing header passes.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Requests without `Referer` pass this check.
    ///
    /// ## Why it matters
    ///
    /// `valid_referers none` lets through whoever leaves the header out, which every page can ask the browser to do: against links from
    /// other pages it helps against the careless only.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /img/ {
    ///     valid_referers none server_names;
    ///     if ($invalid_referer) {
    ///         return 403;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /img/ {
    ///     valid_referers server_names;
    ///     if ($invalid_referer) {
    ///         return 403;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_referer_module.html#valid_referers>
    VALID_REFERERS_NONE {
        id: "valid-referers-none",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("valid_referers") {
            if config.args(item).iter().any(|arg| **arg == *b"none") {
                out.report(
                    config.span(item),
                    "`none` is enough",
                    "requests without `Referer` pass this check",
                )
                .severity(Severity::Info)
                .help("take `none` out, unless readers who type the address must get the file");
            }
        }
    }
}
