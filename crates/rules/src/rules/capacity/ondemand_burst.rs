//! Workers on demand come one after the other.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A pool that starts its workers on demand is late for a burst.
    ///
    /// ## Why it matters
    ///
    /// With `pm = ondemand` the master forks when it sees a connection, one for each look at the socket. A burst finds
    /// fewer workers than are allowed (1 to 3 of 4 were seen), and the rest waits behind them, with nothing in any log.
    /// For pools that must answer at once `dynamic` or `static` is steadier.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// pm = ondemand
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// pm = static
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm>
    ONDEMAND_BURST {
        id: "ondemand-burst",
        group: "capacity",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    let reached: Vec<_> = cx.chains().iter().map(|chain| chain.pool_id).collect();
    for (_, pool) in cx.model.pools().filter(|(id, _)| reached.contains(id)) {
        let Some(Ok(manager)) = pool.settings.effective("pm") else {
            continue;
        };
        let Some(at) = manager
            .origin
            .span()
            .filter(|_| manager.value == b"ondemand")
        else {
            continue;
        };
        let many = pool
            .settings
            .number("pm.max_children", 0)
            .is_ok_and(|c| c.value > 1);
        if !many {
            continue;
        }
        let message = format!(
            "pool `{}` starts a worker only when somebody waits",
            pool.shown_name()
        );
        out.report(at, "a burst waits for forks", message)
            .severity(Severity::Info)
            .help("use `pm = dynamic` with spare workers where a burst must not wait");
    }
}
