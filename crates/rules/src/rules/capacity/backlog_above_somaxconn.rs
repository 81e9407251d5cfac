//! A queue that the kernel cuts.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The queue in front of the pool is shorter than `listen.backlog` says.
    ///
    /// ## Why it matters
    ///
    /// The kernel cuts every backlog to `net.core.somaxconn` without a word. When all workers are busy and the queue is
    /// full, nginx gets EAGAIN from a unix socket and answers 502 at once; through TCP it waits for
    /// `fastcgi_connect_timeout` and answers 504.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// listen.backlog = 65535
    /// ```
    ///
    /// ```facts
    /// somaxconn = 4096
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// listen.backlog = 4096
    /// ```
    ///
    /// ```facts
    /// somaxconn = 4096
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen-backlog>
    /// - <https://man7.org/linux/man-pages/man2/listen.2.html>
    BACKLOG_ABOVE_SOMAXCONN {
        id: "backlog-above-somaxconn",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(backlog) = pool.settings.number("listen.backlog", -1) else {
            continue;
        };
        let Some(at) = backlog.origin.span() else {
            continue;
        };
        // Below zero means as much as there may be; Debian's 511 is below every kernel's limit.
        let Ok(wanted) = u32::try_from(backlog.value) else {
            continue;
        };
        if wanted <= 128 {
            continue;
        }
        let Some(most) = &cx.facts().somaxconn else {
            out.needs("the kernel's net.core.somaxconn");
            continue;
        };
        if wanted <= most.value {
            continue;
        }
        let message = format!(
            "the queue of pool `{}` holds {}, not {wanted}: the kernel cuts it",
            pool.shown_name(),
            most.value
        );
        out.report(at, format!("cut to {}", most.value), message)
            .because(
                format!("`net.core.somaxconn` is {} ({})", most.value, most.from),
                None,
            )
            .help(format!(
                "raise `net.core.somaxconn` to {wanted} with sysctl, or leave `listen.backlog` out"
            ));
    }
}
