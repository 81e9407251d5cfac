//! A timed-out request is repeated on the next server.

use base::Limit;
use model::nginx::Protocol;
use model::nginx::route::{retries_on, tries};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A request that timed out is sent to the next server, and waits again.
    ///
    /// ## Why it matters
    ///
    /// `timeout` is part of the default of `fastcgi_next_upstream`. A slow GET runs on one server until
    /// the read timeout, then again on the next: the client waits the sum, the script runs several times,
    /// and with few servers one slow page marks them all as failed: then every request gets "no live
    /// upstreams".
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_next_upstream error;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: takes `timeout` out of `fastcgi_next_upstream`. A server that hangs is then no longer
    /// skipped for the request that met it.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_next_upstream>
    RETRY_MULTIPLIES_WAIT {
        id: "retry-multiplies-wait",
        group: "timeouts",
        severity: Warning,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        let count = tries(config, route);
        if route.protocol != Protocol::Fastcgi || count < 2 || !retries_on(config, route, "timeout")
        {
            continue;
        }
        let (Ok(read), Ok(bound)) = (
            config.limit(route.scope, "fastcgi_read_timeout"),
            config.limit_or_off(route.scope, "fastcgi_next_upstream_timeout"),
        ) else {
            continue;
        };
        let Limit::After(each) = read.value else {
            continue;
        };
        // No further try begins behind this time, so the first one is the last.
        if matches!(bound.value, Limit::After(time) if time <= each) {
            continue;
        }
        let all = each.times(count);
        let written = config.find(route.scope, "fastcgi_next_upstream");
        let at = written.map_or(route.pass, |(item, _)| item);
        let message = format!(
            "a GET that takes longer than {each} is sent to up to {count} servers, one after the \
             other: the client waits up to {all} and the script runs {count} times"
        );
        out.report(config.span(at), "repeats after a timeout", message)
            .route(&route.label)
            .because_of("fastcgi_read_timeout", &read)
            .because_of("fastcgi_next_upstream_timeout", &bound)
            .help(format!(
                "write `fastcgi_next_upstream error;`, or `fastcgi_next_upstream_timeout {each};`"
            ));
    }
}
