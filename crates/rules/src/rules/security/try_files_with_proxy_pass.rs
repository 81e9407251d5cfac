//! Files that are there and go to the backend all the same.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `try_files` beside `proxy_pass` sends files that exist to the backend, too.
    ///
    /// ## Why it matters
    ///
    /// `try_files` only chooses the path; what answers it is the location's `proxy_pass`. Files are never served by nginx, and what is
    /// missing gets the last word: often a 404 for every page of the application.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri =404;
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri @app;
    /// }
    /// location @app {
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files>
    TRY_FILES_WITH_PROXY_PASS {
        id: "try-files-with-proxy-pass",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in ["proxy_pass", "grpc_pass", "uwsgi_pass", "scgi_pass"] {
            for (scope, pass) in config.everywhere(name) {
                if let Some(item) = config.last(scope, "try_files") {
                    out.report(config.span(item), format!("beside `{name}`"), "files that exist go to the backend too, and what is missing does not get there")
                        .related(config.span(pass), "answers every path that was found")
                        .help("end `try_files` with a named location, `@app`, and put the backend there");
                }
            }
        }
    }
}
