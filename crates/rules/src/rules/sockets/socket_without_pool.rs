//! No pool listens where the route sends its requests.

use model::Backend;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// No pool listens where the route sends its requests.
    ///
    /// ## Why it matters
    ///
    /// Every request gets 502 at once: "connect() to unix:… failed (2: No such file or directory)" or
    /// "(111: Connection refused)". The usual reason is a PHP upgrade: the socket's name holds the
    /// version.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php7.4-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: points the route to the only pool there is.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass>
    SOCKET_WITHOUT_POOL {
        id: "socket-without-pool",
        group: "sockets",
        severity: Error,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, route) in cx.model.routes() {
        for (peer, backend) in cx.model.backends(route) {
            let (Backend::Nobody, Ok(address)) = (backend, &peer.address) else {
                continue;
            };
            let message = format!("no pool listens at {address}: every request gets 502");
            let mut draft = out
                .report(peer.span, "nobody listens here", message)
                .route(&route.label);
            let mut listening = Vec::new();
            for (_, pool) in cx.model.pools() {
                let (Some(at), Some(listen)) = (pool.place(), pool.listen_address()) else {
                    continue;
                };
                let name = pool.shown_name();
                draft = draft.because(format!("pool `{name}` listens at {listen}"), Some(at));
                listening.push(listen.to_string());
            }
            draft.help(match listening.as_slice() {
                [only] => {
                    format!("write `fastcgi_pass {only};`, or let a pool listen at {address}")
                }
                _ => format!("point the route to one of the pools, or let one listen at {address}"),
            });
        }
    }
}
