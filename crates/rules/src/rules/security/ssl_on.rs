//! A directive that is gone.

use base::Severity;
use model::NginxVersion;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `ssl on` is gone since nginx 1.25.1.
    ///
    /// ## Why it matters
    ///
    /// nginx 1.25.1 and newer refuse to start with it; older ones warn since 1.15.0. It also switches TLS on for every address of the
    /// server, port 80 included.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 443;
    ///     ssl on;
    /// }
    /// ```
    ///
    /// ```facts
    /// [nginx]
    /// version = "1.24.0"
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    /// }
    /// ```
    ///
    /// ```facts
    /// [nginx]
    /// version = "1.24.0"
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/CHANGES>
    SSL_ON {
        id: "ssl-on",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

const GONE: NginxVersion = NginxVersion::new(1, 25, 1);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("ssl") {
            let is_on = config
                .word(item, 1)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"on"));
            if !is_on {
                continue;
            }
            let (severity, message) = match cx.nginx_version() {
                Some(version) if version >= GONE => (
                    Severity::Error,
                    format!("nginx {version} does not know `ssl` and refuses to start"),
                ),
                Some(version) => (
                    Severity::Warning,
                    format!("nginx {version} warns of `ssl on`, and 1.25.1 refuses it"),
                ),
                None => (
                    Severity::Warning,
                    "nginx warns of `ssl on`, and 1.25.1 refuses it".to_owned(),
                ),
            };
            out.report(config.span(item), "gone since 1.25.1", message)
                .severity(severity)
                .help("take the line out, and write `listen … ssl;`");
        }
    }
}
