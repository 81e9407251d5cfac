//! A few crashes restart everything.

use base::Severity;
use model::php::FpmTime;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A few crashes make FPM restart all pools, and running requests die with it.
    ///
    /// ## Why it matters
    ///
    /// When so many workers die of SIGSEGV or SIGBUS in the interval, the master reloads itself: with
    /// `process_control_timeout` at its default of 0 every running request of every pool is cut off with a 502, also those
    /// of pools in which nothing crashed. One visitor who repeats a crashing request can do that again and again.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [global]
    /// emergency_restart_threshold = 3
    /// emergency_restart_interval = 1m
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// listen.owner = www-data
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
    /// listen.owner = www-data
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#emergency-restart-threshold>
    EMERGENCY_RESTART_KILLS_INNOCENT {
        id: "emergency-restart-kills-innocent",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let (Ok(threshold), Ok(interval)) = (
            fpm.global.number("emergency_restart_threshold", 0),
            fpm.global.time("emergency_restart_interval"),
        ) else {
            continue;
        };
        let Some(at) = threshold.origin.span().filter(|_| threshold.value > 0) else {
            continue;
        };
        // Without an interval FPM counts nothing (`fpm_children_bury`).
        let FpmTime::After(interval) = interval.value else {
            continue;
        };
        let waits = fpm.global.time("process_control_timeout");
        let spares = matches!(waits.map(|time| time.value), Ok(FpmTime::After(_)));
        let severity = if spares {
            Severity::Info
        } else {
            Severity::Warning
        };
        let harm = match spares {
            true => "running requests have until `process_control_timeout`",
            false => "running requests of all get 502",
        };
        let message = format!(
            "{} crashes in {interval} restart every pool: {harm}",
            threshold.value
        );
        out.report(at, "all pools restart", message)
            .severity(severity)
            .help(
                "take both lines out: FPM replaces a crashed worker anyway; or set \
             `process_control_timeout` above the longest request",
            );
    }
}
