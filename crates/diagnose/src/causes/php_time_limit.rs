//! php-time-limit.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The script used more CPU time than `max_execution_time`.
    ///
    /// ## Evidence
    ///
    /// - `PHP Fatal error: Maximum execution time of N seconds exceeded`, in nginx's error log,
    ///   FPM's or PHP's; 500, or 200 with `display_errors = On`.
    /// - The limit counts CPU time: waiting for a database does not.
    ///
    /// ## What to change
    ///
    /// - Make the script do less, or raise `max_execution_time` for this pool, and the limits above
    ///   it with it.
    ///
    /// ## How to make sure
    ///
    /// - The message names file and line.
    ///
    /// ## Reproduce
    ///
    /// `max_execution_time = 1` and a loop that computes.
    PHP_TIME_LIMIT {
        id: "php-time-limit",
        title: "PHP's own time limit ended the script",
        decides: "PHP's error log (`error_log`), or `log_errors = On` with `error_log` unset",
        rules: [],
        settings: ["max_execution_time"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_php(
        Signal::PhpTime,
        "PHP said so: Maximum execution time exceeded",
    )
}
