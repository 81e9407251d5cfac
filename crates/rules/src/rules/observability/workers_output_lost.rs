//! What workers write by themselves is lost.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// What a worker writes to its own standard error is lost.
    ///
    /// ## Why it matters
    ///
    /// Errors of PHP go to nginx through FastCGI, but what a worker says by itself does not: a client that `listen.allowed_clients`
    /// turns away, a `hard_timeout`, a message of an extension before it crashes. With `catch_workers_output = yes` they are in
    /// FPM's log.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// catch_workers_output = no
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// catch_workers_output = yes
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#catch-workers-output>
    WORKERS_OUTPUT_LOST {
        id: "workers-output-lost",
        group: "observability",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(catches) = pool.settings.switch("catch_workers_output") else {
            continue;
        };
        let Some(at) = catches
            .origin
            .span()
            .or(pool.place())
            .filter(|_| !catches.value)
        else {
            continue;
        };
        let guards = pool.settings.get("listen.allowed_clients").is_some();
        let severity = if guards {
            Severity::Warning
        } else {
            Severity::Info
        };
        let message = format!(
            "what workers of pool `{}` write by themselves is lost",
            pool.shown_name()
        );
        let mut draft = out
            .report(at, "not in FPM's log", message)
            .severity(severity);
        if guards {
            let span = pool.settings.get("listen.allowed_clients").map(|a| a.span);
            draft = draft.because(
                "whom `listen.allowed_clients` turns away is said there alone",
                span,
            );
        }
        draft.help("set `catch_workers_output = yes`");
    }
}
