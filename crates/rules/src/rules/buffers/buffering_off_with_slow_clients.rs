//! A worker is held for as long as the client reads.

use base::Severity;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A worker is held for as long as the client reads, because nginx does not buffer answers.
    ///
    /// ## Why it matters
    ///
    /// nginx takes the answer from PHP at once and feeds the client at the client's pace. With
    /// `fastcgi_buffering off` it reads from PHP only what the client has taken: behind a slow or malicious reader
    /// the worker stays busy although its script has nothing to do, and as many slow readers as there are workers
    /// stop the pool. Others then wait in the queue until their 504. A page that streams needs no directive: it
    /// sends the header `X-Accel-Buffering: no`. In a location for one path, and for `proxy_`, `uwsgi_` and `scgi_`,
    /// whose backends may not mind, it is a note.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_buffering off;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_buffering on;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_buffering>
    BUFFERING_OFF_WITH_SLOW_CLIENTS {
        id: "buffering-off-with-slow-clients",
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
        let name = protocol.directive("buffering");
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
            true => "each slow reader holds a worker until it has read the whole answer",
            false => "each slow reader holds its backend until it has read the whole answer",
        };
        out.report(at, "the client's pace is the worker's", message)
            .severity(severity)
            .route(&route.label)
            .help(format!(
                "remove `{name} off`; a page that streams sends the header `X-Accel-Buffering: no`"
            ));
    }
}
