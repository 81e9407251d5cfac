//! A way out of the directory of an alias.

use base::Severity;
use base::source::printable;
use model::nginx::config::{Item, ScopeId};
use model::nginx::{Config, Modifier};
use syntax::regex::{Regex, Verdict};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A path with two dots leads out of the directory that `alias` names.
    ///
    /// ## Why it matters
    ///
    /// `location /files` also matches `/files../`, and nginx puts what stands behind the location's text behind the alias:
    /// `/files../secret` is read from the directory above. Sources, keys and backups beside the directory are open to everybody.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /files {
    ///     alias /srv/shop/public/;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /files/ {
    ///     alias /srv/shop/public/;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#alias>
    /// - <https://cwe.mitre.org/data/definitions/22.html>
    ALIAS_TRAVERSAL {
        id: "alias-traversal",
        group: "security",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, item) in config.everywhere("alias") {
            // An `if` inside of a location has the location's path.
            let around = config
                .outward(scope)
                .find_map(|id| Some((id, config.location(id)?)));
            let Some((id, (modifier, path))) = around else {
                continue;
            };
            match modifier {
                Modifier::Prefix | Modifier::PrefixOnly => prefix(config, id, item, &path, out),
                Modifier::Regex | Modifier::RegexNoCase => {
                    let regex = config.regex(&path, modifier == Modifier::RegexNoCase);
                    expression(config, item, &regex, out);
                }
                Modifier::Exact | Modifier::Named => {}
            }
        }
    }
}

fn prefix(config: &Config, scope: ScopeId, item: Item, path: &[u8], out: &mut Findings) {
    let alias = config.word(item, 1).unwrap_or_default();
    if path.ends_with(b"/") || path.is_empty() || config.last(scope, "internal").is_some() {
        return;
    }
    let shown = printable(path);
    let target = printable(&alias);
    if alias.ends_with(b"/") {
        let message = format!("`{shown}../` reads from the directory above `{target}`");
        out.report(config.span(item), "two dots lead out of it", message)
            .help(format!(
                "write `location {shown}/`, with a slash as the alias has"
            ));
    } else if !alias.contains(&b'.') {
        // `/files` with `/srv/files`: only a name that goes on, such as `/srv/files-old`.
        let message = format!("`{shown}X` reads `{target}X`: what lies beside the directory");
        out.report(config.span(item), "names that go on", message)
            .severity(Severity::Info)
            .help(format!("write `location {shown}/` and `alias {target}/`"));
    }
}

/// `location ~ ^/files(.*)$ { alias /srv/public/$1; }`: what a group holds may begin with two dots.
fn expression(config: &Config, item: Item, regex: &Regex, out: &mut Findings) {
    let alias = config.word(item, 1).unwrap_or_default();
    let Some(at) = alias
        .windows(2)
        .position(|w| w[0] == b'$' && w[1].is_ascii_digit())
    else {
        return;
    };
    let number = u32::from(alias[at + 1] - b'0');
    let Some(group) = regex.group(number) else {
        return;
    };
    let (first, _) = group.first();
    let climbs = first.contains(b'.') && group.bytes().contains(b'/');
    // With a slash before the group nginx has taken the two dots out of the path already.
    let Some(sample) = regex.sample_with(number, b'.') else {
        return;
    };
    let has_slash = regex.slash_before(number);
    if !climbs
        || has_slash
        || !alias[..at].ends_with(b"/")
        || regex.matches(&sample) != Verdict::Yes
    {
        return;
    }
    let target = printable(&alias[..at]);
    let message =
        format!("`${number}` may begin with `../`: it reads from the directory above `{target}`");
    out.report(config.span(item), "two dots lead out of it", message)
        .help("put a slash before the group in the regular expression");
}
