//! A status location that the pool does not know.

use base::source::printable;
use model::chain::Chain;
use model::nginx::Modifier;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A location for a status page leads to a pool that has none under that path.
    ///
    /// ## Why it matters
    ///
    /// FPM compares the path with `pm.status_path` and `ping.path`. When neither is it, FPM looks for a script of that name
    /// and answers 404 with `Primary script unknown`, or 403: the snippet that many articles show does just that, because
    /// their pool sets no `pm.status_path`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ ^/(fpm-status|fpm-ping)$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_param SCRIPT_NAME $fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ ^/(fpm-status|fpm-ping)$ {
    ///     allow 127.0.0.1;
    ///     deny all;
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_param SCRIPT_NAME $fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```fpm
    /// pm.status_path = /fpm-status
    /// ping.path = /fpm-ping
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.status-path>
    LOCATION_WITHOUT_STATUS_PATH {
        id: "location-without-status-path",
        group: "observability",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let missing: Vec<String> = paths(chain)
            .into_iter()
            .filter(|path| looks_like_status(path) && !is_known(chain, path))
            .map(|path| printable(&path))
            .collect();
        let (Some(first), false) = (missing.first(), runs_a_script(chain)) else {
            continue;
        };
        let Some(opener) = chain.nginx.config.scope(chain.route.scope).opener else {
            continue;
        };
        let pool = chain.pool.shown_name();
        let all = missing.join("` and `");
        let message = format!("pool `{pool}` has no status page at `{all}`: the answer is 404");
        let setting = if first.contains("ping") {
            "ping.path"
        } else {
            "pm.status_path"
        };
        out.report(
            chain.nginx.config.span(opener),
            "the pool does not know it",
            message,
        )
        .route(&chain.route.label)
        .help(format!("set `{setting} = {first}` in pool `{pool}`"));
    }
}

/// The paths of the location, when they are few.
fn paths(chain: &Chain<'_>) -> Vec<Vec<u8>> {
    match chain.nginx.config.location(chain.route.scope) {
        Some((Modifier::Exact, text)) => vec![text.into_owned()],
        Some((modifier, text)) if modifier.is_regex() => {
            let regex = chain
                .nginx
                .config
                .regex(&text, modifier == Modifier::RegexNoCase);
            regex.words().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn looks_like_status(path: &[u8]) -> bool {
    let has = |word: &[u8]| {
        path.windows(word.len())
            .any(|w| w.eq_ignore_ascii_case(word))
    };
    (has(b"status") || has(b"ping")) && !path.ends_with(b".php")
}

/// Unknown is known: the setting may say so.
fn is_known(chain: &Chain<'_>, path: &[u8]) -> bool {
    let settings = &chain.pool.settings;
    ["pm.status_path", "ping.path"]
        .iter()
        .any(|name| match settings.text(name) {
            Some(Ok(setting)) => setting.value == path,
            Some(Err(_)) => true,
            None => false,
        })
}

/// Whether the location runs a script of its own, whatever the path is.
fn runs_a_script(chain: &Chain<'_>) -> bool {
    let config = &chain.nginx.config;
    let params = config.find_all(chain.route.scope, "fastcgi_param");
    params.into_iter().any(|item| {
        let name = config.word(item, 1).unwrap_or_default();
        let value = config.word(item, 2).unwrap_or_default();
        let by_path = value.ends_with(b"$fastcgi_script_name") || value.ends_with(b"$uri");
        let is_script = *name == *b"SCRIPT_FILENAME" && !by_path;
        // Another path than the visitor's may be the one that the pool knows.
        let is_renamed = *name == *b"SCRIPT_NAME" && !value.starts_with(b"$");
        is_script || is_renamed
    })
}
