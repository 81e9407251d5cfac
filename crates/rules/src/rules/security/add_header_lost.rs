//! Headers of an outer block are silenced by an inner one.

use base::Severity;
use model::nginx::lookup::Lost;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A block with a header of its own loses all headers of the blocks around it.
    ///
    /// ## Why it matters
    ///
    /// `add_header` is not added to what outer blocks say: the nearest block that has any replaces the list. One
    /// `Cache-Control` in a location, and `Strict-Transport-Security` and the content policy of the server are gone there.
    /// `add_header_inherit merge;` (nginx 1.29.3) keeps them.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     add_header X-Frame-Options DENY;
    ///     location /static {
    ///         add_header Cache-Control "max-age=3600";
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     add_header X-Frame-Options DENY;
    ///     location /static {
    ///         add_header X-Frame-Options DENY;
    ///         add_header Cache-Control "max-age=3600";
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header>
    /// - <https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header_inherit>
    ADD_HEADER_LOST {
        id: "add-header-lost",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Headers that protect visitors.
const PROTECTING: &[&str] = &[
    "strict-transport-security",
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
    "x-permitted-cross-domain-policies",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for Lost {
            scope,
            first,
            names,
        } in config.lost("add_header")
        {
            let inherits = config.find(scope, "add_header_inherit");
            let mode = inherits.and_then(|(item, _)| config.word(item, 1));
            if matches!(mode.as_deref(), Some(b"merge" | b"off")) {
                continue;
            }
            let protects = |name: &str| PROTECTING.contains(&name.to_ascii_lowercase().as_str());
            let is_worse = names.iter().any(|(name, _)| protects(name));
            let severity = if is_worse {
                Severity::Warning
            } else {
                Severity::Info
            };
            let all: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("`{}` of an outer block is not sent here", all.join("`, `"));
            let mut draft = out
                .report(
                    config.span(first),
                    "silences the outer `add_header`",
                    message,
                )
                .severity(severity);
            for (name, item) in &names {
                draft = draft.related(config.span(*item), format!("`{name}` is set here"));
            }
            draft.help("repeat the outer headers here, for example with an `include`");
        }
    }
}
