//! Files that begin with a dot are served.

use base::Severity;
use model::nginx::Config;
use model::nginx::config::ScopeId;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Files that begin with a dot are served.
    ///
    /// ## Why it matters
    ///
    /// `/.git/config`, `/.env` and `/.htpasswd` lie in many document roots and hold passwords; scanners ask for them all day.
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
    /// ## Good
    ///
    /// ```nginx
    /// location ~ /\.(?!well-known/) {
    ///     deny all;
    /// }
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>
    DOTFILES_SERVED {
        id: "dotfiles-served",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (server, item) in config.everywhere("root") {
            let is_server = config.is_server(server);
            if !is_server || !config.complete {
                continue;
            }
            let paths: [&[u8]; 2] = [b"/.git/config", b"/.env"];
            let open = paths
                .into_iter()
                .find(|path| is_served(config, server, path));
            if let Some(path) = open {
                let path = base::source::printable(path);
                out.report(config.span(item), "with its dotfiles", format!("`{path}` is served when it is there"))
                    .severity(Severity::Info)
                    .help("add `location ~ /\\.(?!well-known/) { deny all; }` before the other expressions");
            }
        }
    }
}

/// Whether a path ends at a file that nobody guards.
fn is_served(config: &Config, server: ScopeId, path: &[u8]) -> bool {
    config
        .matched(server, path)
        .is_ok_and(|scope| config.serves_files(scope))
}
