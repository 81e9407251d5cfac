//! A map that is empty for what it does not name.

use base::Severity;
use base::source::printable;
use model::nginx::config::ScopeKind;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A `map` says nothing about values that it does not name.
    ///
    /// ## Why it matters
    ///
    /// The variable is then empty: a limit without a key does not limit, a header without a value is not sent, a target without a host
    /// is a 500.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// map $http_upgrade $connection_upgrade {
    ///     websocket upgrade;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// map $http_upgrade $connection_upgrade {
    ///     default close;
    ///     websocket upgrade;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_map_module.html>
    MAP_WITHOUT_DEFAULT {
        id: "map-without-default",
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
        for (id, scope) in config.scopes() {
            let Some(opener) = scope.opener else { continue };
            let name = config.word(opener, 0).unwrap_or_default();
            let is_geo = scope.kind == ScopeKind::Other && *name == *b"geo";
            if scope.kind != ScopeKind::Map && !is_geo || config.has_gap(id) {
                continue;
            }
            let says_all = scope.items.iter().any(|item| {
                let key = config.word(*item, 0).unwrap_or_default();
                matches!(
                    &*key,
                    b"default" | b"include" | b"~.*" | b"~^" | b"~." | b"0.0.0.0/0"
                )
            });
            if says_all {
                continue;
            }
            let variable = config
                .word(opener, config.arg_count(opener))
                .unwrap_or_default();
            let variable = printable(&variable);
            out.report(
                config.span(opener),
                "no `default`",
                format!("`{variable}` is empty for every value that is not named"),
            )
            .severity(Severity::Info)
            .help("add a `default` line, with an empty value if that is meant: `default \"\";`");
        }
    }
}
