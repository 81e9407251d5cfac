//! Every answer names the version of nginx.

use base::{Severity, Span};
use model::nginx::Config;
use model::nginx::config::ScopeKind;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Every answer names the version of nginx.
    ///
    /// ## Why it matters
    ///
    /// The header `Server: nginx/1.22.1` and the error pages tell those who look for old versions where to try.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server_tokens on;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server_tokens off;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#server_tokens>
    VERSION_DISCLOSED {
        id: "version-disclosed",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let mut written = false;
        for (_, item) in config.everywhere("server_tokens") {
            written = true;
            let word = config.word(item, 1).unwrap_or_default();
            if matches!(&*word, b"on" | b"build") {
                report(out, config.span(item), "shown");
            }
        }
        if let Some(at) = http(config).filter(|_| !written) {
            report(out, at, "no `server_tokens`: it is shown");
        }
    }
}

/// The `http` block of a whole configuration.
fn http(config: &Config) -> Option<Span> {
    let mut all = config
        .scopes()
        .filter(|(_, scope)| scope.kind == ScopeKind::Http);
    let (id, scope) = all.next()?;
    let is_whole = !config.has_gap(id) && config.servers().next().is_some();
    Some(config.span(scope.opener.filter(|_| is_whole)?))
}

fn report(out: &mut Findings, at: Span, label: &str) {
    out.report(at, label, "every answer names the version of nginx")
        .severity(Severity::Info)
        .help("write `server_tokens off;` in the `http` block");
}
