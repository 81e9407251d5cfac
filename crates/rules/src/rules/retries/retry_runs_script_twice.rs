//! A page that answers 403, 404 or 429 runs on every server.

use base::source::printable;
use model::nginx::Protocol;
use model::nginx::route::tries;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A page that answers 403, 404 or 429 runs again on the next server.
    ///
    /// ## Why it matters
    ///
    /// `http_404` in `fastcgi_next_upstream` is meant for servers with different files. PHP-FPM servers that share
    /// an application give the same answer, so each miss runs the script on one server after the other: a scanner
    /// that asks for a thousand missing pages costs two thousand runs, and whatever the script writes, counts or
    /// sends before it answers happens twice. A client that is told to slow down with 429 is served by another
    /// worker at once.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_next_upstream error http_404;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_next_upstream error;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_next_upstream>
    RETRY_RUNS_SCRIPT_TWICE {
        id: "retry-runs-script-twice",
        group: "retries",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        let count = tries(config, route);
        // Other backends may be servers with different content.
        if route.protocol != Protocol::Fastcgi || count < 2 {
            continue;
        }
        let Some((item, conditions)) = route.written_retries(config) else {
            continue;
        };
        let is_answer = |c: &[u8]| matches!(c, b"http_403" | b"http_404" | b"http_429");
        let Some(at) = conditions.iter().position(|c| is_answer(c)) else {
            continue;
        };
        let condition = printable(&conditions[at]);
        let message = format!(
            "a page that answers {} runs up to {count} times, once on each server",
            condition.trim_start_matches("http_")
        );
        out.report(
            config.word_span(item, at + 1),
            "runs the script again",
            message,
        )
        .route(&route.label)
        .help(format!(
            "take `{condition}` out, unless the servers hold different applications"
        ));
    }
}
