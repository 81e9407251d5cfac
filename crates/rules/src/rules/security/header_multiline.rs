//! A header in several lines.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The value of a header goes over several lines.
    ///
    /// ## Why it matters
    ///
    /// nginx sends the line feed as it is. HTTP has no headers over several lines any more: a client takes the second line for a
    /// header of its own, or refuses the whole answer; over HTTP/2 the connection ends.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// add_header Content-Security-Policy "default-src 'self';
    ///     img-src *";
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// add_header Content-Security-Policy "default-src 'self'; img-src *";
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header>
    HEADER_MULTILINE {
        id: "header-multiline",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

const SINKS: &[&str] = &[
    "add_header",
    "add_trailer",
    "proxy_set_header",
    "grpc_set_header",
    "more_set_headers",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in SINKS {
            for (_, item) in config.everywhere(name) {
                // `more_set_headers -t 'TYPE TYPE' 'NAME: value'`: the header is the last word.
                let value = config
                    .word(item, config.arg_count(item))
                    .unwrap_or_default();
                let broken = value.contains(&b'\n');
                if broken {
                    let header = base::source::printable(&config.word(item, 1).unwrap_or_default());
                    out.report(
                        config.span(item),
                        "a line feed inside",
                        format!("`{header}` is sent over several lines, which HTTP does not allow"),
                    )
                    .help("write the value in one line; a `set` for each part keeps it readable");
                }
            }
        }
    }
}
