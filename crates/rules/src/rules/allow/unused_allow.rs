//! An allow-comment that allows nothing.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// An allow-comment matches no finding.
    ///
    /// ## Why it matters
    ///
    /// Either the fault is gone, and the comment now hides the next one of its kind, or the
    /// comment names the wrong rule and hides nothing.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// # badgateway: allow(read-timeout-zero) the health check answers at once
    /// fastcgi_read_timeout 60s;
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
    UNUSED_ALLOW {
        id: "unused-allow",
        group: "allow",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: reported_by_allow,
    }
}

/// Whether a comment was used is known only behind the last rule: [`crate::allow`] reports it.
fn reported_by_allow(_: &Context<'_>, _: &mut Findings) {}
