//! The pool listens on loopback, but nginx asks another host.

use model::nginx::Protocol;
use model::{Address, Backend, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool listens on its own loopback address, but nginx asks it by a name of the network.
    ///
    /// ## Why it matters
    ///
    /// 127.0.0.1 of one container is not reachable from another: every request gets 502, "connection
    /// refused". The official images used to override such a `listen` by a file that was read last; since
    /// 8.2.31, 8.3.30, 8.4.17 and 8.5.2 they no longer do.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass php:9000;
    /// }
    /// ```
    ///
    /// ```fpm
    /// listen = 127.0.0.1:9000
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
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: listens on every address of the container.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen>
    LOOPBACK_LISTEN_OTHER_CONTAINER {
        id: "loopback-listen-other-container",
        group: "sockets",
        severity: Error,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, route) in cx.model.routes() {
        if route.protocol != Protocol::Fastcgi {
            continue;
        }
        for peer in route.peers.iter().filter(|peer| !peer.down) {
            let Ok(asked @ Address::Tcp(Host::Name(name), port)) = &peer.address else {
                continue;
            };
            if name == b"localhost" || cx.model.is_mapped(asked) {
                continue;
            }
            // Of several machines it is known who is meant.
            let meant = match (peer.machine, cx.model.backend(peer)) {
                (None, _) => None,
                (Some(_), Backend::Loopback(id)) => Some(id),
                (Some(_), _) => continue,
            };
            for (id, pool) in cx.model.pools() {
                if meant.is_some_and(|meant| meant != id) {
                    continue;
                }
                let (Some(listen), Some(at)) = (pool.listen_address(), pool.place()) else {
                    continue;
                };
                let on_loopback = matches!(
                    &listen,
                    Address::Tcp(host, p)
                        if (p == port || meant.is_some()) && is_loopback(host)
                );
                if !on_loopback {
                    continue;
                }
                let message = format!(
                    "nginx asks `{asked}`, another host, but pool `{}` listens on its own \
                     loopback address {listen} only: connection refused, 502",
                    pool.shown_name()
                );
                out.report(at, "loopback only", message)
                    .route(&route.label)
                    .related(peer.span, "asked by name")
                    .help(format!(
                        "write `listen = {}` in the pool's container",
                        port_of(&listen)
                    ));
            }
        }
    }
}

fn port_of(listen: &Address) -> u16 {
    match listen {
        Address::Tcp(_, port) => *port,
        Address::Unix(_) => 0,
    }
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::V4(v4) => v4.is_loopback(),
        Host::V6(v6) => v6.is_loopback(),
        Host::Name(name) => name == b"localhost",
        Host::Any => false,
    }
}
