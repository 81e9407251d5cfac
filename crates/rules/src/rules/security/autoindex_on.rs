//! Everybody may list the files.

use base::Severity;
use model::nginx::config::ScopeKind;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Everybody may list the files of a directory.
    ///
    /// ## Why it matters
    ///
    /// A listing shows backups, uploads and drafts that no page links to.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /files/ {
    ///     autoindex on;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /files/ {
    ///     autoindex off;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_autoindex_module.html>
    AUTOINDEX_ON {
        id: "autoindex-on",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, item) in config.everywhere("autoindex") {
            let is_on = config
                .word(item, 1)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"on"));
            if !is_on || config.is_guarded(scope) == Some(true) || !config.is_public(scope) {
                continue;
            }
            // One location of downloads is meant; a whole server mostly is not.
            let severity = match config.scope(scope).kind {
                ScopeKind::Location => Severity::Info,
                _ => Severity::Warning,
            };
            out.report(
                config.span(item),
                "lists every file",
                "everybody may list the files of these directories",
            )
            .severity(severity)
            .help("write `autoindex off;`, or ask for a password with `auth_basic`");
        }
    }
}
