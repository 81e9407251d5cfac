//! A second Content-Type.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `add_header` adds a second `Content-Type` instead of setting the first.
    ///
    /// ## Why it matters
    ///
    /// The answer has two, and each browser takes another one: a text may run as a page.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// add_header Content-Type text/plain;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// default_type text/plain;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#default_type>
    CONTENT_TYPE_BY_ADD_HEADER {
        id: "content-type-by-add-header",
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
        for (scope, item) in config.everywhere("add_header") {
            let name = config.word(item, 1).unwrap_or_default();
            if !name.eq_ignore_ascii_case(b"content-type") {
                continue;
            }
            // The backend's own is hidden: then there is one.
            let hidden = [
                "proxy_hide_header",
                "fastcgi_hide_header",
                "uwsgi_hide_header",
            ];
            let is_hidden = hidden.iter().any(|hide| {
                config.find_all(scope, hide).iter().any(|h| {
                    config
                        .word(*h, 1)
                        .is_some_and(|n| n.eq_ignore_ascii_case(b"content-type"))
                })
            });
            if !is_hidden {
                out.report(config.span(item), "a second one", "the answer has two `Content-Type` headers")
                    .help("use `default_type`, in a block with `types { }` where the file's ending must not count");
            }
        }
    }
}
