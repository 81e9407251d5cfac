//! A location for PHP that also matches names that do not end in `.php`.

use base::source::printable;
use model::nginx::{Config, RegexRole, RegexUse};
use syntax::regex::Verdict;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The location that runs PHP also matches names that do not end in `.php`.
    ///
    /// ## Why it matters
    ///
    /// `\.php` without `$` also matches `/uploads/cat.php.jpg`, and a dot that is not escaped matches
    /// `/uploads/xphp`. nginx hands such a file to PHP-FPM, and only `security.limit_extensions` still stands
    /// between an upload and its execution. The finding names a path that the real expression matches.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#security.limit-extensions>
    REGEX_UNANCHORED {
        id: "regex-unanchored",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Names of files that are no scripts.
const STRANGERS: &[&[u8]] = &[
    b"/uploads/cat.php.jpg",
    b"/uploads/catphp",
    b"/uploads/cat-php",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (scope, _) in config.everywhere("fastcgi_pass") {
            let Some(regex) = regex_of(config, scope) else {
                continue;
            };
            let parsed = config.regex(&regex.text, regex.caseless);
            let runs_php = parsed.matches(b"/uploads/cat.php") == Verdict::Yes;
            let everything = parsed.matches(b"/uploads/cat") == Verdict::Yes;
            if !runs_php || everything {
                continue;
            }
            let stranger = STRANGERS
                .iter()
                .find(|text| parsed.matches(text) == Verdict::Yes);
            let Some(stranger) = stranger else { continue };
            let stranger = printable(stranger);
            let message = format!("`{stranger}` is handed to PHP too");
            out.report(regex.span, "matches more than `.php`", message)
                .help("write `\\.php$`, or `\\.php(/|$)` for paths behind the script's name");
        }
    }
}

fn regex_of(config: &Config, scope: model::nginx::ScopeId) -> Option<RegexUse> {
    let opener = config.scope(scope).opener?;
    let (modifier, text) = config.location(scope)?;
    modifier.is_regex().then(|| RegexUse {
        role: RegexRole::Location,
        scope,
        item: opener,
        span: config.word_span(opener, config.arg_count(opener)),
        text: text.into_owned(),
        caseless: modifier == model::nginx::Modifier::RegexNoCase,
        subject: b"$uri".to_vec(),
    })
}
