//! Nobody can ask the pool how it is.

use base::SortedSet;
use base::source::printable;
use model::nginx::config::ScopeId;
use model::{Backend, Nginx, PoolId};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// No location of nginx reaches the pool's status page.
    ///
    /// ## Why it matters
    ///
    /// FPM answers the path of `pm.status_path` only when a request for that very path is handed to it. Without a location
    /// for it the request ends at a file, at the application's front page, or at a 404, and the monitoring sees nothing of the
    /// queue on the night it matters.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```fpm
    /// pm.status_path = /fpm-status
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location = /fpm-status {
    ///     allow 127.0.0.1;
    ///     deny all;
    ///     include fastcgi_params;
    ///     fastcgi_param SCRIPT_NAME /fpm-status;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```fpm
    /// pm.status_path = /fpm-status
    /// ```
    ///
    /// ```file /etc/nginx/fastcgi_params
    /// fastcgi_param REQUEST_METHOD $request_method;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.status-path>
    /// - <https://www.php.net/manual/en/fpm.status.php>
    STATUS_PATH_WITHOUT_LOCATION {
        id: "status-path-without-location",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (id, pool) in cx.model.pools() {
        // A socket of its own answers without nginx.
        if pool.status_address().is_some() {
            continue;
        }
        for name in ["pm.status_path", "ping.path"] {
            let Some(Ok(path)) = pool.settings.text(name) else {
                continue;
            };
            let Some(at) = path.origin.span().filter(|_| !path.value.is_empty()) else {
                continue;
            };
            if is_reached(cx, id, &path.value) != Some(false) {
                continue;
            }
            let shown = printable(&path.value);
            let message = format!(
                "no location hands `{shown}` to pool `{}`: asking for it gives another page",
                pool.shown_name()
            );
            out.report(at, "nobody can ask for it", message)
                .help(format!(
                    "add `location = {shown} {{ allow 127.0.0.1; deny all; include fastcgi_params; \
                 fastcgi_pass …; }}` to a server, or set `pm.status_listen`"
                ));
        }
    }
}

/// Whether any server that uses the pool hands it this path; `None` when that is not known, or no
/// server uses the pool.
fn is_reached(cx: &Context<'_>, id: PoolId, path: &[u8]) -> Option<bool> {
    let chains = cx.chains().iter().filter(|chain| chain.pool_id == id);
    let mut servers = SortedSet::new();
    let mut known = false;
    for chain in chains {
        let server = chain.route.server?;
        if !chain.nginx.config.complete {
            return None;
        }
        if !servers.insert((chain.nginx.config.main.to_string(), server)) {
            continue;
        }
        let scope = chain.nginx.config.matched(server, path).ok()?;
        if hands_over(cx, chain.nginx, scope, id)? {
            return Some(true);
        }
        known = true;
    }
    known.then_some(false)
}

fn hands_over(cx: &Context<'_>, nginx: &Nginx, scope: ScopeId, id: PoolId) -> Option<bool> {
    let routes = nginx.routes.iter().filter(|route| route.scope == scope);
    for route in routes {
        for (_, backend) in cx.model.backends(route) {
            match backend {
                Backend::Pool(found) if found == id => return Some(true),
                Backend::Unknown(_) => return None,
                Backend::Pool(_) | Backend::Loopback(_) | Backend::Nobody => {}
            }
        }
        if route.unknown.is_some() {
            return None;
        }
    }
    Some(false)
}
