//! An uploaded picture can be run as PHP.

use model::chain::Chain;
use model::nginx::config::ScopeKind;
use model::php::value::php_switch;
use syntax::regex::Verdict;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A file of any kind can be run by asking for a script behind it.
    ///
    /// ## Why it matters
    ///
    /// `/uploads/cat.jpg/x.php` matches `\.php$`, so nginx hands it to FPM without looking whether it exists. PHP finds no
    /// such file, walks back (`cgi.fix_pathinfo`) and finds `/uploads/cat.jpg`; and because
    /// `security.limit_extensions` allows its name, the code inside runs. An upload form is then a way to run code.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```fpm
    /// security.limit_extensions =
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     try_files $uri =404;
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```fpm
    /// security.limit_extensions =
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#security.limit-extensions>
    /// - <https://www.php.net/manual/en/ini.core.php#ini.cgi.fix-pathinfo>
    FIX_PATHINFO_WITH_ANY_FILE {
        id: "fix-pathinfo-with-any-file",
        group: "php",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(limit) = chain.pool.limit_extensions() else {
            continue;
        };
        let Ok(walks) = chain.php("cgi.fix_pathinfo") else {
            continue;
        };
        let is_php = |extension: &Vec<u8>| extension.to_ascii_lowercase().starts_with(b".ph");
        let is_open = limit.value.is_empty() || !limit.value.iter().all(is_php);
        if !is_open || !php_switch(&walks.value) || !runs_any_path(chain) {
            continue;
        }
        let span = chain.nginx.config.span(chain.route.pass);
        out.report(
            span,
            "handed over without a look",
            "`/uploads/cat.jpg/x.php` runs the code in `/uploads/cat.jpg`",
        )
        .route(&chain.route.label)
        .because_of("cgi.fix_pathinfo", &walks.map(|text| base::source::printable(&text)))
        .because("`security.limit_extensions` allows more than PHP", limit.origin.span())
        .help("add `try_files $uri =404;` before `fastcgi_pass`, and write `security.limit_extensions = .php`");
    }
}

/// Whether a path behind a file that is no script gets to PHP.
fn runs_any_path(chain: &Chain<'_>) -> bool {
    let (config, scope) = (&chain.nginx.config, chain.route.scope);
    let Some((modifier, text)) = config.location(scope) else {
        return false;
    };
    let checks = config.last(scope, "try_files").is_some();
    // An `if (!-f …)` may do what `try_files` does.
    let has_if = config
        .scope(scope)
        .children
        .iter()
        .any(|id| config.scope(*id).kind == ScopeKind::If);
    // A fixed script runs whatever the path is.
    let params = config.find_all(scope, "fastcgi_param");
    let by_path = params.into_iter().any(|item| {
        let name = config.word(item, 1).unwrap_or_default();
        let value = config.word(item, 2).unwrap_or_default();
        *name == *b"SCRIPT_FILENAME" && value.ends_with(b"$fastcgi_script_name")
    });
    // `fastcgi_split_path_info` cuts the path behind the first script's name.
    let splits = config.find(scope, "fastcgi_split_path_info").is_some();
    let caseless = modifier == model::nginx::Modifier::RegexNoCase;
    let regex = || {
        config
            .regex(&text, caseless)
            .matches(b"/uploads/cat.jpg/x.php")
    };
    !checks && !has_if && !splits && by_path && modifier.is_regex() && regex() == Verdict::Yes
}
