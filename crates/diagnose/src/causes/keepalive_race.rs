//! keepalive-race.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, Why, cause};
use crate::deaths::End;

cause! {
    /// nginx sent a request over a kept connection whose worker was just being recycled.
    ///
    /// ## Evidence
    ///
    /// - nginx: `upstream prematurely closed connection while reading response header`, at once
    ///   (0.00x s). A GET is repeated silently (`502, 200`), a POST is lost.
    /// - FPM: `exited with code 0` (pm.max_requests, or a stop).
    /// - Configuration: `fastcgi_keep_conn on` and `keepalive` in the upstream.
    ///
    /// ## What to change
    ///
    /// - Remove `fastcgi_keep_conn on` and `keepalive`: with a unix socket a new connection costs
    ///   microseconds.
    /// - Or raise `pm.max_requests` a lot (or 0), so that it happens rarely.
    ///
    /// ## How to make sure
    ///
    /// - The errors stop when connections are not kept; only POSTs were lost.
    ///
    /// ## Reproduce
    ///
    /// `keepalive 4`, `fastcgi_keep_conn on`, `pm.max_requests = 3` and many small POSTs.
    KEEPALIVE_RACE {
        id: "keepalive-race",
        title: "a kept connection met a worker that was leaving",
        decides: "FPM's log: `exited with code 0` at this second, and `fastcgi_keep_conn on` with `keepalive` in the configuration",
        rules: [],
        settings: ["keep_conn", "keepalive"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let before_header = [
        Signal::EofBeforeHeader,
        Signal::AccessNoHeader,
        Signal::AccessFailed,
        Signal::AccessRetried,
        Signal::ResetBeforeHeader,
        Signal::ResetWhileSending,
    ];
    let is_fast = case.failure.elapsed().is_none_or(|millis| millis < 1000);
    let keeps = case.route().map(|route| route.keeps_connections);
    if !case.is(&before_header)
        || !case.broke_off()
        || case.is_other_protocol()
        || case.found.death.is_some()
        || !is_fast
        || keeps == Some(false)
    {
        return Weight::No;
    }
    let leaves = case.found.ends.contains(&End::Clean);
    let alone = case.found.ends.len() == 1 && case.found.enough && case.found.reload.is_none();
    let is_eof = case.is(&[Signal::EofBeforeHeader]);
    let line = case
        .found
        .examples
        .iter()
        .find(|at| case.deaths[**at].end == End::Clean);
    let lines = line.map_or(&[][..], |at| &case.deaths[*at].lines);
    let why = || {
        let because = "nginx used a kept connection in the second in which a worker was recycled";
        Why::seen(because, lines)
    };
    match (leaves, is_eof, keeps) {
        (true, true, Some(true)) if alone => Weight::Certain(why()),
        (true, true, None) if alone && !case.failure.is_tcp() => Weight::Likely(why()),
        (true, _, _) => Weight::Possible,
        (false, true, _) => Weight::Possible,
        // A reset without any end of a worker is something else.
        (false, false, _) if case.fpm_covers() => Weight::No,
        (false, false, Some(true)) => Weight::Possible,
        (false, false, _) if case.failure.is_access_only() => Weight::Possible,
        _ => Weight::No,
    }
}
