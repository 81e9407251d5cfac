//! Errors answer 200 and tell visitors about the code.

use base::Severity;
use model::php::value::php_switch;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A fatal error of PHP answers 200 and shows the code's secrets.
    ///
    /// ## Why it matters
    ///
    /// With `display_errors` on, the message is the page: the status is 200, so no monitoring counts it and caches keep it, and
    /// visitors read paths, queries and passwords of stack traces. Without any php.ini, as in the official images, it is on.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// display_errors = On
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// display_errors = Off
    /// log_errors = On
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/errorfunc.configuration.php#ini.display-errors>
    DISPLAY_ERRORS_ON {
        id: "display-errors-on",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(shows) = chain.php("display_errors") else {
            continue;
        };
        let is_on = php_switch(&shows.value) || shows.value.eq_ignore_ascii_case(b"stdout");
        let to_stderr = shows.value.eq_ignore_ascii_case(b"stderr");
        if !is_on || to_stderr {
            continue;
        }
        let written = shows.origin.span();
        let Some(at) = written.or(chain.pool.place()) else {
            continue;
        };
        // PHP's own default holds when no php.ini was given, too: then nobody knows.
        let severity = match (written, chain.fpm.php_ini.read) {
            (Some(_), _) | (None, true) => Severity::Warning,
            (None, false) => Severity::Info,
        };
        let label = if written.is_some() {
            "on"
        } else {
            "on, because nothing sets it"
        };
        out.report(
            at,
            label,
            "a fatal error of PHP answers 200 and shows its message to visitors",
        )
        .severity(severity)
        .route(&chain.route.label)
        .because_of(
            "display_errors",
            &shows.map(|text| base::source::printable(&text)),
        )
        .help("set `display_errors = Off` and `log_errors = On` in php.ini");
    }
}
