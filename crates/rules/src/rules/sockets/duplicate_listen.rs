//! Two pools listen at the same address.

use model::address::{Address, Host};
use model::php::Pool;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Two pools listen at the same address.
    ///
    /// ## Why it matters
    ///
    /// FPM does not start: at once when both are written alike, else when it opens the second. The one
    /// exception is worse: two spellings of one TCP address (`[::1]:9000`, `::1:9000`) become
    /// one socket of two pools, and either answers, with its own user, limits and php values.
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
                true if becomes_one(first, pool) => {
                    "a request is answered by either, with its own limits and user"
                }
                true => "PHP-FPM does not start",
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

/// Whether FPM opens one socket for both: it compares what the addresses resolve to, but refuses
/// equal texts before.
fn becomes_one(one: &Pool, two: &Pool) -> bool {
    let text = |pool: &Pool| Some(pool.settings.get("listen")?.text.clone());
    let is_tcp = |pool: &Pool| match pool.listen_address() {
        Some(Address::Tcp(host, _)) => host != Host::Any,
        _ => false,
    };
    text(one) != text(two) && is_tcp(one) && is_tcp(two)
}
