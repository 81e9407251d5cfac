//! The pool does not accept nginx.

use base::source::printable;
use model::{Address, Backend, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool does not accept connections from nginx's address.
    ///
    /// ## Why it matters
    ///
    /// FPM accepts the connection and closes it at once: every request gets 502, with "Connection reset by
    /// peer" or "upstream prematurely closed connection" by chance. FPM's log is silent unless
    /// `catch_workers_output` is on.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass 127.0.0.1:9000;
    /// }
    /// ```
    ///
    /// ```fpm
    /// listen = 127.0.0.1:9000
    /// listen.allowed_clients = 10.0.0.7
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass 127.0.0.1:9000;
    /// }
    /// ```
    ///
    /// ```fpm
    /// listen = 127.0.0.1:9000
    /// listen.allowed_clients = 127.0.0.1
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: adds nginx's address to `listen.allowed_clients`.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen-allowed-clients>
    ALLOWED_CLIENTS_MISMATCH {
        id: "allowed-clients-mismatch",
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
            let (Backend::Pool(id), Ok(Address::Tcp(host, _))) = (backend, &peer.address) else {
                continue;
            };
            // A connection to a loopback address comes from that address; others are not known.
            let from = match host {
                Host::V4(v4) if v4.is_loopback() => v4.to_string(),
                Host::V6(v6) if v6.is_loopback() => v6.to_string(),
                _ => continue,
            };
            let pool = cx.model.pool(id);
            let Some(Ok(allowed)) = pool.settings.text("listen.allowed_clients") else {
                continue;
            };
            let mut clients = allowed.value.split(|b| matches!(b, b',' | b' '));
            let (false, Some(at)) = (
                clients.any(|client| client == from.as_bytes() || client == b"any"),
                allowed.origin.span(),
            ) else {
                continue;
            };
            let message = format!(
                "pool `{}` accepts only {}, but nginx connects from {from}: every request gets 502",
                pool.shown_name(),
                printable(&allowed.value)
            );
            out.report(at, "nginx is not in it", message)
                .route(&route.label)
                .related(peer.span, "connects through loopback")
                .help(format!("add {from} to `listen.allowed_clients`"));
        }
    }
}
