//! A regular expression that matches one path.

use base::source::printable;
use model::nginx::RegexRole;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The regular expression of this location matches a single path.
    ///
    /// ## Why it matters
    ///
    /// `location = /path` finds the same path without running an expression for every request that gets this
    /// far, and it cannot be hidden by an expression before it.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ ^/health$ {
    ///     return 204;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location = /health {
    ///     return 204;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>
    REGEX_FOR_ONE_PATH {
        id: "regex-for-one-path",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        for regex in nginx.config.regexes() {
            if regex.role != RegexRole::Location || regex.caseless {
                continue;
            }
            let parsed = nginx.config.regex(&regex.text, regex.caseless);
            let Some(words) = parsed.words() else {
                continue;
            };
            let [path] = words.as_slice() else { continue };
            let path = printable(path);
            out.report(
                regex.span,
                "one path only",
                format!("an expression for `{path}` alone"),
            )
            .help(format!("write `location = {path}`"));
        }
    }
}
