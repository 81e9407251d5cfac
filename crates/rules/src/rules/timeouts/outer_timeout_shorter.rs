//! An outer proxy gives up before the inner route.

use base::Limit;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A proxy in front of the route gives up before the route does.
    ///
    /// ## Why it matters
    ///
    /// The outer nginx answers 504 while the inner one still waits for PHP. The limits of the inner chain
    /// never show: its log is silent, its 504 pages are never seen, and the script runs on.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_read_timeout 30s;
    ///         proxy_pass http://127.0.0.1:8080;
    ///     }
    /// }
    /// server {
    ///     listen 127.0.0.1:8080;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_read_timeout 90s;
    ///         fastcgi_pass unix:/run/php/php-fpm.sock;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_read_timeout 100s;
    ///         proxy_pass http://127.0.0.1:8080;
    ///     }
    /// }
    /// server {
    ///     listen 127.0.0.1:8080;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_read_timeout 90s;
    ///         fastcgi_pass unix:/run/php/php-fpm.sock;
    ///     }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: raises the outer read timeout above the inner one.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout>
    OUTER_TIMEOUT_SHORTER {
        id: "outer-timeout-shorter",
        group: "timeouts",
        severity: Warning,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, outer) in cx.model.routes() {
        if outer.protocol != Protocol::Proxy {
            continue;
        }
        let Ok(gives_up) = nginx.config.limit(outer.scope, "proxy_read_timeout") else {
            continue;
        };
        let Limit::After(outer_time) = gives_up.value else {
            continue;
        };
        for (behind, server) in cx.model.servers_behind(nginx, outer) {
            let inner = behind.routes.iter().filter(|r| r.server == Some(server));
            for route in inner.filter(|r| r.protocol == Protocol::Fastcgi) {
                let Ok(read) = behind.config.limit(route.scope, "fastcgi_read_timeout") else {
                    continue;
                };
                let Limit::After(inner_time) = read.value else {
                    continue;
                };
                // Two defaults of 60 seconds are nobody's decision.
                if outer_time >= inner_time {
                    continue;
                }
                let message = format!(
                    "the proxy in front gives up after {outer_time}, but `{}` waits {inner_time} \
                     for PHP",
                    route.label
                );
                let at = gives_up.origin.span();
                let at = at.unwrap_or_else(|| nginx.config.span(outer.pass));
                out.report(at, "gives up first", message)
                    .route(&outer.label)
                    .because_of("proxy_read_timeout", &gives_up)
                    .because_of("fastcgi_read_timeout", &read)
                    .help(format!("set `proxy_read_timeout` above {inner_time}"));
            }
        }
    }
}
