//! Connections that close too soon.

use base::Severity;
use model::nginx::config::ScopeKind;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Connections of visitors are closed after a few requests.
    ///
    /// ## Why it matters
    ///
    /// A page with its pictures takes dozens of requests; with a small `keepalive_requests` browsers open a connection again and again, and over HTTP/2 requests in flight are lost with it.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// keepalive_requests 100;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// keepalive_requests 1000;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/>
    LOW_KEEPALIVE_REQUESTS {
        id: "low-keepalive-requests",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// nginx's default since 1.19.10; before it was 100.
const DEFAULT: u64 = 1000;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, item) in config.everywhere("keepalive_requests") {
            // Of an upstream it bounds connections to a backend.
            if config.scope(scope).kind == ScopeKind::Upstream {
                continue;
            }
            let text = config.word(item, 1).unwrap_or_default();
            let number = std::str::from_utf8(&text)
                .ok()
                .and_then(|text| text.parse::<u64>().ok());
            if let Some(number) = number.filter(|number| *number < DEFAULT) {
                out.report(
                    config.span(item),
                    format!("{number} requests"),
                    format!("visitors open a new connection after {number} requests"),
                )
                .severity(Severity::Info)
                .help("leave it out: the default is 1000");
            }
        }
    }
}
