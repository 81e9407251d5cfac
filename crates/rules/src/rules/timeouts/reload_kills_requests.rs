//! A reload of FPM kills running requests.

use base::{Millis, Severity};
use model::Chain;
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
    for fpm in &cx.model.fpm {
        // A fragment does not tell what `[global]` says.
        if fpm.kind == InputKind::Fragments {
            continue;
        }
        let chains = cx.chains().iter().filter(|c| std::ptr::eq(c.fpm, fpm));
        let timed = chains.filter_map(|chain| Some((longest(chain)?, chain)));
        // One reload hits all pools, so the longest request of any decides.
        let Some((longest, chain)) = timed.max_by_key(|(longest, _)| *longest) else {
            continue;
        };
        let Ok(control) = fpm.global.time("process_control_timeout") else {
            continue;
        };
        let waits = match control.value {
            FpmTime::After(waits) => waits,
            _ => Millis(0),
        };
        let Some(at) = control.origin.span().or(chain.pool.place()) else {
            continue;
        };
        if waits >= longest {
            continue;
        }
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
        let label = match control.origin.span() {
            Some(_) => format!("waits {waits}"),
            None => "`[global]` does not set `process_control_timeout`".to_owned(),
        };
        out.report(at, label, message)
            .severity(severity)
            .route(&chain.route.label)
            .because_of("process_control_timeout", &control.map(|_| waits))
            .help(format!(
                "set `process_control_timeout` in `[global]` above {longest}; systemd's \
                 `TimeoutStopSec` must be above it too"
            ));
    }
}

/// How long a request may run: until FPM ends it, or as long as nginx waits.
fn longest(chain: &Chain<'_>) -> Option<Millis> {
    let terminate = chain.terminate.as_ref().ok()?.value.fires_after();
    terminate.or(chain.read.as_ref().ok()?.value.fires_after())
}
