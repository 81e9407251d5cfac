//! Two pools listen at the same address.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Two pools listen at the same address.
    ///
    /// ## Why it matters
    ///
    /// Pools of one FPM share the socket: a request is answered by whichever is free, with the user, the
    /// limits and the php values of the one or the other. Of two FPM instances the second does not start.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// [shop]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 5
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// [shop]
    /// user = www-data
    /// listen = /run/php/shop.sock
    /// pm = static
    /// pm.max_children = 5
    /// ```
    ///
    /// ## References
    ///
    /// - `fpm_sockets_get_listening_socket` in `sapi/fpm/fpm/fpm_sockets.c`
    DUPLICATE_LISTEN {
        id: "duplicate-listen",
        group: "sockets",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (address, ids) in cx.model.shared_listeners() {
        let pools: Vec<_> = ids.iter().map(|id| (id, cx.model.pool(*id))).collect();
        let [(first_id, first), rest @ ..] = pools.as_slice() else {
            continue;
        };
        for (id, pool) in rest {
            let (Some(at), Some(other)) = (pool.place(), first.place()) else {
                continue;
            };
            let (name, other_name) = (pool.shown_name(), first.shown_name());
            let what = match id.fpm == first_id.fpm {
                true => "a request is answered by either, with its own limits and user",
                false => "the second PHP-FPM does not start",
            };
            let message =
                format!("pools `{other_name}` and `{name}` both listen at {address}: {what}");
            out.report(at, "the same address", message)
                .related(other, "taken here")
                .help("give each pool a socket of its own");
        }
    }
}
