//! Parameters for PHP are silenced by an inner block.

use model::nginx::lookup::Lost;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A location with a parameter for PHP of its own loses all those of the blocks around it.
    ///
    /// ## Why it matters
    ///
    /// `fastcgi_param` of the nearest block that has any replaces the whole list. Without `REQUEST_METHOD` PHP-FPM answers
    /// nothing useful, without `HTTPS` the application makes links to `http`, without `QUERY_STRING` forms arrive empty.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     fastcgi_param QUERY_STRING $query_string;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass unix:/run/php/php-fpm.sock;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param QUERY_STRING $query_string;
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass unix:/run/php/php-fpm.sock;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_param>
    FASTCGI_PARAM_LOST {
        id: "fastcgi-param-lost",
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
        for directive in ["fastcgi_param", "uwsgi_param", "scgi_param"] {
            for Lost { first, names, .. } in config.lost(directive) {
                let some: Vec<&str> = names
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .take(4)
                    .collect();
                let more = match names.len() - some.len() {
                    0 => String::new(),
                    n => format!(" and {n} more"),
                };
                let message = format!(
                    "`{}`{more} of an outer block does not reach this backend",
                    some.join("`, `")
                );
                let label = format!("silences the outer `{directive}`");
                let mut draft = out.report(config.span(first), label, message);
                for (name, item) in names.iter().take(4) {
                    draft = draft.related(config.span(*item), format!("`{name}` is set here"));
                }
                draft.help("put all parameters into one block: `include fastcgi_params;` beside the own ones");
            }
        }
    }
}
