//! The pool runs code for whoever reaches its port.

use base::Severity;
use model::{Address, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool listens on every address and accepts everybody.
    ///
    /// ## Why it matters
    ///
    /// FastCGI has no password. Whoever reaches the port can let PHP run any file it can read, with any
    /// setting. In a container the port is reachable by its neighbours only, so the layout of the official
    /// images makes it a note.
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
    /// listen = 9000
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
    /// Unsafe: listens on the loopback address. nginx on another machine is then locked out.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen>
    TCP_EXPOSED {
        id: "tcp-exposed",
        group: "sockets",
        severity: Warning,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (id, pool) in cx.model.pools() {
        let Some(Address::Tcp(host, port)) = pool.listen_address() else {
            continue;
        };
        let is_open = match host {
            Host::Any => true,
            Host::V4(v4) => v4.is_unspecified(),
            Host::V6(v6) => v6.is_unspecified(),
            Host::Name(_) => false,
        };
        let guarded = pool.settings.get("listen.allowed_clients").is_some();
        let (true, false, Some(at)) = (is_open, guarded, pool.place()) else {
            continue;
        };
        let main = &cx.model.fpm[id.fpm].main;
        let in_image =
            main.as_bytes().starts_with(b"/usr/local/etc/") || cx.model.machine_of(id).is_some();
        let severity = if in_image {
            Severity::Info
        } else {
            Severity::Warning
        };
        let message = format!(
            "pool `{}` runs code for whoever reaches port {port} of this machine",
            pool.shown_name()
        );
        out.report(at, "every address, no allowed_clients", message)
            .severity(severity)
            .help(format!(
                "listen on 127.0.0.1:{port} or a unix socket, or set `listen.allowed_clients`"
            ));
    }
}
