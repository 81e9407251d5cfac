//! An upstream's `keepalive` that no request uses.

use base::Span;
use model::nginx::upstream::{KEEPS_BY_DEFAULT, by_upstream};
use model::nginx::{Config, Protocol, Route};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The upstream's `keepalive` has no effect: each request asks the backend to close the connection.
    ///
    /// ## Why it matters
    ///
    /// Before 1.29.7 nginx speaks HTTP/1.0 to backends and sends `Connection: close` unless told otherwise. Then
    /// every request opens a connection of its own, whatever `keepalive` says: some milliseconds to another machine,
    /// more with TLS, and thousands of closed ones in TIME_WAIT that use up the local ports. It takes
    /// `proxy_http_version 1.1` and an empty `Connection` header, both where the `proxy_pass` is: one
    /// `proxy_set_header` in a location hides those of the server.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream app {
    ///     server 10.0.0.1:8000;
    ///     keepalive 16;
    /// }
    /// server {
    ///     listen 80;
    ///     location /app/ {
    ///         proxy_http_version 1.0;
    ///         proxy_pass http://app;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream app {
    ///     server 10.0.0.1:8000;
    ///     keepalive 16;
    /// }
    /// server {
    ///     listen 80;
    ///     location /app/ {
    ///         proxy_http_version 1.1;
    ///         proxy_set_header Connection "";
    ///         proxy_pass http://app;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive>
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version>
    PROXY_KEEPALIVE_INEFFECTIVE {
        id: "proxy-keepalive-ineffective",
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
        for (upstream, _) in config.everywhere("keepalive") {
            let (Some((item, number)), Some(users)) =
                (config.keepalive(upstream), routes.get(&upstream))
            else {
                continue;
            };
            if number == 0 {
                continue;
            }
            let reasons = users.iter().map(|route| closes(cx, config, route, out));
            let Some(reasons) = reasons.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let message = format!(
                "`keepalive {number}` has no effect: every request asks the backend to close"
            );
            let mut draft = out.report(config.span(item), "keeps nothing", message);
            for (route, (why, at)) in users.iter().zip(reasons).take(3) {
                draft = draft.because(format!("`{}`: {why}", route.label), at);
            }
            for route in users {
                draft = draft.route(&route.label);
            }
            draft.help(
                "write `proxy_http_version 1.1;` and `proxy_set_header Connection \"\";` beside \
                 the `proxy_pass`",
            );
        }
    }
}

/// Why each request of a route surely closes its connection, and where that is written.
fn closes(
    cx: &Context<'_>,
    config: &Config,
    route: &Route,
    out: &mut Findings,
) -> Option<(&'static str, Option<Span>)> {
    let (header, version) = ("proxy_set_header", "proxy_http_version");
    if route.protocol != Protocol::Proxy || config.may_hold_more(route.scope, header) {
        return None;
    }
    let headers = config.find_all(route.scope, header);
    let connection = headers.into_iter().find(|item| {
        let name = config.word(*item, 1);
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"connection"))
    });
    if let Some(item) = connection {
        let value = config.word(item, 2)?.to_ascii_lowercase();
        if value == b"close" {
            return Some(("it sends `Connection: close`", Some(config.span(item))));
        }
        if !value.is_empty() {
            return None;
        }
    }
    let by_default = |why| match cx.nginx_version() {
        Some(version) if version < KEEPS_BY_DEFAULT => Ok(Some((why, None))),
        Some(_) => Ok(None),
        None => Err("the version of nginx"),
    };
    let verdict = match config.find(route.scope, version) {
        Some((item, _)) => match config.word(item, 1).as_deref() {
            Some(b"1.0") => return Some(("it speaks HTTP/1.0", Some(config.span(item)))),
            Some(b"1.1") if connection.is_none() => by_default("it sends `Connection: close`"),
            _ => return None,
        },
        None if !config.is_unset(route.scope, version) => return None,
        None => by_default("it speaks HTTP/1.0, the default"),
    };
    verdict.unwrap_or_else(|fact| {
        out.needs(fact);
        None
    })
}
