//! The buffer for the header of an answer is smaller than ordinary headers.

use base::Bytes;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The buffer for the header of an answer is smaller than ordinary headers.
    ///
    /// ## Why it matters
    ///
    /// The whole header must fit into `fastcgi_buffer_size`. One that does not is a 502, and the error log says
    /// `upstream sent too big header while reading response header from upstream`. FPM did nothing wrong: its access
    /// log says 200. The default is one memory page, 4k nearly everywhere, and even that is small: some cookies, a
    /// content security policy or the headers of a debugging tool fill it. Less than 4k is reported. The same holds
    /// for `proxy_`, `uwsgi_`, `scgi_` and `grpc_`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_buffer_size 1k;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_buffer_size 16k;
    /// fastcgi_buffers 8 16k;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_buffer_size>
    HEADER_BUFFER_TOO_SMALL {
        id: "header-buffer-too-small",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// nginx's own default.
const ORDINARY: Bytes = Bytes(4096);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for protocol in Protocol::ALL {
            let name = protocol.directive("buffer_size");
            for (scope, item) in config.everywhere(&name) {
                let Ok(buffer) = config.header_buffer(scope, protocol) else {
                    continue;
                };
                if buffer.value >= ORDINARY {
                    continue;
                }
                let message = format!(
                    "a header above {} is answered with 502, \"upstream sent too big header\"",
                    buffer.value
                );
                out.report(config.span(item), "below the default of 4k", message)
                    .help(format!(
                        "leave `{name}` out, or set 4k at least; 16k is ample"
                    ));
            }
        }
    }
}
