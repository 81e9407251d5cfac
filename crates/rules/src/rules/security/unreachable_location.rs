//! A location that no request reaches.

use model::nginx::Config;
use model::nginx::Modifier;
use model::nginx::config::{Item, ScopeId, ScopeKind};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// No request reaches this location.
    ///
    /// ## Why it matters
    ///
    /// nginx takes the first regular expression that matches: behind one that matches every path, or the same text again, nothing is ever
    /// asked, and what the location forbids or limits is not forbidden.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ / {
    ///     return 204;
    /// }
    /// location ~ \.secret$ {
    ///     deny all;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.secret$ {
    ///     deny all;
    /// }
    /// location / {
    ///     return 204;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>
    UNREACHABLE_LOCATION {
        id: "unreachable-location",
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
        for (_, scope) in config.scopes() {
            if matches!(scope.kind, ScopeKind::Server | ScopeKind::Location) {
                siblings(config, &scope.children, out);
            }
        }
    }
}

fn siblings(config: &Config, children: &[ScopeId], out: &mut Findings) {
    let mut before: Vec<(Item, Vec<u8>, bool)> = Vec::new();
    for id in children {
        let Some((modifier, text)) = config.location(*id) else {
            continue;
        };
        let Some(opener) = config.scope(*id).opener.filter(|_| modifier.is_regex()) else {
            continue;
        };
        let caseless = modifier == Modifier::RegexNoCase;
        let hides = before.iter().find(|(_, other, ignores_case)| {
            let same_case = *ignores_case || !caseless;
            takes_all(other) || same_case && (*other == *text || includes(config, other, &text))
        });
        if let Some((other, ..)) = hides {
            out.report(
                config.span(opener),
                "never asked",
                "no request reaches this location",
            )
            .related(config.span(*other), "takes them all")
            .help("put it before the other one, or take it out");
        }
        before.push((opener, text.into_owned(), caseless));
    }
}

/// Whether an expression matches every path.
fn takes_all(text: &[u8]) -> bool {
    matches!(
        text,
        b"/" | b"^/"
            | b"."
            | b".*"
            | b"^"
            | b"^.*"
            | b"^/.*"
            | b"^/.*$"
            | b"^.*$"
            | b"^/(.*)$"
            | b"^/(.*)"
            | b"(.*)"
    )
}

/// Whether whatever the second expression matches holds the text of the first.
fn includes(config: &Config, first: &[u8], second: &[u8]) -> bool {
    let (Some(first), Some(second)) = (
        config.regex(first, false).literal(),
        config.regex(second, false).literal(),
    ) else {
        return false;
    };
    let holds = || {
        let mut windows = second.text.windows(first.text.len().max(1));
        windows.any(|window| window == first.text)
    };
    let begins = || second.at_start && second.text.starts_with(&first.text);
    !first.at_end && !first.text.is_empty() && if first.at_start { begins() } else { holds() }
}
