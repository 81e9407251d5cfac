//! A reload of FPM kills running requests.

use base::{Millis, Severity};
use model::php::{FpmTime, InputKind};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A reload of PHP-FPM kills the requests that are running.
    ///
    /// ## Why it matters
    ///
    /// `process_control_timeout` is how long the master waits for its workers at a reload. It is 0 by
    /// default: every deployment that reloads FPM resets the requests in flight, a burst of 502. It is a
    /// warning where somebody granted long times, or set the value too low, and a note otherwise, because
    /// nearly every server runs with the default.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 5s
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 60s
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: sets `process_control_timeout` above the longest request. Reloads then wait that long.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#process-control-timeout>
    RELOAD_KILLS_REQUESTS {
        id: "reload-kills-requests",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        // A fragment does not tell what `[global]` says.
        if chain.fpm.kind == InputKind::Fragments {
            continue;
        }
        let (Ok(control), Ok(terminate), Ok(read)) = (
            chain.fpm.global.time("process_control_timeout"),
            &chain.terminate,
            &chain.read,
        ) else {
            continue;
        };
        let waits = match control.value {
            FpmTime::After(waits) => waits,
            _ => Millis(0),
        };
        let longest = terminate.value.fires_after().or(read.value.fires_after());
        let Some(longest) = longest.filter(|longest| waits < *longest) else {
            continue;
        };
        let Some(at) = control.origin.span().or(chain.pool.place()) else {
            continue;
        };
        let is_decided = control.origin.span().is_some() && waits > Millis(0);
        let severity = if is_decided || cx.is_slow(chain) {
            Severity::Warning
        } else {
            Severity::Info
        };
        let message = format!(
            "a reload of PHP-FPM waits {waits} for running requests, which may take {longest}: \
             the rest gets 502"
        );
        let shown = control.map(|_| waits);
        out.report(at, format!("waits {waits}"), message)
            .severity(severity)
            .route(&chain.route.label)
            .because_of("process_control_timeout", &shown)
            .help(format!(
                "set `process_control_timeout` in `[global]` above {longest}; systemd's \
                 `TimeoutStopSec` must be above it too"
            ));
    }
}
