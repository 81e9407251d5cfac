//! A queue too short for a burst.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The queue in front of the pool is too short for a burst.
    ///
    /// ## Why it matters
    ///
    /// While all workers are busy, requests wait in the socket's queue. When it is full, nginx gets EAGAIN from a unix
    /// socket and answers 502 at once, without waiting for anybody (`connect() … failed (11: Resource temporarily
    /// unavailable)`); through TCP it waits for `fastcgi_connect_timeout` and answers 504. Without `listen.backlog` FPM
    /// asks for as much as the kernel allows, mostly 4096.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// listen.backlog = 16
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// listen.backlog = 511
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen-backlog>
    BACKLOG_TOO_SMALL {
        id: "backlog-too-small",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// A page with its pictures and a few visitors.
const BURST: i32 = 128;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(backlog) = pool.settings.number("listen.backlog", -1) else {
            continue;
        };
        let Some(at) = backlog.origin.span() else {
            continue;
        };
        if !(0..BURST).contains(&backlog.value) {
            continue;
        }
        let message = format!(
            "when all workers of pool `{}` are busy, {} requests may wait; the next gets an error \
             at once",
            pool.shown_name(),
            // The kernel lets one more in than it was asked for.
            backlog.value + 1
        );
        out.report(at, "a short queue", message)
            .because_of("listen.backlog", &backlog)
            .help("leave `listen.backlog` out: FPM then asks for as much as the kernel allows");
    }
}
