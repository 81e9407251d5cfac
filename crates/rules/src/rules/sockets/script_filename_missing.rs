//! The route does not say which script to run.

use crate::context::pass_span;
use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The route sends no `SCRIPT_FILENAME`.
    ///
    /// ## Why it matters
    ///
    /// PHP-FPM does not know what to run and answers 404: "Primary script unknown", or an empty page.
    /// `fastcgi_params` does not hold this parameter, `fastcgi.conf` does. A `fastcgi_param` in the
    /// location also drops all those of the blocks around it.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param QUERY_STRING $query_string;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param QUERY_STRING $query_string;
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: adds `fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;`.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_param>
    SCRIPT_FILENAME_MISSING {
        id: "script-filename-missing",
        group: "sockets",
        severity: Error,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let config = &chain.nginx.config;
        let params = config.find_all(chain.route.scope, "fastcgi_param");
        let is_sent = |name: &[u8]| {
            params
                .iter()
                .any(|p| config.word(*p, 1).as_deref() == Some(name))
        };
        // Params of the blocks around a fragment are not known, nor those of an unread include.
        let unknown = params.is_empty() && !config.complete
            || config.may_hold_more(chain.route.scope, "fastcgi_param");
        if is_sent(b"SCRIPT_FILENAME") || is_sent(b"PATH_TRANSLATED") || unknown {
            continue;
        }
        let message = "no `SCRIPT_FILENAME` is sent: PHP-FPM answers 404, \"Primary script \
                       unknown\"";
        let mut draft = out
            .report(pass_span(chain), "without SCRIPT_FILENAME", message)
            .route(&chain.route.label);
        if let Some(first) = params.first() {
            draft = draft.because(
                format!("it is not among the parameters sent ({})", params.len()),
                Some(config.span(*first)),
            );
        }
        draft.help(
            "add `fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;`, or include \
             `fastcgi.conf` instead of `fastcgi_params`",
        );
    }
}
