//! Headers for the backend are silenced by an inner block.

use model::nginx::lookup::Lost;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A location with a header for the backend of its own loses all those of the blocks around it.
    ///
    /// ## Why it matters
    ///
    /// `proxy_set_header` of the nearest block that has any replaces the whole list: the backend no longer gets `Host`,
    /// `X-Forwarded-For` or the header by which it knows that TLS ended here, and answers for another site or logs nginx's own
    /// address.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     proxy_set_header Host $host;
    ///     location /ws {
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_pass http://127.0.0.1:8080;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     proxy_set_header Host $host;
    ///     location /ws {
    ///         proxy_set_header Host $host;
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_pass http://127.0.0.1:8080;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header>
    PROXY_SET_HEADER_LOST {
        id: "proxy-set-header-lost",
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
        for directive in ["proxy_set_header", "grpc_set_header"] {
            for Lost { first, names, .. } in config.lost(directive) {
                let all: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
                let message = format!(
                    "`{}` of an outer block is not sent to this backend",
                    all.join("`, `")
                );
                let label = format!("silences the outer `{directive}`");
                let mut draft = out.report(config.span(first), label, message);
                for (name, item) in &names {
                    draft = draft.related(config.span(*item), format!("`{name}` is set here"));
                }
                draft.help("repeat the outer headers here, for example with an `include`");
            }
        }
    }
}
