//! The pool listens on loopback, but nginx asks another host.

use model::nginx::{Peer, Protocol, Route};
use model::{Address, Backend, Host, Machine};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool listens on its own loopback address, but nginx asks it by a name of the network.
    ///
    /// ## Why it matters
    ///
    /// 127.0.0.1 of one container is not reachable from another: every request gets 502, "connection
    /// refused". The official images used to override such a `listen` by a file that was read last; since
    /// 8.2.31, 8.3.30, 8.4.17 and 8.5.2 they no longer do. In a Compose project it is known who asks whom;
    /// containers that share a network (`network_mode: service:…`) share a loopback, too.
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
    /// Unsafe: listens on every address of the container. Where a file of the project only overrides what
    /// the image says, taking that line away is as good.
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
            match peer.machine.and_then(|at| cx.model.machines.get(at)) {
                Some(here) => of_machines(cx, out, route, peer, here),
                None => by_name(cx, out, route, peer),
            }
        }
    }
}

/// Whose files belong to which machine is known: nginx's names the one that has the pool.
fn of_machines(cx: &Context<'_>, out: &mut Findings, route: &Route, peer: &Peer, here: &Machine) {
    let (Backend::Loopback(id), Ok(asked)) = (cx.model.backend(peer), &peer.address) else {
        return;
    };
    let (pool, there) = (cx.model.pool(id), cx.model.machine_of(id));
    let (Some(there), Some(at), Some(Address::Tcp(host, port))) =
        (there, pool.place(), pool.listen_address())
    else {
        return;
    };
    let listen = Address::Tcp(host, port);
    let message = format!(
        "nginx of {} asks `{asked}`, but pool `{}` of {} listens on its own loopback address {listen} \
         only: connection refused, 502",
        here.shown,
        pool.shown_name(),
        there.shown,
    );
    // The line may stand in an image, of which nobody edits a line.
    let help = format!("write `listen = {port}` in the pool, in the file that is read last");
    out.report(at, "loopback only", message)
        .route(&route.label)
        .related(peer.span, "asked by name")
        .help(help);
}

/// Nothing is known but a name: it is another host, unless the user says who answers there.
fn by_name(cx: &Context<'_>, out: &mut Findings, route: &Route, peer: &Peer) {
    let Ok(asked @ Address::Tcp(Host::Name(name), port)) = &peer.address else {
        return;
    };
    if name == b"localhost" || cx.model.is_mapped(asked) {
        return;
    }
    for (id, pool) in cx.model.pools() {
        let (Some(listen), Some(at), None) =
            (pool.listen_address(), pool.place(), cx.model.machine_of(id))
        else {
            continue;
        };
        let on_loopback = matches!(
            &listen,
            Address::Tcp(host, p) if p == port && is_loopback(host)
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
            .help(format!("write `listen = {port}` in the pool's container"));
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
