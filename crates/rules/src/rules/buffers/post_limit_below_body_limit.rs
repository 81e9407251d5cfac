//! nginx takes bodies that PHP throws away.

use base::{Bytes, Severity, Span};
use model::chain::Chain;
use model::nginx::{ScopeKind, SizeLimit};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx takes large request bodies that PHP throws away.
    ///
    /// ## Why it matters
    ///
    /// The limit was raised or switched off in nginx and forgotten in PHP. nginx stores the whole body in a file,
    /// hands it over, and PHP drops everything above `post_max_size`: the script runs with an empty `$_POST` and
    /// answers 200 where 413 would be honest. With `client_max_body_size 0` anybody may fill nginx's disk for
    /// nothing. It is reported when nginx has no limit, or one of at least twice a `post_max_size` that nobody
    /// raised; a value inherited from `http` may be meant for other servers and is a note.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// client_max_body_size 100m;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// client_max_body_size 100m;
    /// ```
    ///
    /// ```php-ini
    /// post_max_size = 100M
    /// upload_max_filesize = 90M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size>
    /// - <https://www.php.net/manual/en/ini.core.php#ini.post-max-size>
    POST_LIMIT_BELOW_BODY_LIMIT {
        id: "post-limit-below-body-limit",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// PHP's own `post_max_size`, which Debian writes into php.ini too.
const NOBODYS: Bytes = Bytes::from_mib(8);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(body), Ok(post)) = (chain.body_limit(), chain.php_size("post_max_size")) else {
            continue;
        };
        let (SizeLimit::AtMost(takes), Some(at)) = (post.value, body.origin.span()) else {
            continue;
        };
        let (message, help) = match body.value {
            SizeLimit::Off => (
                format!("nginx stores bodies of any size, of which PHP drops all above {takes}"),
                format!("set `client_max_body_size` to `post_max_size`, {takes}"),
            ),
            SizeLimit::AtMost(sent) if takes == NOBODYS && sent >= takes.times(2) => (
                format!(
                    "nginx takes bodies up to {sent}, but PHP drops all above {takes} and runs the \
                     script with an empty form"
                ),
                format!(
                    "raise `post_max_size` and `upload_max_filesize` too, or set \
                     `client_max_body_size` to {takes}"
                ),
            ),
            SizeLimit::AtMost(_) => continue,
        };
        let severity = if is_of_http(chain, at) {
            Severity::Info
        } else {
            Severity::Warning
        };
        out.report(at, "PHP takes less", message)
            .severity(severity)
            .route(&chain.route.label)
            .because_of("client_max_body_size", &body)
            .because_of("post_max_size", &post)
            .help(help);
    }
}

/// Whether a limit stands in `http`, for every server.
fn is_of_http(chain: &Chain<'_>, at: Span) -> bool {
    let config = &chain.nginx.config;
    let http = config.enclosing(chain.route.scope, ScopeKind::Http);
    let item = http.and_then(|http| config.last(http, "client_max_body_size"));
    item.is_some_and(|item| config.span(item) == at)
}
