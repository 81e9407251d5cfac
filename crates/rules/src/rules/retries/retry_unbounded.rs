//! Nothing bounds how long a request is passed from server to server.

use base::Limit;
use model::nginx::Protocol;
use model::nginx::route::{retries_on, tries};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Nothing bounds how long a request is passed from server to server.
    ///
    /// ## Why it matters
    ///
    /// Without `proxy_next_upstream_tries` and `proxy_next_upstream_timeout` a request that times out goes on to
    /// every server of the group, and each may take the whole read timeout: with five servers and 60 s the client
    /// waits five minutes for its 504, and a slow page is worked on by all of them. It holds for `uwsgi_`, `scgi_`
    /// and `grpc_` too. For PHP-FPM see `retry-multiplies-wait`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream app {
    ///     server 10.0.0.1:8000;
    ///     server 10.0.0.2:8000;
    ///     server 10.0.0.3:8000;
    /// }
    /// server {
    ///     listen 80;
    ///     location /app/ {
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
    ///     server 10.0.0.2:8000;
    ///     server 10.0.0.3:8000;
    /// }
    /// server {
    ///     listen 80;
    ///     location /app/ {
    ///         proxy_next_upstream_timeout 60s;
    ///         proxy_pass http://app;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream_timeout>
    RETRY_UNBOUNDED {
        id: "retry-unbounded",
        group: "retries",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Two tries are what a second server is for.
const MANY: u64 = 3;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let (config, protocol) = (&nginx.config, route.protocol);
        let count = tries(config, route);
        if protocol == Protocol::Fastcgi || count < MANY {
            continue;
        }
        let name = protocol.next_upstream();
        let is_known =
            config.find(route.scope, name).is_some() || config.is_unset(route.scope, name);
        if !is_known || !retries_on(config, route, "timeout") {
            continue;
        }
        let (Ok(read), Ok(bound), Ok(most)) = (
            config.limit(route.scope, protocol.read_timeout()),
            config.limit_or_off(route.scope, protocol.next_upstream_timeout()),
            config.number(route.scope, protocol.next_upstream_tries()),
        ) else {
            continue;
        };
        let (Limit::After(each), Limit::Off, 0) = (read.value, bound.value, most.value) else {
            continue;
        };
        let at = config
            .find(route.scope, name)
            .map_or(route.pass, |(item, _)| item);
        let message = format!(
            "a request that times out is passed on to all {count} servers: the client waits up to \
            {}",
            each.times(count)
        );
        out.report(config.span(at), "passes on to all", message)
            .route(&route.label)
            .because_of(protocol.read_timeout(), &read)
            .help(format!(
                "set `{} {each}` or `{} 2`",
                protocol.next_upstream_timeout(),
                protocol.next_upstream_tries()
            ));
    }
}
