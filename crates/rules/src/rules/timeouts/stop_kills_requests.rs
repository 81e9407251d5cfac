//! A restart of the service is a burst of 502.

use base::{Limit, Millis, Severity};
use model::chain::Chain;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Stopping or restarting PHP-FPM's service cuts running requests off.
    ///
    /// ## Why it matters
    ///
    /// systemd stops a service with SIGTERM unless the unit says otherwise, and FPM then ends every worker at once, whatever
    /// `process_control_timeout` is: each restart and each update of the package is a burst of 502. With `KillSignal=SIGQUIT` FPM lets
    /// requests finish, for as long as `TimeoutStopSec` allows; then systemd sends SIGKILL.
    ///
    /// ## Bad
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
    /// ```facts
    /// [[fpm]]
    /// kill_signal = "SIGTERM"
    /// timeout_stop = "90s"
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
    /// ```facts
    /// [[fpm]]
    /// kill_signal = "SIGQUIT"
    /// timeout_stop = "90s"
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#process-control-timeout>
    /// - <https://www.freedesktop.org/software/systemd/man/latest/systemd.kill.html>
    STOP_KILLS_REQUESTS {
        id: "stop-kills-requests",
        group: "timeouts",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let chains = cx
            .chains()
            .iter()
            .filter(|chain| std::ptr::eq(chain.fpm, fpm));
        let timed = chains.filter_map(|chain| Some((longest(chain)?, chain)));
        let Some((longest, chain)) = timed.max_by_key(|(longest, _)| *longest) else {
            continue;
        };
        let Some(facts) = cx.facts().fpm(fpm.version) else {
            continue;
        };
        let (Some(signal), Some(stop)) = (&facts.service.kill_signal, &facts.service.timeout_stop)
        else {
            continue;
        };
        let Some(at) = fpm
            .global
            .get("process_control_timeout")
            .map(|a| a.span)
            .or(chain.pool.place())
        else {
            continue;
        };
        let draft = if signal.value != "SIGQUIT" {
            let message = format!(
                "{} at a stop or restart of the service ends running requests at once: they get 502",
                signal.value
            );
            out.report(at, "does not help at a stop", message)
                .severity(Severity::Info)
                .because(format!("the service is stopped with {} ({})", signal.value, signal.from), None)
                .help("put `[Service]` and `KillSignal=SIGQUIT` into a drop-in of the unit (`systemctl edit`)")
        } else if let Limit::After(patience) = stop.value
            && patience < longest
        {
            let message = format!(
                "at a stop or restart systemd kills PHP-FPM after {patience}, and a request may take {longest}: it gets 502"
            );
            out.report(at, "systemd is less patient", message)
                .severity(Severity::Warning)
                .because(
                    format!("`TimeoutStopSec` is {patience} ({})", stop.from),
                    None,
                )
                .help(format!(
                    "set `TimeoutStopSec` above {longest} in a drop-in of the unit"
                ))
        } else {
            continue;
        };
        draft.route(&chain.route.label);
    }
}

/// How long a request may run: until FPM ends it, or as long as nginx waits.
fn longest(chain: &Chain<'_>) -> Option<Millis> {
    let terminate = chain.terminate.as_ref().ok()?.value.fires_after();
    terminate.or(chain.read.as_ref().ok()?.value.fires_after())
}
