//! A retry marks every server as failed.

use std::borrow::Cow;

use base::Severity;
use model::nginx::route::tries;
use model::nginx::{Config, Protocol, Route};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// One broken page marks every server as failed, and all other requests get 502.
    ///
    /// ## Why it matters
    ///
    /// Each condition of `fastcgi_next_upstream` but `http_403` and `http_404` counts as a failure of the server,
    /// and one failure (`max_fails` is 1) takes it out for ten seconds. With `http_500` it takes two requests for
    /// a page that answers 500 to mark two servers, although both work: then everybody gets 502, and the error log
    /// says `no live upstreams`. A single server is never marked. The default, `error timeout`, does the same for
    /// a page that kills its worker or exceeds the read timeout; that is a note. It holds for `proxy_`, `uwsgi_`,
    /// `scgi_` and `grpc_` too.
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
    ///         fastcgi_next_upstream error http_500;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock max_fails=0;
    ///     server 127.0.0.1:9000 max_fails=0;
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
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails>
    RETRY_POISONS_POOL {
        id: "retry-poisons-pool",
        group: "retries",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Conditions that a script brings about by itself and that count as a failure of its server.
const BY_ANSWER: [&str; 6] = [
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_429",
    "invalid_header",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        let Some(upstream) = route.upstream else {
            continue;
        };
        if tries(config, route) < 2 || config.has_gap(upstream) || !config.may_all_fail(upstream) {
            continue;
        }
        let servers = match config.upstream_servers(upstream).count() {
            2 => "both servers".to_owned(),
            count => format!("all {count} servers"),
        };
        let Some((severity, condition, at)) = worst(config, route) else {
            continue;
        };
        let what = match condition.as_str() {
            "error" => "kills its worker".to_owned(),
            "invalid_header" => "sends an invalid header".to_owned(),
            other => format!("answers {}", other.trim_start_matches("http_")),
        };
        let name = route.protocol.next_upstream();
        let message = format!(
            "a page that {what} marks {servers} as failed, and every other request \
            gets 502 for a while"
        );
        let label = format!("`{condition}` is a failure of the server");
        out.report(at, label, message)
            .severity(severity)
            .route(&route.label)
            .because(
                "none of the servers has `max_fails=0`",
                config.scope(upstream).opener.map(|item| config.span(item)),
            )
            .help(match severity {
                Severity::Info => {
                    "set `max_fails=0` where the servers are one machine: then nothing is won by \
                    taking them out"
                        .to_owned()
                }
                _ => format!(
                    "take `{condition}` out of `{name}`, or set `max_fails=0` for the servers"
                ),
            });
    }
}

/// How bad it is, by which condition, and where.
fn worst(config: &Config, route: &Route) -> Option<(Severity, String, base::Span)> {
    let name = route.protocol.next_upstream();
    // What a page of another backend does to its worker is not known.
    let by_crash = |at| {
        let is_php = route.protocol == Protocol::Fastcgi;
        is_php.then(|| (Severity::Info, "error".to_owned(), at))
    };
    if config.is_unset(route.scope, name) {
        return by_crash(config.span(route.pass));
    }
    let (item, conditions) = route.written_retries(config)?;
    let has = |word: &&str| {
        conditions
            .iter()
            .any(|c: &Cow<'_, [u8]>| **c == *word.as_bytes())
    };
    let at = config.span(item);
    match BY_ANSWER.iter().find(|word| has(word)) {
        Some(word) => Some((Severity::Warning, (*word).to_owned(), at)),
        None if has(&"error") => by_crash(at),
        None => None,
    }
}
