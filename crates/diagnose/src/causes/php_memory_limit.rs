//! php-memory-limit.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The script wanted more memory than `memory_limit`. This is PHP's own limit: the worker lives
    /// on.
    ///
    /// ## Evidence
    ///
    /// - `PHP Fatal error: Allowed memory size of N bytes exhausted`, in nginx's error log, FPM's
    ///   or PHP's; 500, or 200 with `display_errors = On`.
    ///
    /// ## What to change
    ///
    /// - Find what it loads: the message names file and line.
    /// - Raise `memory_limit` for this pool only if `pm.max_children` times the limit still fits
    ///   into memory.
    ///
    /// ## How to make sure
    ///
    /// - The same request fails again at the same place.
    ///
    /// ## Reproduce
    ///
    /// `memory_limit = 16M` and a script that fills an array.
    PHP_MEMORY_LIMIT {
        id: "php-memory-limit",
        title: "the script reached memory_limit",
        decides: "PHP's error log (`error_log`), or `log_errors = On` with `error_log` unset",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    case.weigh_php(
        Signal::PhpMemory,
        "PHP said so: Allowed memory size exhausted",
    )
}
