//! Conditions of a retry that cannot happen.

use base::{SortedMap, SortedSet, Span};
use model::nginx::{Config, Protocol, Route};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The conditions of `fastcgi_next_upstream` have no effect: there is no second server.
    ///
    /// ## Why it matters
    ///
    /// nginx tries each server of a group once for one request. Behind a single socket there is nobody to try next:
    /// the line promises a second chance that no request ever gets. With kept connections it has an effect even
    /// then: a request that failed on an old one is repeated on a new one. It holds for `proxy_`, `uwsgi_`, `scgi_`
    /// and `grpc_` too; a name that may stand for several addresses is not reported.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_next_upstream error timeout http_503;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
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
    ///         fastcgi_next_upstream error timeout http_503;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_next_upstream>
    RETRY_WITHOUT_SECOND_SERVER {
        id: "retry-without-second-server",
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
        let mut effective: SortedSet<Span> = SortedSet::new();
        let mut idle: SortedMap<Span, (Protocol, Vec<&Route>)> = SortedMap::new();
        for route in &nginx.routes {
            let Some((item, _)) = route.written_retries(config) else {
                continue;
            };
            let at = config.span(item);
            if has_no_other(cx, config, route) {
                let entry = idle.entry(at).or_insert((route.protocol, Vec::new()));
                entry.1.push(route);
            } else {
                effective.insert(at);
            }
        }
        idle.retain(|at, _| !effective.contains(at));
        for (at, (protocol, routes)) in idle {
            let name = protocol.next_upstream();
            let message = format!("`{name}` has no effect: there is only one server to try");
            let mut draft = out.report(at, "nobody is next", message);
            for route in routes {
                draft = draft.route(&route.label);
            }
            draft.help("remove it, or add a second server to the upstream");
        }
    }
}

/// Whether a route surely has one server, and no kept connections on which to fail first.
fn has_no_other(cx: &Context<'_>, config: &Config, route: &Route) -> bool {
    let keeps = route.upstream.is_some_and(|upstream| {
        // An nginx of unknown version may keep connections without being told.
        let is_off = config
            .keepalive(upstream)
            .is_some_and(|(_, number)| number == 0);
        let is_old = cx
            .nginx_version()
            .is_some_and(|v| v < model::nginx::upstream::KEEPS_BY_DEFAULT);
        let asks = route.protocol != Protocol::Fastcgi
            || !config
                .flag(route.scope, "fastcgi_keep_conn")
                .is_ok_and(|flag| !flag.value);
        asks && !is_off && (!is_old || config.keepalive(upstream).is_some())
    });
    !keeps && route.known_group_size(config) == Some(1)
}
