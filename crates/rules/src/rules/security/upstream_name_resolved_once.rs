//! A name that is looked up at the start only.

use base::Severity;
use base::source::printable;
use model::nginx::Protocol;
use model::{Address, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The name of a backend is looked up at the start only.
    ///
    /// ## Why it matters
    ///
    /// When the backend moves to another address, nginx goes on asking the old one until somebody reloads it: 502, or another service's
    /// answers. And when the name cannot be found at the start, nginx does not start.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream backend {
    ///     server app.internal.example:8080;
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
    /// server {
    ///     listen 80;
    ///     resolver 127.0.0.53;
    ///     location / {
    ///         set $backend app.internal.example;
    ///         proxy_pass http://$backend:8080;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve>
    UPSTREAM_NAME_RESOLVED_ONCE {
        id: "upstream-name-resolved-once",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let servers = config
            .everywhere("server")
            .filter(|(_, item)| !config.args(*item).iter().any(|arg| **arg == *b"resolve"))
            .map(|(_, item)| item);
        let passes = Protocol::ALL
            .iter()
            .flat_map(|p| config.everywhere(p.pass()))
            .map(|(_, item)| item);
        for item in servers.chain(passes) {
            let text = config.word(item, 1).unwrap_or_default();
            let host = match text.windows(3).position(|w| w == b"://") {
                Some(at) => &text[at + 3..],
                None => &*text,
            };
            let host = host.split(|b| *b == b'/').next().unwrap_or_default();
            if text.contains(&b'$') || config.upstream_named(host) {
                continue;
            }
            let Ok(Address::Tcp(Host::Name(name), _)) = Address::parse(host, Some(80)) else {
                continue;
            };
            // Names without a dot are of Compose and the like, which restart together, or local.
            if !name.contains(&b'.') {
                continue;
            }
            let name = printable(&name);
            out.report(config.word_span(item, 1), "at the start only", format!("`{name}` is looked up once: after a move nginx asks the old address"))
                .severity(Severity::Info)
                .help("reload nginx when it moves, or use `server … resolve` with `resolver` and `zone` (nginx 1.27.3)");
        }
    }
}
