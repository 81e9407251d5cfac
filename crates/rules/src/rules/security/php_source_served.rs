//! A second server hands out the source of PHP files.

use base::SortedMap;
use base::source::printable;
use model::nginx::Config;
use model::nginx::config::{Item, ScopeId};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A server without a location for PHP has the document root of one that runs PHP.
    ///
    /// ## Why it matters
    ///
    /// A request for `/index.php` or `/config.php` of that server is answered with the source, passwords included: often the server
    /// for port 80, or for another name, that was meant to redirect.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     server_name old.example;
    ///     root /srv/shop;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name shop.example;
    ///     root /srv/shop;
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
    ///     server_name old.example;
    ///     return 301 https://shop.example$request_uri;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name shop.example;
    ///     root /srv/shop;
    ///     location ~ \.php$ {
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass unix:/run/php/php-fpm.sock;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#root>
    PHP_SOURCE_SERVED {
        id: "php-source-served",
        group: "security",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let mut roots: SortedMap<Vec<u8>, Item> = SortedMap::new();
        for (scope, pass) in config.everywhere("fastcgi_pass") {
            if let Some(root) = root_of(config, scope) {
                roots.entry(root).or_insert(pass);
            }
        }
        if roots.is_empty() {
            continue;
        }
        for server in config.servers() {
            let found = root_of(config, server).and_then(|root| Some((*roots.get(&root)?, root)));
            let Some((pass, root)) = found else { continue };
            // The root that other roots of this server's locations do not change.
            let Some((item, _)) = config.find(server, "root") else {
                continue;
            };
            if serves_files(config, server, b"/index.php") {
                let label = config.server_label(server);
                let message = format!(
                    "`{label}` hands out the source of PHP files below `{}`",
                    printable(&root)
                );
                let at = config.scope(server).opener.unwrap_or(item);
                out.report(config.span(at), "no location for PHP", message)
                    .because(
                        "another server runs PHP in this directory",
                        Some(config.span(pass)),
                    )
                    .help(
                        "redirect (`return 301 …`), or give this server the location for PHP too",
                    );
            }
        }
    }
}

fn root_of(config: &Config, scope: ScopeId) -> Option<Vec<u8>> {
    let (item, _) = config.find(scope, "root")?;
    let path = config.word(item, 1)?;
    let path = path.strip_suffix(b"/").unwrap_or(&path);
    (!path.contains(&b'$')).then(|| path.to_vec())
}

/// Whether a path of this server is answered with a file as it is.
fn serves_files(config: &Config, server: ScopeId, path: &[u8]) -> bool {
    let Ok(scope) = config.matched(server, path) else {
        return false;
    };
    let own_root = config.last(scope, "root").is_some() && scope != server;
    let elsewhere = own_root || config.last(scope, "alias").is_some();
    !elsewhere && config.serves_files(scope)
}
