//! A group that an older OpenSSL refuses.

use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A post-quantum group keeps nginx from starting with an older OpenSSL.
    ///
    /// ## Why it matters
    ///
    /// OpenSSL before 3.5 does not know `X25519MLKEM768` and refuses the whole list: nginx does not start, and a reload goes on with
    /// the old configuration without a visitor noticing, until the next restart.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// ssl_ecdh_curve X25519MLKEM768:X25519;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// ssl_ecdh_curve X25519:prime256v1;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ecdh_curve>
    ECDH_GROUP_MAY_BE_UNKNOWN {
        id: "ecdh-group-may-be-unknown",
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
        for (_, item) in config.everywhere("ssl_ecdh_curve") {
            let text = printable(&config.word(item, 1).unwrap_or_default());
            let risky = text.split(':').find(|group| {
                let upper = group.to_ascii_uppercase();
                // With `?` OpenSSL 3.3 and newer skip what they do not know.
                !group.starts_with('?') && (upper.contains("MLKEM") || upper.contains("KYBER"))
            });
            if let Some(group) = risky {
                let message = format!(
                    "nginx does not start with OpenSSL before 3.5, which does not know `{group}`"
                );
                out.report(config.span(item), "not known everywhere", message).help(format!(
                    "write `?{group}` when every machine has OpenSSL 3.3 or newer, else leave it out"
                ));
            }
        }
    }
}
