//! Workers live for ever.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A worker is never replaced, so what it leaks stays.
    ///
    /// ## Why it matters
    ///
    /// With `pm.max_requests = 0` a worker lives until FPM stops. What extensions and long-lived scripts leak adds up
    /// over days, until the memory is gone and the kernel kills workers. A number in the hundreds replaces each worker
    /// now and then, between two requests.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// pm.max_requests = 0
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// pm.max_requests = 1000
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.max-requests>
    MAX_REQUESTS_UNSET {
        id: "max-requests-unset",
        group: "capacity",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(most) = pool.settings.number("pm.max_requests", 0) else {
            continue;
        };
        let Some(at) = most
            .origin
            .span()
            .or(pool.place())
            .filter(|_| most.value == 0)
        else {
            continue;
        };
        let message = format!("workers of pool `{}` are never replaced", pool.shown_name());
        out.report(at, "no `pm.max_requests`", message)
            .severity(Severity::Info)
            .because_of("pm.max_requests", &most)
            .help("set `pm.max_requests = 1000`, or less where memory grows fast");
    }
}
