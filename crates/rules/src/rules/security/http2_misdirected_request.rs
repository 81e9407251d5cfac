//! A rejecting server that serves reused connections.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A default server that rejects handshakes still answers requests over reused connections.
    ///
    /// ## Why it matters
    ///
    /// With HTTP/2 a browser may use a connection that was opened for one name for another one: such a request reaches the default
    /// server past `ssl_reject_handshake`. `return 421;` tells the browser to open a connection of its own.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl http2 default_server;
    ///     ssl_reject_handshake on;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 443 ssl http2 default_server;
    ///     ssl_reject_handshake on;
    ///     location / {
    ///         return 421;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_reject_handshake>
    /// - <https://www.rfc-editor.org/rfc/rfc9110#name-421-misdirected-request>
    HTTP2_MISDIRECTED_REQUEST {
        id: "http2-misdirected-request",
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
        for (server, item) in config.everywhere("ssl_reject_handshake") {
            let is_on = config
                .word(item, 1)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"on"));
            let listens: Vec<_> = config
                .all(server, "listen")
                .map(|l| config.args(l))
                .collect();
            let has = |word: &[u8]| listens.iter().flatten().any(|arg| **arg == *word);
            let speaks = has(b"http2") || config.flag(server, "http2").is_ok_and(|f| f.value);
            let rejects = config.inside(server).into_iter().any(|scope| {
                let mut returns = config.all(scope, "return");
                returns.any(|item| {
                    config
                        .word(item, 1)
                        .is_some_and(|code| matches!(&*code, b"421" | b"444"))
                })
            });
            if is_on && has(b"default_server") && speaks && !rejects {
                out.report(
                    config.span(item),
                    "only handshakes are rejected",
                    "requests over a reused HTTP/2 connection are answered here",
                )
                .severity(Severity::Info)
                .help("add `return 421;` to the server");
            }
        }
    }
}
