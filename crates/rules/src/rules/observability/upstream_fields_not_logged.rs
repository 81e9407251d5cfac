//! The access log does not say what the backend did.

use base::source::printable;
use base::{Severity, SortedSet};
use model::nginx::Config;
use model::nginx::config::Item;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The access log does not say which backend answered, and when.
    ///
    /// ## Why it matters
    ///
    /// Without `$upstream_status`, `$upstream_response_time` and `$upstream_header_time` a 502 that nginx made looks like one that
    /// the application sent, and a slow script looks like a full pool. With them, one line decides.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// http {
    ///     access_log /var/log/nginx/access.log combined;
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// events {}
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// http {
    ///     log_format causes '$remote_addr [$time_iso8601] "$request" $status $request_time '
    ///                       '$upstream_addr $upstream_status $upstream_header_time $upstream_response_time $connection';
    ///     access_log /var/log/nginx/access.log causes;
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// events {}
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#variables>
    UPSTREAM_FIELDS_NOT_LOGGED {
        id: "upstream-fields-not-logged",
        group: "observability",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// What decides between the causes of one status.
const WANTED: &[&str] = &[
    "upstream_status",
    "upstream_response_time",
    "upstream_header_time",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = SortedSet::new();
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        if config.may_hold_more(route.scope, "access_log") {
            continue;
        }
        let logs = config.find_all(route.scope, "access_log");
        let on: Vec<Item> = logs
            .into_iter()
            .filter(|item| config.word(*item, 1).is_some_and(|path| *path != *b"off"))
            .collect();
        // One log with the fields is enough.
        let missing: Option<Vec<_>> = on.iter().map(|item| missing(config, *item)).collect();
        let Some(missing) = missing else { continue };
        let Some((item, least)) = on.iter().zip(missing).min_by_key(|(_, m)| m.len()) else {
            continue;
        };
        let span = config.span(*item);
        if least.is_empty() || !seen.insert(span) {
            continue;
        }
        let format = config.word(*item, 2).unwrap_or(b"combined".into());
        let message = format!(
            "the format `{}` of this log lacks `${}`",
            printable(&format),
            least.join("`, `$")
        );
        out.report(span, "a 502 of nginx looks like one of the application", message)
            .severity(Severity::Info)
            .route(&route.label)
            .help("add the variables to the `log_format`; `$request_time` and `$connection` join lines with the error log");
    }
}

/// The wanted variables that the format of a log does not have; `None` when it is not known.
fn missing(config: &Config, item: Item) -> Option<Vec<&'static str>> {
    let name = config.word(item, 2).unwrap_or(b"combined".into());
    if name.contains(&b'=') || *name == *b"combined" {
        return Some(WANTED.to_vec());
    }
    let mut formats = config.everywhere("log_format");
    let (_, format) = formats.find(|(_, f)| config.word(*f, 1).is_some_and(|n| *n == *name))?;
    let text: Vec<u8> = config.args(format).concat();
    let has = |variable: &str| {
        text.windows(variable.len())
            .any(|window| window == variable.as_bytes())
    };
    Some(WANTED.iter().copied().filter(|v| !has(v)).collect())
}
