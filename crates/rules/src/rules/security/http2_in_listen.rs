//! A parameter that the next nginx warns of.

use base::Severity;
use model::NginxVersion;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `listen … http2` is deprecated since nginx 1.25.1.
    ///
    /// ## Why it matters
    ///
    /// nginx warns at every start and reload, and a later version will refuse it. It also speaks for the whole address: one server with
    /// it switches HTTP/2 on for all that listen there.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl http2;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    /// }
    /// ```
    ///
    /// ```facts
    /// [nginx]
    /// version = "1.25.1"
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl;
    ///     http2 on;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    /// }
    /// ```
    ///
    /// ```facts
    /// [nginx]
    /// version = "1.25.1"
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2>
    HTTP2_IN_LISTEN {
        id: "http2-in-listen",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// `http2` is a directive since then.
const SINCE: NginxVersion = NginxVersion::new(1, 25, 1);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("listen") {
            if !config.args(item).iter().any(|arg| **arg == *b"http2") {
                continue;
            }
            let severity = match cx.nginx_version() {
                Some(version) if version >= SINCE => Severity::Warning,
                Some(_) => continue,
                // It is right for the one and wrong for the other.
                None => {
                    out.needs("the version of nginx");
                    continue;
                }
            };
            out.report(
                config.span(item),
                "deprecated",
                "nginx 1.25.1 and newer warn of `http2` in `listen`",
            )
            .severity(severity)
            .help("take `http2` out of `listen`, and write `http2 on;` in the server");
        }
    }
}
