//! An alias that glues names to a directory.

use base::source::printable;
use model::nginx::Modifier;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The location ends with a slash and its `alias` does not, so that names are glued to the directory.
    ///
    /// ## Why it matters
    ///
    /// nginx puts what stands behind the location's text right behind the alias: `/images/a.png` is read from `/data/imagesa.png`. The
    /// pages find none of their pictures, and what lies beside the directory under a longer name can be read.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /images/ {
    ///     alias /data/images;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /images/ {
    ///     alias /data/images/;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#alias>
    ALIAS_SLASH_MISSING {
        id: "alias-slash-missing",
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
        for (scope, item) in config.everywhere("alias") {
            let around = config.outward(scope).find_map(|id| config.location(id));
            let Some((Modifier::Prefix | Modifier::PrefixOnly, path)) = around else {
                continue;
            };
            let alias = config.word(item, 1).unwrap_or_default();
            // A variable may end with the slash.
            if !path.ends_with(b"/") || alias.ends_with(b"/") || alias.contains(&b'$') {
                continue;
            }
            let (path, alias) = (printable(&path), printable(&alias));
            let message = format!("`{path}x` is read from `{alias}x`: the slash is missing");
            out.report(config.word_span(item, 1), "no slash at the end", message)
                .help(format!("write `alias {alias}/;`"));
        }
    }
}
