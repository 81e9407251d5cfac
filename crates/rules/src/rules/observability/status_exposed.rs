//! Everybody may read the status page.

use base::{Severity, Span};
use model::nginx::Config;
use model::nginx::config::ScopeId;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Everybody may read a status page.
    ///
    /// ## Why it matters
    ///
    /// FPM's page with `?full` shows each running request with its path, query and user; nginx's `stub_status` shows the load.
    /// Visitors need neither.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location = /nginx-status {
    ///     stub_status;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location = /nginx-status {
    ///     allow 127.0.0.1;
    ///     deny all;
    ///     stub_status;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_stub_status_module.html>
    /// - <https://www.php.net/manual/en/fpm.status.php>
    STATUS_EXPOSED {
        id: "status-exposed",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, item) in config.everywhere("stub_status") {
            let guarded = config.is_guarded(scope);
            if guarded == Some(false) && config.is_public(scope) {
                report(out, config.span(item), "`stub_status`", Severity::Info);
            }
        }
    }
    for chain in cx.chains() {
        let Some(Ok(path)) = chain.pool.settings.text("pm.status_path") else {
            continue;
        };
        let (config, Some(server)) = (&chain.nginx.config, chain.route.server) else {
            continue;
        };
        let is_it = config
            .matched(server, &path.value)
            .is_ok_and(|scope| scope == chain.route.scope);
        if is_it && config.is_guarded(chain.route.scope) == Some(false) && config.is_public(server)
        {
            let span = opener_or_pass(config, chain.route.scope, chain.route.pass);
            report(out, span, "PHP-FPM's status page", Severity::Warning);
        }
    }
}

fn opener_or_pass(config: &Config, scope: ScopeId, pass: model::nginx::Item) -> Span {
    let opener = config.scope(scope).opener;
    config.span(opener.unwrap_or(pass))
}

fn report(out: &mut Findings, at: Span, what: &str, severity: Severity) {
    out.report(
        at,
        "no `deny`, no password",
        format!("everybody may read {what}"),
    )
    .severity(severity)
    .help("add `allow 127.0.0.1; deny all;` to the location, with the addresses of the monitoring");
}
