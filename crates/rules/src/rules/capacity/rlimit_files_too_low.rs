//! Workers may open too few files.

use model::php::Settings;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// PHP-FPM's processes may open fewer files than a request needs.
    ///
    /// ## Why it matters
    ///
    /// A worker needs a file for its connection, one for each script it is reading, one for each connection to a database or another
    /// service. When there are none left, `Failed to open stream: Too many open files` ends requests with 500, and libraries fail in
    /// ways that nobody has tested. The system's own limit is 1024 or more; `rlimit_files` is mostly set without need.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// rlimit_files = 32
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// rlimit_files = 1024
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#rlimit-files>
    RLIMIT_FILES_TOO_LOW {
        id: "rlimit-files-too-low",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// A connection, a few scripts, a database and a cache, and room for the libraries.
const LEAST: i32 = 64;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        judge(&fpm.global, "every process of this PHP-FPM", out);
        for pool in &fpm.pools {
            judge(
                &pool.settings,
                &format!("a worker of pool `{}`", pool.shown_name()),
                out,
            );
        }
    }
}

fn judge(settings: &Settings, who: &str, out: &mut Findings) {
    let Ok(limit) = settings.number("rlimit_files", 0) else {
        return;
    };
    // Zero leaves the system's limit as it is.
    let Some(at) = limit
        .origin
        .span()
        .filter(|_| (1..LEAST).contains(&limit.value))
    else {
        return;
    };
    let message = format!(
        "{who} may open {} files: requests that need more end with 500",
        limit.value
    );
    out.report(at, "very few", message)
        .help("leave `rlimit_files` out, or set 1024 and more");
}
