//! The backend is told the name of the upstream.

use base::Severity;
use model::nginx::Protocol;
use model::{Address, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The backend is told nginx's own name for it instead of the visitor's.
    ///
    /// ## Why it matters
    ///
    /// Without `proxy_set_header Host` nginx sends `$proxy_host`: the name of the upstream block or the address. The application then makes
    /// links and cookies for `backend`, or finds no site of that name.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream backend {
    ///     server 127.0.0.1:8080;
    /// }
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_pass http://backend;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream backend {
    ///     server 127.0.0.1:8080;
    /// }
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_set_header Host $host;
    ///         proxy_pass http://backend;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header>
    HOST_HEADER_MISSING {
        id: "host-header-missing",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        if route.protocol != Protocol::Proxy
            || config.may_hold_more(route.scope, "proxy_set_header")
            || !config.complete
        {
            continue;
        }
        let headers = config.find_all(route.scope, "proxy_set_header");
        let is_set = headers.iter().any(|item| {
            config
                .word(*item, 1)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"host"))
        });
        // A name that is somebody else's site is meant.
        let is_near = route.upstream.is_some()
            || route.peers.iter().all(|peer| match &peer.address {
                Ok(Address::Unix(_)) => true,
                // A name without a dot is of this network.
                Ok(Address::Tcp(Host::Name(name), _)) => !name.contains(&b'.'),
                Ok(Address::Tcp(host, _)) => host.is_local(),
                Err(_) => false,
            });
        if is_set || !is_near || route.peers.is_empty() {
            continue;
        }
        out.report(
            config.span(route.pass),
            "no `Host` is set",
            "the backend is told nginx's own name for it, not the visitor's",
        )
        .severity(Severity::Info)
        .route(&route.label)
        .help("add `proxy_set_header Host $host;`");
    }
}
