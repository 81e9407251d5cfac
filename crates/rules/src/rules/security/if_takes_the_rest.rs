//! Settings in an if that others lose.

use model::nginx::Config;
use model::nginx::config::{Item, ScopeId, ScopeKind};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Settings inside of an `if` take the place of others that seem to hold too.
    ///
    /// ## Why it matters
    ///
    /// When the condition holds, nginx answers with the settings of the `if` as if it were a location of its own: of two conditions
    /// that both hold, only the last one's settings count, and `try_files` of the location is not asked at all.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri /index.html;
    ///     if ($arg_debug) {
    ///         add_header X-Debug 1;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// map $arg_debug $debug {
    ///     default "";
    ///     1 1;
    /// }
    /// server {
    ///     listen 80;
    ///     location / {
    ///         try_files $uri /index.html;
    ///         add_header X-Debug $debug;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if>
    IF_TAKES_THE_REST {
        id: "if-takes-the-rest",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// What runs in the rewrite phase, and is not a setting.
const SCRIPT: &[&str] = &[
    "return",
    "rewrite",
    "set",
    "break",
    "rewrite_log",
    "access_by_lua_block",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (id, scope) in config.scopes() {
            if scope.kind != ScopeKind::Location {
                continue;
            }
            let ifs: Vec<(ScopeId, Item)> = scope
                .children
                .iter()
                .filter(|child| config.scope(**child).kind == ScopeKind::If)
                .filter_map(|child| Some((*child, setting(config, *child)?)))
                .collect();
            judge(config, id, &ifs, out);
        }
    }
}

fn judge(config: &Config, location: ScopeId, ifs: &[(ScopeId, Item)], out: &mut Findings) {
    if let (Some(try_files), Some((_, item))) = (config.last(location, "try_files"), ifs.first()) {
        out.report(
            config.span(*item),
            "inside of `if`",
            "when this `if` holds, `try_files` of the location is not asked",
        )
        .related(config.span(try_files), "not asked")
        .help("choose the value with a `map`, and set it in the location");
        return;
    }
    if let [(_, first), .., (_, last)] = ifs {
        out.report(
            config.span(*first),
            "lost when a later `if` holds too",
            "of several `if` that hold, only the settings of the last one count",
        )
        .related(config.span(*last), "this one counts")
        .help("choose the values with `map`, and set them in the location");
    }
}

/// The first directive in an `if` that is a setting, not a step. Where it ends in `return` none of
/// them matters but for the answer itself.
fn setting(config: &Config, id: ScopeId) -> Option<Item> {
    let scope = config.scope(id);
    if config.last(id, "return").is_some() {
        return None;
    }
    let jumps = config.all(id, "rewrite").any(|item| {
        let flag = config.word(item, 3);
        matches!(flag.as_deref(), Some(b"last" | b"redirect" | b"permanent"))
    });
    let is_setting = |item: &&Item| {
        let name = config.word(**item, 0).unwrap_or_default();
        !SCRIPT.iter().any(|script| script.as_bytes() == &*name)
    };
    (!jumps).then(|| scope.items.iter().find(is_setting).copied())?
}
