//! An answer that comes before the list is asked.

use base::Severity;
use model::nginx::Config;
use model::nginx::config::{Item, ScopeId};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `return` answers before the list of addresses is asked.
    ///
    /// ## Why it matters
    ///
    /// `return` and redirects run in the rewrite phase; `allow`, `deny` and `auth_basic` in a later one. In a block with both, everybody
    /// gets the answer.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /admin {
    ///     allow 10.0.0.0/8;
    ///     deny all;
    ///     return 200 "secret";
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /admin {
    ///     allow 10.0.0.0/8;
    ///     deny all;
    ///     try_files /admin.html =404;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/dev/development_guide.html#http_phases>
    RETURN_BYPASSES_ACCESS {
        id: "return-bypasses-access",
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
        for (scope, item) in config.everywhere("return") {
            let Some(guard) = guard(config, scope) else {
                continue;
            };
            let code = config.word(item, 1).unwrap_or_default();
            // A refusal tells nobody anything, and a redirect little.
            let severity = match code.first() {
                Some(b'4' | b'5') => continue,
                Some(b'3') => Severity::Info,
                _ => Severity::Warning,
            };
            out.report(config.span(item), "answers first", "everybody gets this answer: the list is asked later")
                .severity(severity)
                .related(config.span(guard), "too late for it")
                .help("serve a file, or move the answer into a named location: `try_files /nothing @answer;`");
        }
    }
}

/// The `deny` or password of the same block, or of the block around an `if`.
fn guard(config: &Config, scope: ScopeId) -> Option<Item> {
    use model::nginx::config::ScopeKind;
    let mut at = scope;
    while config.scope(at).kind == ScopeKind::If {
        at = config.scope(at).parent?;
    }
    let is_named = config
        .location(at)
        .is_some_and(|(modifier, _)| modifier == model::nginx::Modifier::Named);
    if is_named || config.last(at, "internal").is_some() {
        return None;
    }
    let deny = config.last(at, "deny");
    let asks = || {
        config
            .last(at, "auth_basic")
            .filter(|item| config.word(*item, 1).is_some_and(|w| *w != *b"off"))
    };
    deny.or_else(asks)
}
