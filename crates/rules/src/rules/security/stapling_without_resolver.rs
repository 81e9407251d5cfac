//! Stapling that never happens.

use base::Severity;
use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// OCSP stapling is on, and nginx cannot find the responder.
    ///
    /// ## Why it matters
    ///
    /// nginx must look up the responder's name. Without `resolver` it writes a warning and staples nothing, so every visitor's browser
    /// asks the responder itself, or does not ask at all.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/shop.pem;
    ///     ssl_certificate_key /etc/ssl/shop.key;
    ///     ssl_stapling on;
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
    ///     ssl_stapling on;
    ///     resolver 127.0.0.53;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling>
    STAPLING_WITHOUT_RESOLVER {
        id: "stapling-without-resolver",
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
        for (scope, item) in config.everywhere("ssl_stapling") {
            let is_on = config
                .word(item, 1)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"on"));
            if !is_on {
                continue;
            }
            // A server may have what the block around it lacks.
            let has = |name: &str| {
                config.find(scope, name).is_some()
                    || config
                        .everywhere(name)
                        .any(|(at, _)| config.outward(at).any(|id| id == scope))
            };
            let certificate = config.find(scope, "ssl_certificate");
            let path = certificate.and_then(|(item, _)| config.word(item, 1));
            let path = printable(&path.unwrap_or_default());
            if path.contains("letsencrypt") || path.contains("certbot") {
                out.report(config.span(item), "nothing to staple", "certificates of Let's Encrypt name no OCSP responder any more: nothing is stapled")
                    .severity(Severity::Info)
                    .help("take `ssl_stapling` out");
            } else if config.complete
                && !has("resolver")
                && !has("ssl_stapling_file")
                && !has("ssl_stapling_responder")
                && !config.outward(scope).any(|id| config.has_gap(id))
            {
                out.report(config.span(item), "no `resolver`", "nginx cannot look up the OCSP responder and staples nothing")
                    .help("add `resolver` with the address of a name server you trust, such as the local one");
            }
        }
    }
}
