//! Names of backends are asked of strangers.

use base::Severity;
use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx asks a public name server for the names of backends.
    ///
    /// ## Why it matters
    ///
    /// Internal names are told to somebody else and not found; answers come over a network where they can be forged, and nginx believes
    /// them: it then sends requests to another machine.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// resolver 8.8.8.8;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// resolver 127.0.0.53;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver>
    RESOLVER_PUBLIC {
        id: "resolver-public",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

const PUBLIC: &[&str] = &[
    "8.8.8.8",
    "8.8.4.4",
    "1.1.1.1",
    "1.0.0.1",
    "9.9.9.9",
    "149.112.112.112",
    "208.67.222.222",
    "208.67.220.220",
    "[2001:4860:4860::8888]",
    "[2001:4860:4860::8844]",
    "[2606:4700:4700::1111]",
    "[2606:4700:4700::1001]",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("resolver") {
            for (word, index) in config.args(item).iter().zip(1..) {
                let text = printable(word);
                let bare = text.strip_suffix(":53").unwrap_or(&text);
                if PUBLIC.contains(&bare) {
                    out.report(
                        config.word_span(item, index),
                        "a public name server",
                        format!("`{bare}` is told the names of the backends, and believed"),
                    )
                    .severity(Severity::Info)
                    .help("use the name server of this machine or network");
                }
            }
        }
    }
}
