//! An upstream's `keepalive` that has no effect.

use model::nginx::upstream::by_upstream;
use model::nginx::variables::has_variables;
use model::nginx::{Protocol, Route};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The upstream's `keepalive` has no effect: nothing asks FPM to keep the connection.
    ///
    /// ## Why it matters
    ///
    /// A FastCGI server closes the connection behind each answer unless the request says otherwise, and nginx says
    /// so only with `fastcgi_keep_conn on`. Without it `keepalive 16` is a line that somebody believes in. To a
    /// unix socket or to the loopback address little is won: a new connection takes some microseconds, and a kept
    /// one holds its worker although there is nothing to do. So the line to change is mostly `keepalive`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     keepalive 16;
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
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_keep_conn>
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive>
    KEEPALIVE_WITHOUT_KEEP_CONN {
        id: "keepalive-without-keep-conn",
        group: "retries",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let routes = by_upstream(&nginx.routes);
        // A route whose target is a variable may use any upstream.
        let keeps = |route: &Route| {
            let keeps = config.flag(route.scope, "fastcgi_keep_conn");
            !keeps.is_ok_and(|keeps| !keeps.value)
        };
        let is_open =
            |route: &&Route| has_variables(&config.word(route.pass, 1).unwrap_or_default());
        if nginx.routes.iter().filter(is_open).any(keeps) {
            continue;
        }
        for (upstream, _) in config.everywhere("keepalive") {
            let (Some((item, number)), Some(users)) =
                (config.keepalive(upstream), routes.get(&upstream))
            else {
                continue;
            };
            let closes = |route: &&Route| route.protocol == Protocol::Fastcgi && !keeps(route);
            if number == 0 || !users.iter().all(closes) {
                continue;
            }
            let message = format!(
                "`keepalive {number}` has no effect: FPM closes each connection unless \
                `fastcgi_keep_conn` is on"
            );
            let mut draft = out.report(config.span(item), "keeps nothing", message);
            for route in users {
                draft = draft.route(&route.label);
            }
            draft.help(
                "remove `keepalive`; with `fastcgi_keep_conn on` each kept connection holds a \
                worker, and `pm.max_requests` must be 0",
            );
        }
    }
}
