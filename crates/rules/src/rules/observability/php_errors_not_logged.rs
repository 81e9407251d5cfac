//! Errors of PHP are written nowhere.

use model::php::value::php_switch;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Errors of PHP are neither shown nor logged.
    ///
    /// ## Why it matters
    ///
    /// A fatal error is a 500 with an empty page and no line in any log: `log_errors` is off, so nothing reaches nginx's error log
    /// or a file, and `display_errors` is off, as it should be.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// display_errors = Off
    /// log_errors = Off
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
    /// - <https://www.php.net/manual/en/errorfunc.configuration.php#ini.log-errors>
    PHP_ERRORS_NOT_LOGGED {
        id: "php-errors-not-logged",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(logs), Ok(shows)) = (chain.php("log_errors"), chain.php("display_errors")) else {
            continue;
        };
        let is_shown = php_switch(&shows.value) || shows.value.eq_ignore_ascii_case(b"stdout");
        if php_switch(&logs.value) || is_shown {
            continue;
        }
        let Some(at) = logs.origin.span().or(shows.origin.span()) else {
            continue;
        };
        let printable = |text: Vec<u8>| base::source::printable(&text);
        out.report(
            at,
            "no log",
            "errors of PHP are written nowhere: a fatal error is an empty 500",
        )
        .route(&chain.route.label)
        .because_of("log_errors", &logs.map(printable))
        .because_of("display_errors", &shows.map(printable))
        .help("set `log_errors = On`; without `error_log` the messages go to nginx's error log");
    }
}
