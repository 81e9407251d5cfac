//! An allow list that allows everybody.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A list of addresses allows some and denies nobody.
    ///
    /// ## Why it matters
    ///
    /// nginx takes the first line that matches, and lets in whom no line names: without `deny all` the list has no effect.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /admin {
    ///     allow 10.0.0.0/8;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /admin {
    ///     allow 10.0.0.0/8;
    ///     deny all;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_access_module.html>
    ALLOW_WITHOUT_DENY {
        id: "allow-without-deny",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let mut seen = None;
        for (scope, item) in config.everywhere("allow") {
            if seen.replace(scope) == Some(scope) || config.has_gap(scope) {
                continue;
            }
            let rules = config.access_rules(scope);
            let is_deny =
                |rule: &model::nginx::Item| config.word(*rule, 0).is_some_and(|n| *n == *b"deny");
            let all = rules
                .iter()
                .any(|rule| config.word(*rule, 1).is_some_and(|a| *a == *b"all"));
            if !rules.iter().any(is_deny) && !all {
                out.report(
                    config.span(item),
                    "no `deny`",
                    "everybody is let in: this list denies nobody",
                )
                .help("add `deny all;` behind it");
            }
        }
    }
}
