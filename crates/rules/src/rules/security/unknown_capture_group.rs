//! `$2` of an expression with one group.

use base::source::printable;
use model::nginx::config::{Item, ScopeId, ScopeKind};
use model::nginx::taint::Piece;
use model::nginx::{Config, Modifier};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A numbered capture is used that no regular expression here fills.
    ///
    /// ## Why it matters
    ///
    /// The variable is empty and nobody says so: a redirect loses a part of its path, a backend gets a request
    /// for another page.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ ^/old/(.*)$ {
    ///     return 301 /new/$2;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ ^/old/(.*)$ {
    ///     return 301 /new/$1;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_rewrite_module.html>
    UNKNOWN_CAPTURE_GROUP {
        id: "unknown-capture-group",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Directives that use captures, and which word.
const USES: &[(&str, usize)] = &[
    ("return", 1),
    ("return", 2),
    ("rewrite", 2),
    ("set", 2),
    ("proxy_pass", 1),
    ("fastcgi_pass", 1),
    ("add_header", 2),
    ("proxy_set_header", 2),
    ("fastcgi_param", 2),
    ("alias", 1),
    ("root", 1),
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        if !config.complete {
            continue;
        }
        for (name, index) in USES {
            for (scope, item) in config.everywhere(name) {
                judge(config, scope, item, *index, out);
            }
        }
    }
}

fn judge(config: &Config, scope: ScopeId, item: Item, index: usize, out: &mut Findings) {
    let text = config.word(item, index).unwrap_or_default();
    let numbered = text
        .windows(2)
        .any(|pair| pair[0] == b'$' && (pair[1].is_ascii_digit() || pair[1] == b'{'));
    if !numbered || config.outward(scope).any(|id| config.has_gap(id)) {
        return;
    }
    let used = config
        .pieces(scope, &text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Variable(name, _) => std::str::from_utf8(&name).ok()?.parse::<u32>().ok(),
            Piece::Text(_) => None,
        });
    let Some(used) = used.max().filter(|number| *number > 0) else {
        return;
    };
    let Some(filled) = groups_at(config, scope, item) else {
        return;
    };
    if used <= filled {
        return;
    }
    let message = format!("`${used}` is always empty in `{}`", printable(&text));
    let label = match filled {
        0 => "no regular expression here has a group".to_owned(),
        1 => "the regular expression has one group".to_owned(),
        n => format!("the regular expression has {n} groups"),
    };
    out.report(config.word_span(item, index), label, message)
        .help("use the number of a group that is there, or give the expression the missing group");
}

/// The most groups of any expression that may have run last; `None` when that is not known.
fn groups_at(config: &Config, scope: ScopeId, item: Item) -> Option<u32> {
    let name = config.word(item, 0).unwrap_or_default();
    if *name == *b"rewrite" {
        return groups(config, &config.word(item, 1)?, false);
    }
    // A map with expressions changes the captures when its variable is asked for.
    if config.has_regex_map() {
        return None;
    }
    let mut most = 0;
    for id in config.outward(scope) {
        for rewrite in config.all(id, "rewrite") {
            most = most.max(groups(config, &config.word(rewrite, 1)?, false)?);
        }
        let own = match config.scope(id).kind {
            ScopeKind::If => config
                .condition(id)
                .map(|(_, text, caseless)| (text, caseless)),
            ScopeKind::Location => config
                .location(id)
                .filter(|(modifier, _)| modifier.is_regex())
                .map(|(modifier, text)| (text.into_owned(), modifier == Modifier::RegexNoCase)),
            ScopeKind::Server => {
                for (text, _) in config.server_names(id) {
                    if let Some(text) = text.strip_prefix(b"~") {
                        most = most.max(groups(config, text, true)?);
                    }
                }
                None
            }
            _ => None,
        };
        if let Some((text, caseless)) = own {
            most = most.max(groups(config, &text, caseless)?);
        }
        for child in &config.scope(id).children {
            if let Some((_, text, caseless)) = config.condition(*child) {
                most = most.max(groups(config, &text, caseless)?);
            }
        }
    }
    Some(most)
}

fn groups(config: &Config, text: &[u8], caseless: bool) -> Option<u32> {
    let regex = config.regex(text, caseless);
    regex.understood.then_some(regex.groups)
}
