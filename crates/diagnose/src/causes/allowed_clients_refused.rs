//! allowed-clients-refused.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, Why, cause};

cause! {
    /// FPM accepts a connection and closes it at once, because the address is not in
    /// `listen.allowed_clients`.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)` or `prematurely closed connection`, by chance, for every
    ///   request, at once. TCP only.
    /// - FPM: nothing, unless `catch_workers_output = yes`: then `Connection disallowed: IP address
    ///   '…' has been dropped`.
    ///
    /// ## What to change
    ///
    /// - Add the address from which nginx connects to `listen.allowed_clients`; an IPv6 or a
    ///   container's address is easily forgotten.
    ///
    /// ## How to make sure
    ///
    /// - Every request fails, also the smallest script; `ss -tn` shows from which address nginx
    ///   connects.
    ///
    /// ## Reproduce
    ///
    /// `listen = 127.0.0.1:9000` and `listen.allowed_clients = 10.9.9.9`.
    ALLOWED_CLIENTS_REFUSED {
        id: "allowed-clients-refused",
        title: "FPM refused nginx's address: listen.allowed_clients",
        decides: "`catch_workers_output = yes` in the pool: then FPM writes `Connection disallowed`",
        rules: ["allowed-clients-mismatch"],
        settings: ["listen.allowed_clients"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let is_slow = case.failure.elapsed().is_some_and(|millis| millis > 1000);
    // An end of file in the moment of connecting leaves no connect time.
    if case.is(&[Signal::AccessNeverConnected]) && case.failure.is_tcp() {
        return Weight::Possible;
    }
    if !case.broke_off()
        || case.is_other_protocol()
        || case.found.death.is_some()
        || case.failure.upstream().starts_with("unix:")
        || case.is(&[Signal::ResetAfterHeader, Signal::EofAfterHeader])
        || is_slow
    {
        return Weight::No;
    }
    if let Some(line) = case.found.disallowed {
        let why = Why::seen(
            "FPM dropped a connection from an address it does not allow",
            [&line],
        );
        let alone = case.found.ends.is_empty() && case.found.reload.is_none();
        return match alone && !case.is_vague() {
            true => Weight::Certain(why),
            false => Weight::Possible,
        };
    }
    match case.pool() {
        Some(pool) => match &pool.allowed_clients {
            None => Weight::No,
            Some(list) if refuses(list, case.failure.upstream()) => {
                let said = format!("the pool allows only {list}, and nginx connects from loopback");
                Weight::Likely(Why::said(said))
            }
            Some(_) => Weight::Possible,
        },
        None => Weight::Possible,
    }
}

/// A connection to a loopback address comes from that address.
fn refuses(list: &str, upstream: &str) -> bool {
    let from = match upstream {
        local if local.starts_with("127.") => "127.0.0.1",
        local if local.starts_with("[::1]") => "::1",
        _ => return false,
    };
    let mut allowed = list.split([',', ' ']);
    !allowed.any(|client| client == from || client == "any")
}
