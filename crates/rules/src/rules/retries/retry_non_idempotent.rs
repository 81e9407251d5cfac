//! POST requests are repeated on the next server.

use model::nginx::route::tries;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// POST requests are repeated on the next server, after the first may have done the work.
    ///
    /// ## Why it matters
    ///
    /// nginx does not repeat a POST, LOCK or PATCH that it has sent: it cannot know how far the script got.
    /// `non_idempotent` takes that away. A POST that exceeds the read timeout, or whose worker dies behind the
    /// `INSERT`, runs a second time on the next server: two orders, two payments, two mails. What was never sent,
    /// because the connection failed, is repeated without it too.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_next_upstream error timeout non_idempotent;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// upstream php {
    ///     server unix:/run/php/php-fpm.sock;
    ///     server 127.0.0.1:9000;
    /// }
    /// server {
    ///     listen 80;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_next_upstream error timeout;
    ///         fastcgi_pass php;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_next_upstream>
    RETRY_NON_IDEMPOTENT {
        id: "retry-non-idempotent",
        group: "retries",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (nginx, route) in cx.model.routes() {
        let config = &nginx.config;
        let Some((item, conditions)) = route.written_retries(config) else {
            continue;
        };
        let at = conditions.iter().position(|c| **c == *b"non_idempotent");
        // Alone it allows nothing: it adds POST to the other conditions.
        let (Some(at), true) = (at, conditions.len() > 1) else {
            continue;
        };
        let count = tries(config, route);
        if count < 2 {
            continue;
        }
        let name = route.protocol.next_upstream();
        let message = format!(
            "a POST that failed half-way is sent to the next server and may be carried out up to \
            {count} times"
        );
        out.report(config.word_span(item, at + 1), "repeats POST", message)
            .route(&route.label)
            .help(format!(
                "take `non_idempotent` out of `{name}`: connections that fail are repeated \
                without it"
            ));
    }
}
