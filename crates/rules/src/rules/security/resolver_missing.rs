//! A name that nginx cannot look up.

use base::source::printable;
use model::nginx::taint::{Piece, host_of};
use model::nginx::{Config, Protocol, ScopeId};
use model::{Address, Host};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx must look up a name for each request and has no name server.
    ///
    /// ## Why it matters
    ///
    /// With a variable in the target nginx resolves the host when the request comes, and needs `resolver` for it, whatever the system's
    /// own files say. Without it every request is a 502 and the log says `no resolver defined to resolve`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     set $backend app.internal.example;
    ///     proxy_pass http://$backend:8080;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location / {
    ///     resolver 127.0.0.53;
    ///     set $backend app.internal.example;
    ///     proxy_pass http://$backend:8080;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver>
    RESOLVER_MISSING {
        id: "resolver-missing",
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
        if !config.complete {
            continue;
        }
        for protocol in Protocol::ALL {
            for (scope, item) in config.everywhere(protocol.pass()) {
                let text = config.word(item, 1).unwrap_or_default();
                if !text.contains(&b'$') || has_resolver(config, scope) {
                    continue;
                }
                let Some(name) = name_to_look_up(config, scope, &text) else {
                    continue;
                };
                let message = format!(
                    "every request is a 502: nginx cannot look up `{name}` without `resolver`"
                );
                out.report(config.word_span(item, 1), "looked up at each request", message)
                    .help("add `resolver` with the address of the name server, such as `127.0.0.53` or Docker's `127.0.0.11`");
            }
        }
    }
}

fn has_resolver(config: &Config, scope: ScopeId) -> bool {
    config.find(scope, "resolver").is_some() || config.outward(scope).any(|id| config.has_gap(id))
}

/// A host name among the hosts that the target may have, unless an upstream has that name.
fn name_to_look_up(config: &Config, scope: ScopeId, text: &[u8]) -> Option<String> {
    let pieces = config.pieces(scope, text);
    let host: Vec<u8> = host_of(&pieces)
        .iter()
        .flat_map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name, _) => [b"${".as_slice(), name, b"}"].concat(),
        })
        .collect();
    let values = config.constants(scope, &host).ok()?;
    values.into_iter().find_map(|constant| {
        let value = match constant.value.windows(3).position(|w| w == b"://") {
            Some(at) => constant.value[at + 3..].to_vec(),
            None => constant.value,
        };
        let value = value
            .split(|b| *b == b'/')
            .next()
            .unwrap_or_default()
            .to_vec();
        let Ok(Address::Tcp(Host::Name(name), _)) = Address::parse(&value, Some(80)) else {
            return None;
        };
        let is_upstream = config.upstream_named(&value);
        // `localhost` too is looked up.
        (!is_upstream).then(|| printable(&name))
    })
}
