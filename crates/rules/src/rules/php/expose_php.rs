//! Every answer names the version of PHP.

use base::{Severity, SortedSet};
use model::nginx::Config;
use model::nginx::config::ScopeId;
use model::php::value::php_switch;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Every answer names the version of PHP.
    ///
    /// ## Why it matters
    ///
    /// The header `X-Powered-By: PHP/8.2.31` tells those who look for old versions where to try.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// expose_php = On
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// expose_php = Off
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/ini.core.php#ini.expose-php>
    EXPOSE_PHP {
        id: "expose-php",
        group: "php",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = SortedSet::new();
    for chain in cx.chains() {
        let Ok(shows) = chain.php("expose_php") else {
            continue;
        };
        if !php_switch(&shows.value) || hides(&chain.nginx.config, chain.route.scope) {
            continue;
        }
        // One php.ini, one finding.
        let Some(at) = shows
            .origin
            .span()
            .or(chain.pool.place())
            .filter(|at| seen.insert(*at))
        else {
            continue;
        };
        out.report(
            at,
            "`X-Powered-By: PHP/…`",
            "every answer names the version of PHP",
        )
        .severity(Severity::Info)
        .because_of(
            "expose_php",
            &shows.map(|text| base::source::printable(&text)),
        )
        .help("set `expose_php = Off` in php.ini");
    }
}

fn hides(config: &Config, scope: ScopeId) -> bool {
    let hidden = config.find_all(scope, "fastcgi_hide_header");
    hidden.into_iter().any(|item| {
        let name = config.word(item, 1).unwrap_or_default();
        name.eq_ignore_ascii_case(b"X-Powered-By")
    })
}
