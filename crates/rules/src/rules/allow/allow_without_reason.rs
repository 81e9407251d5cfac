//! An allow-comment that does not say why.

use crate::rule::rule;
use crate::{Context, Findings, allow};

rule! {
    /// An allow-comment gives no reason.
    ///
    /// ## Why it matters
    ///
    /// Whoever is paged next must be able to tell a decision from an oversight. A comment without
    /// a reason allows nothing.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s; # badgateway: allow(read-timeout-below-terminate)
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s;
    /// ```
    ///
    /// ## References
    ///
    /// - README, "Allowing a finding"
    ALLOW_WITHOUT_REASON {
        id: "allow-without-reason",
        group: "allow",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for allow in allow::find(cx) {
        if allow.reason.is_empty() {
            let message = format!(
                "`allow({})` does not say why, so it allows nothing",
                allow.rule
            );
            out.report(allow.span, "no reason", message)
                .help("write the reason behind the closing parenthesis");
        }
    }
}
