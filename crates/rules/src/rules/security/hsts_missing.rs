//! TLS without a promise.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A server with TLS does not ask browsers to stay with it.
    ///
    /// ## Why it matters
    ///
    /// Without `Strict-Transport-Security` a visitor who types the name comes over plain HTTP first, and whoever sits in between
    /// can answer instead of the redirect.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    ///     add_header Strict-Transport-Security "max-age=63072000" always;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Strict-Transport-Security>
    HSTS_MISSING {
        id: "hsts-missing",
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
        for server in config.servers() {
            let tls = config.all(server, "listen").find(|item| {
                config
                    .args(*item)
                    .iter()
                    .any(|arg| **arg == *b"ssl" || **arg == *b"quic")
            });
            let Some(listen) = tls else { continue };
            let reject = config.find(server, "ssl_reject_handshake");
            let rejects = config
                .flag(server, "ssl_reject_handshake")
                .is_ok_and(|f| f.value)
                || reject.is_some_and(|(item, _)| config.unsure(item).is_some());
            let is_unknown = config.may_hold_more(server, "add_header") || !config.complete;
            // A location or the application may say it.
            let is_said = config.inside(server).into_iter().any(|scope| {
                config.find_all(scope, "add_header").iter().any(|item| {
                    let name = config.word(*item, 1).unwrap_or_default();
                    name.eq_ignore_ascii_case(b"strict-transport-security")
                })
            });
            if rejects || is_unknown || is_said {
                continue;
            }
            out.report(config.span(listen), "no `Strict-Transport-Security`", "browsers are not asked to stay with TLS")
                .severity(Severity::Info)
                .help("add `add_header Strict-Transport-Security \"max-age=63072000\" always;` unless the application sends it");
        }
    }
}
