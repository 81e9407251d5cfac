//! A worker is held for as long as the client sends.

use base::Severity;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A worker is held for as long as the client sends, because nginx does not buffer requests.
    ///
    /// ## Why it matters
    ///
    /// nginx reads a request body to its end before it bothers PHP. With `fastcgi_request_buffering off` it opens
    /// the connection with the first bytes, and a worker sits there for the whole upload: a phone on a bad line, or
    /// anybody who sends one byte now and then, holds one each. What it saves is a copy of the upload on nginx's
    /// disk; the script begins no sooner, because PHP reads the whole body of a POST first. A request whose body
    /// was begun is not passed on to another server either. In a location for one path, and for `proxy_`, `uwsgi_`
    /// and `scgi_`, whose backends may read as it comes, it is a note.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_request_buffering off;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_request_buffering on;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_request_buffering>
    REQUEST_BUFFERING_OFF {
        id: "request-buffering-off",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let (config, protocol) = (&nginx.config, route.protocol);
        if protocol == Protocol::Grpc {
            continue;
        }
        let name = protocol.directive("request_buffering");
        let Ok(buffers) = config.flag(route.scope, &name) else {
            continue;
        };
        let Some(at) = buffers.origin.span().filter(|_| !buffers.value) else {
            continue;
        };
        let is_php = protocol == Protocol::Fastcgi;
        let severity = match is_php && !config.is_for_one_path(route.scope, at) {
            true => Severity::Warning,
            false => Severity::Info,
        };
        let message = match is_php {
            true => "each slow upload holds a worker from its first byte to its last",
            false => "each slow upload holds its backend from its first byte to its last",
        };
        out.report(at, "the client's pace is the worker's", message)
            .severity(severity)
            .route(&route.label)
            .help(format!("remove `{name} off`"));
    }
}
