//! Kept connections to workers that leave.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx keeps connections to workers that leave after some requests, and loses POST requests there.
    ///
    /// ## Why it matters
    ///
    /// With `pm.max_requests` a worker ends after so many requests and takes its connections along. A request
    /// that nginx sends into a kept connection at that moment fails: `upstream prematurely closed connection` or
    /// `recv() failed (104: Connection reset by peer)` at once, and FPM's log shows nothing but `exited with code
    /// 0`. A GET is silently repeated. A POST is not, since nobody knows whether the script ran: it is a 502. New
    /// connections never meet a worker that leaves. Since 1.29.7 nginx keeps connections to every upstream
    /// block, so `fastcgi_keep_conn on` is enough.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     keepalive 16;
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
    /// ```fpm
    /// pm.max_requests = 500
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ```fpm
    /// pm.max_requests = 500
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_keep_conn>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.max-requests>
    KEEPALIVE_RECYCLE_RACE {
        id: "keepalive-recycle-race",
        group: "retries",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (config, route) = (&chain.nginx.config, chain.route);
        let Some(upstream) = route.upstream else {
            continue;
        };
        let (Ok(keeps), Ok(requests)) = (
            config.flag(route.scope, "fastcgi_keep_conn"),
            chain.pool.settings.number("pm.max_requests", 0),
        ) else {
            continue;
        };
        let kept = config.keeps_connections(upstream, cx.nginx_version());
        let Some(at) = keeps.origin.span().filter(|_| keeps.value && kept) else {
            continue;
        };
        if requests.value <= 0 {
            continue;
        }
        let message = format!(
            "a POST on a kept connection to a worker that leaves is a 502, and a worker of pool \
            `{}` leaves after {} requests",
            chain.pool.shown_name(),
            requests.value
        );
        let mut draft = out
            .report(at, "keeps connections", message)
            .route(&route.label)
            .because_of("pm.max_requests", &requests);
        draft = match config.keepalive(upstream) {
            Some((item, number)) => draft.because(
                format!("the upstream keeps {number} connections"),
                Some(config.span(item)),
            ),
            None => draft.because("this nginx keeps connections to every upstream", None),
        };
        draft.help(
            "set `fastcgi_keep_conn off`: a new connection to a local pool costs next to nothing; \
            or `pm.max_requests = 0`",
        );
    }
}
