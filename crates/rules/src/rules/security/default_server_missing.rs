//! The first server answers for strangers.

use base::{Severity, SortedMap};
use model::nginx::config::{Item, ScopeId};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// No server says that it answers for names that nobody knows.
    ///
    /// ## Why it matters
    ///
    /// nginx then takes the first one of the address, and which that is depends on the names of files: requests for any name, and for
    /// none, reach an application that was not meant for them.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// server {
    ///     listen 80;
    ///     server_name a.example;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name b.example;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// server {
    ///     listen 80 default_server;
    ///     return 444;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name a.example;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name b.example;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/request_processing.html>
    DEFAULT_SERVER_MISSING {
        id: "default-server-missing",
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
        if !config.complete {
            continue;
        }
        let mut by_address: SortedMap<Vec<u8>, Vec<(ScopeId, Item)>> = SortedMap::new();
        for (server, item) in config.everywhere("listen") {
            let word = config.word(item, 1).unwrap_or_default();
            let key = match word.iter().all(u8::is_ascii_digit) {
                true => [b"*:".as_slice(), &word].concat(),
                false => word.into_owned(),
            };
            by_address.entry(key).or_default().push((server, item));
        }
        for servers in by_address.values() {
            let says = |item: Item| {
                let args = config.args(item);
                args.iter()
                    .any(|arg| matches!(&**arg, b"default_server" | b"default"))
            };
            let catches = |server: ScopeId| {
                config
                    .server_names(server)
                    .iter()
                    .any(|(name, _)| matches!(&**name, b"" | b"_"))
            };
            let (first, item) = servers[0];
            if servers.len() < 2 || servers.iter().any(|(_, item)| says(*item)) || catches(first) {
                continue;
            }
            let label = config.server_label(first);
            out.report(
                config.span(item),
                "the first by chance",
                format!("`{label}` answers for every name that no server knows"),
            )
            .severity(Severity::Info)
            .help("add a server with `listen … default_server; return 444;`");
        }
    }
}
