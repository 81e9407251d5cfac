//! nginx and its backend speak different protocols.

use model::nginx::Protocol;
use model::{Address, Backend};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx speaks another protocol than what listens there.
    ///
    /// ## Why it matters
    ///
    /// Every request gets 502. An HTTP server that is asked through FastCGI gives "upstream sent
    /// unsupported FastCGI protocol version: 72" (72 is the H of HTTP); FPM that is asked through HTTP,
    /// uwsgi or SCGI resets the connection.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     proxy_pass http://unix:/run/php/php-fpm.sock;
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
    /// Unsafe: writes the directive that speaks the backend's protocol.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass>
    PROTOCOL_MIXUP {
        id: "protocol-mixup",
        group: "sockets",
        severity: Error,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let pass = route.protocol.pass();
        for peer in route.peers.iter().filter(|peer| !peer.down) {
            if route.protocol == Protocol::Fastcgi {
                let server = nginx.servers_at(peer).into_iter().next();
                if let Some(server) = server {
                    let label = nginx.config.server_label(server);
                    let message = format!(
                        "`{pass}` asks `{label}` of this nginx, which speaks HTTP: every request \
                         gets 502"
                    );
                    out.report(peer.span, "speaks HTTP", message)
                        .route(&route.label)
                        .help("write `proxy_pass http://…`, or point the route to a pool");
                }
                continue;
            }
            // A port of another machine may be anything.
            let is_here = matches!(&peer.address, Ok(a @ (Address::Unix(_) | Address::Tcp(..))) if !a.is_elsewhere());
            let Backend::Pool(id) = cx.model.backend(peer) else {
                continue;
            };
            if !is_here {
                continue;
            }
            let pool = cx.model.pool(id);
            let name = pool.shown_name();
            let message = format!(
                "`{pass}` asks pool `{name}`, which speaks FastCGI only: every request gets 502"
            );
            let mut draft = out
                .report(peer.span, "speaks FastCGI", message)
                .route(&route.label);
            if let Some(at) = pool.place() {
                draft = draft.related(at, "the pool listens here");
            }
            draft.help("write `fastcgi_pass`, with `fastcgi_param SCRIPT_FILENAME`");
        }
    }
}
