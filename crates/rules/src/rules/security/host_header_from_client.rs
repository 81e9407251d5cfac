//! The backend is told a host that nginx has not checked.

use base::Severity;
use base::source::printable;
use model::nginx::Config;
use model::nginx::config::Item;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The backend is told a host name that nginx has not checked.
    ///
    /// ## Why it matters
    ///
    /// nginx chooses the server by the host of the request line where it has one, and `$http_host` is what the
    /// `Host` header says: a request for `http://shop.example/` with `Host: evil.example` reaches the
    /// server of `shop.example`, and the application builds links, redirects and cache keys with
    /// `evil.example`. Arguments and other headers are the client's free choice anyway.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /api {
    ///     proxy_set_header Host $http_host;
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /api {
    ///     proxy_set_header Host $host;
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host>
    HOST_HEADER_FROM_CLIENT {
        id: "host-header-from-client",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

const SINKS: &[&str] = &[
    "proxy_set_header",
    "grpc_set_header",
    "fastcgi_param",
    "uwsgi_param",
    "scgi_param",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in SINKS {
            for (scope, item) in config.everywhere(name) {
                if !names_host(config, item) {
                    continue;
                }
                let value = config.word(item, 2).unwrap_or_default();
                let variable = value.strip_prefix(b"$").unwrap_or_default();
                let variable = variable.to_ascii_lowercase();
                let is_free = [&b"arg_"[..], b"http_", b"cookie_"]
                    .iter()
                    .any(|prefix| variable.starts_with(prefix));
                // The words `$host` and `$http_host` may also be set by the configuration.
                if is_free && config.taint_of(scope, &variable).is_client() {
                    report(config, item, &variable, out);
                }
            }
        }
    }
}

fn report(config: &Config, item: Item, variable: &[u8], out: &mut Findings) {
    // The habit of half the world; the application may check the host itself.
    let severity = match variable {
        b"http_host" => Severity::Info,
        _ => Severity::Warning,
    };
    let variable = printable(variable);
    let message =
        format!("the backend takes `${variable}` for the host, which the client writes freely");
    out.report(config.word_span(item, 2), "not checked by nginx", message)
        .severity(severity)
        .help("use `$host`: the host that nginx has chosen the server by");
}

fn names_host(config: &Config, item: Item) -> bool {
    let name = config
        .word(item, 1)
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(
        name.as_slice(),
        b"host" | b"http_host" | b"server_name" | b"x-forwarded-host"
    )
}
