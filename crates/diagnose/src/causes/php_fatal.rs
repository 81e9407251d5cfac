//! php-fatal.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// An uncaught exception, a parse error or another fatal error ended the script.
    ///
    /// ## Evidence
    ///
    /// - `PHP Fatal error: …` or `PHP Parse error: …`, in nginx's error log, FPM's or PHP's; 500,
    ///   or 200 with `display_errors = On` or after the first output.
    ///
    /// ## What to change
    ///
    /// - Mend the code that the message names.
    /// - `display_errors = Off` in production: with it on, fatal errors answer 200 and show their
    ///   text.
    ///
    /// ## How to make sure
    ///
    /// - The message names file and line.
    ///
    /// ## Reproduce
    ///
    /// A call of a function that does not exist.
    PHP_FATAL {
        id: "php-fatal",
        title: "a PHP error ended the script",
        decides: "PHP's error log (`error_log`), or `log_errors = On` with `error_log` unset",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_php(Signal::PhpFatal, "PHP said so")
}
