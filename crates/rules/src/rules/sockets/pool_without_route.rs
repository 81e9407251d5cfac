//! No route ends at the pool.

use base::SortedSet;
use model::PoolId;
use model::nginx::Protocol;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// No route ends at the pool.
    ///
    /// ## Why it matters
    ///
    /// Its workers take memory for nothing, or the route that should use it goes elsewhere.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// pm = static
    /// pm.max_children = 20
    /// [forgotten]
    /// user = www-data
    /// listen = /run/php/forgotten.sock
    /// pm = static
    /// pm.max_children = 20
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
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen>
    POOL_WITHOUT_ROUTE {
        id: "pool-without-route",
        group: "sockets",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    // Without nginx, or with a route whose end is unknown, any pool may be in use.
    let unknown = |route| model::ladder::why_unknown(cx.model, route).is_some();
    let mut fastcgi = cx
        .model
        .routes()
        .filter(|(_, r)| r.protocol == Protocol::Fastcgi);
    let mut configs = cx.model.nginx.iter().map(|nginx| &nginx.config);
    if configs.any(|config| config.has_gaps()) {
        return;
    }
    if cx.model.nginx.is_empty() || fastcgi.any(|(_, route)| unknown(route)) {
        return;
    }
    let used: SortedSet<PoolId> = cx.chains().iter().map(|chain| chain.pool_id).collect();
    for (id, pool) in cx.model.pools() {
        let Some(at) = pool.place().filter(|_| !used.contains(&id)) else {
            continue;
        };
        let message = format!("no route ends at pool `{}`", pool.shown_name());
        out.report(at, "nobody asks here", message)
            .help("remove the pool, or point a route to it");
    }
}
