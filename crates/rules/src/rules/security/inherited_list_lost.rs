//! Limits and error pages of an outer block are silenced by an inner one.

use base::Severity;
use model::nginx::lookup::Lost;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A block with a line of its own loses the limits, error pages or hidden headers of the blocks around it.
    ///
    /// ## Why it matters
    ///
    /// `limit_req`, `limit_conn`, `error_page` and `…_hide_header` are lists: the nearest block that has any replaces the whole list. A
    /// location with a limit of its own is no longer held by the server's, and a page for 404 takes away the one for 502.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     error_page 502 504 /busy.html;
    ///     location / {
    ///         error_page 404 /missing.html;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     error_page 502 504 /busy.html;
    ///     error_page 404 /missing.html;
    ///     location / {
    ///         root /srv/shop;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page>
    /// - <https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req>
    INHERITED_LIST_LOST {
        id: "inherited-list-lost",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Lists, and how much it hurts to lose one.
const LISTS: &[(&str, Severity)] = &[
    ("limit_req", Severity::Warning),
    ("limit_conn", Severity::Warning),
    ("error_page", Severity::Info),
    ("proxy_hide_header", Severity::Info),
    ("fastcgi_hide_header", Severity::Info),
    ("uwsgi_hide_header", Severity::Info),
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (directive, severity) in LISTS {
            for Lost { first, names, .. } in config.lost(directive) {
                let lost: Vec<String> = names
                    .iter()
                    .map(|(_, item)| {
                        let words = config.args(*item);
                        let words = words.iter().map(|word| base::source::printable(word));
                        format!("{directive} {}", words.collect::<Vec<_>>().join(" "))
                    })
                    .collect();
                let message = format!(
                    "`{}` of an outer block does not hold here",
                    lost.join("`, `")
                );
                let label = format!("silences the outer `{directive}`");
                let mut draft = out
                    .report(config.span(first), label, message)
                    .severity(*severity);
                for (_, item) in &names {
                    draft = draft.related(config.span(*item), "does not hold there");
                }
                draft.help("repeat the outer lines here");
            }
        }
    }
}
