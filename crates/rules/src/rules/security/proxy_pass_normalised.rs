//! The backend gets another path than the client wrote.

use base::Severity;
use model::nginx::Modifier;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The backend gets another path than the client wrote.
    ///
    /// ## Why it matters
    ///
    /// With a path behind the host, `proxy_pass` sends the decoded and cleaned path, encoded anew: `%2F` becomes a slash, `//` one slash,
    /// `/a/../b` becomes `/b`. Signatures over the path no longer fit, and rules of the backend about encoded slashes see other paths
    /// than nginx did.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8080/v1/;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass>
    PROXY_PASS_NORMALISED {
        id: "proxy-pass-normalised",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, item) in config.everywhere("proxy_pass") {
            let text = config.word(item, 1).unwrap_or_default();
            let around = config.outward(scope).find_map(|id| config.location(id));
            let is_fixed = around.is_some_and(|(modifier, _)| modifier == Modifier::Exact);
            if has_path(&text) && !is_fixed {
                out.report(config.span(item), "a path behind the host", "the backend gets the path decoded and cleaned, not as the client wrote it")
                    .severity(Severity::Info)
                    .help("leave the path out, or send `$request_uri`, where signatures or encoded slashes matter");
            }
        }
    }
}

/// Whether a target has a path of its own that nginx puts before the rest.
fn has_path(text: &[u8]) -> bool {
    let Some(at) = text.windows(3).position(|w| w == b"://") else {
        return false;
    };
    let rest = &text[at + 3..];
    let path = match rest.starts_with(b"unix:") {
        true => rest[5..].iter().position(|b| *b == b':').map(|at| at + 5),
        false => rest.iter().position(|b| *b == b'/'),
    };
    // With variables nginx sends what they make; `$request_uri` is the client's own words.
    path.is_some_and(|at| !rest[at..].contains(&b'$'))
}
