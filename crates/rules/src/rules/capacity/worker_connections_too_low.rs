//! nginx runs out of connections before PHP runs out of workers.

use base::SortedSet;
use model::nginx::Config;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx has fewer connections than the pools have workers to keep busy.
    ///
    /// ## Why it matters
    ///
    /// Each request to PHP needs two connections of nginx: the visitor's and the one to the worker. When they run out,
    /// nginx writes `worker_connections are not enough` and closes the visitor's connection or answers 500, while
    /// workers stand idle.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// events {
    ///     worker_connections 30;
    /// }
    /// http {
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// events {
    ///     worker_connections 1024;
    /// }
    /// http {
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/ngx_core_module.html#worker_connections>
    WORKER_CONNECTIONS_TOO_LOW {
        id: "worker-connections-too-low",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Of nginx, when nobody sets it (`DEFAULT_CONNECTIONS` in `ngx_event.c`).
const DEFAULT: u64 = 512;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let Some((connections, processes)) = connections(config) else {
            continue;
        };
        let chains = cx.chains().iter().filter(|c| std::ptr::eq(c.nginx, nginx));
        let pools: SortedSet<_> = chains.map(|chain| chain.pool_id).collect();
        let children = pools.iter().map(|id| {
            let number = cx.model.pool(*id).settings.number("pm.max_children", 0);
            number.map(|number| u64::try_from(number.value).unwrap_or(0))
        });
        let Ok(children) = children.collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        let children: u64 = children.iter().sum();
        let all = connections.saturating_mul(processes);
        if all >= 2 * children {
            continue;
        }
        let Some((_, item)) = config.everywhere("worker_connections").last() else {
            continue;
        };
        let message = format!(
            "{all} connections of nginx keep at most {} of {children} workers busy: visitors get \
             500 or no answer",
            all / 2
        );
        out.report(config.span(item), format!("{all} in all"), message)
            .because(
                "each request needs two: the visitor's and the worker's",
                None,
            )
            .help("set `worker_connections 1024;` or more");
    }
}

/// For each process, and how many processes; `None` where that is not known.
fn connections(config: &Config) -> Option<(u64, u64)> {
    let number = |name: &str, default: u64| match config.everywhere(name).last() {
        None => Some(default),
        Some((_, item)) => std::str::from_utf8(&config.word(item, 1)?)
            .ok()?
            .parse()
            .ok(),
    };
    Some((
        number("worker_connections", DEFAULT)?,
        number("worker_processes", 1)?,
    ))
}
