//! Large answers hold a worker for as long as the client reads.

use base::Bytes;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Large answers hold a worker for as long as the client reads, because nginx may not put them in a file.
    ///
    /// ## Why it matters
    ///
    /// What does not fit into `fastcgi_buffers`, 32k by default, goes to a temporary file, so that the worker is
    /// free at once. `fastcgi_max_temp_file_size 0` is often copied against the warning `an upstream response is
    /// buffered to a temporary file`; then every answer larger than the buffers waits for its reader, as with
    /// `fastcgi_buffering off`. The warning names a cost, not a fault: larger buffers lower it. The same holds for
    /// `uwsgi_` and `scgi_`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_max_temp_file_size 0;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_buffers 32 16k;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_max_temp_file_size>
    TEMP_FILES_OFF {
        id: "temp-files-off",
        group: "buffers",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let (config, protocol) = (&nginx.config, route.protocol);
        // A proxy often stands before a server that serves files, and saves the copy.
        if matches!(protocol, Protocol::Grpc | Protocol::Proxy) {
            continue;
        }
        let name = protocol.directive("max_temp_file_size");
        let (Ok(file), Ok(buffering), Ok(buffers)) = (
            config.size(route.scope, &name),
            config.flag(route.scope, &protocol.directive("buffering")),
            config.body_buffers(route.scope, protocol),
        ) else {
            continue;
        };
        let Some(at) = file.origin.span().filter(|_| file.value == Bytes(0)) else {
            continue;
        };
        if !buffering.value {
            continue;
        }
        let all = buffers.value.size.times(buffers.value.number);
        let message = format!(
            "each slow reader of an answer above {all} holds a worker until it has read nearly all"
        );
        let setting = protocol.directive("buffers");
        out.report(at, "no file for the rest", message)
            .route(&route.label)
            .because_of(&setting, &buffers)
            .help(format!(
                "remove `{name} 0`; larger `{setting}` save most of the files"
            ));
    }
}
