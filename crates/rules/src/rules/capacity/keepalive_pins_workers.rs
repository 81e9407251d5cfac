//! Idle connections hold all workers.

use model::chain::Chain;
use model::nginx::Config;
use model::nginx::config::{Item, ScopeId};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Idle connections that nginx keeps hold every worker of the pool.
    ///
    /// ## Why it matters
    ///
    /// A FastCGI worker serves one connection at a time, and a kept connection holds it while nothing is asked. With as
    /// many kept connections as workers, new requests that need a connection of their own (of another nginx worker
    /// process) wait for `fastcgi_read_timeout` and get a 504, while the pool is idle.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     keepalive 32;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_keep_conn on;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     keepalive 8;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_keep_conn on;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive>
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_keep_conn>
    KEEPALIVE_PINS_WORKERS {
        id: "keepalive-pins-workers",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let config = &chain.nginx.config;
        let keeps = config
            .flag(chain.route.scope, "fastcgi_keep_conn")
            .is_ok_and(|f| f.value);
        let Some(upstream) = chain.route.upstream.filter(|_| keeps) else {
            continue;
        };
        let Some((item, each)) = kept(config, upstream) else {
            continue;
        };
        let Ok(children) = chain.pool.settings.number("pm.max_children", 0) else {
            continue;
        };
        let processes = processes(cx, config);
        let all = each.saturating_mul(processes.unwrap_or(1));
        if children.value > 0 && all >= u64::try_from(children.value).unwrap_or(0) {
            report(chain, (item, each), processes, children.value, out);
        }
    }
}

fn report(
    chain: &Chain<'_>,
    (item, each): (Item, u64),
    processes: Option<u64>,
    children: i32,
    out: &mut Findings,
) {
    let pool = chain.pool.shown_name();
    let message = format!(
        "kept connections can hold all {children} workers of pool `{pool}` while they are idle: \
         other requests wait and get 504"
    );
    let count = match processes {
        Some(n) => format!("{each} kept by each of {n} nginx worker processes"),
        None => format!("{each} kept by each nginx worker process"),
    };
    let at = chain.nginx.config.span(item);
    out.report(at, count, message)
        .route(&chain.route.label)
        .because(
            format!("pool `{pool}` has {children} workers"),
            chain.pool.place(),
        )
        .help("take `keepalive` out: over a unix socket a connection costs nearly nothing");
}

fn kept(config: &Config, upstream: ScopeId) -> Option<(Item, u64)> {
    let item = config.last(upstream, "keepalive")?;
    let text = config.word(item, 1)?;
    Some((item, std::str::from_utf8(&text).ok()?.parse().ok()?))
}

/// How many processes nginx runs, when that is known.
fn processes(cx: &Context<'_>, config: &Config) -> Option<u64> {
    let cores = || {
        cx.facts()
            .cores
            .as_ref()
            .map(|cores| u64::from(cores.value))
    };
    match config.everywhere("worker_processes").last() {
        None => config.complete.then_some(1),
        Some((_, item)) => match config.word(item, 1)?.as_ref() {
            b"auto" => cores(),
            text => std::str::from_utf8(text).ok()?.parse().ok(),
        },
    }
}
