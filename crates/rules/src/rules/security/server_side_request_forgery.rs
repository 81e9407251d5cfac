//! The client chooses which server nginx asks.

use base::source::printable;
use model::nginx::config::{Item, ScopeId, ScopeKind};
use model::nginx::taint::{Piece, Taint, host_of};
use model::nginx::{Config, Protocol};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The client chooses the server that nginx connects to.
    ///
    /// ## Why it matters
    ///
    /// nginx stands inside the network: it reaches the metadata service of the cloud, databases and
    /// admin pages that no visitor reaches. When a part of the host in `proxy_pass` comes from the request,
    /// a visitor sends nginx there and reads the answer.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ ^/fetch/([^/]+)/(.*)$ {
    ///     proxy_pass http://$1/$2;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ ^/fetch/(images|fonts)/(.*)$ {
    ///     proxy_pass http://$1.internal.example/$2;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass>
    /// - <https://cwe.mitre.org/data/definitions/918.html>
    SERVER_SIDE_REQUEST_FORGERY {
        id: "server-side-request-forgery",
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
        for protocol in Protocol::ALL {
            for (scope, item) in config.everywhere(protocol.pass()) {
                let text = config.word(item, 1).unwrap_or_default();
                if !text.contains(&b'$') || is_internal(config, scope) {
                    continue;
                }
                let targets = config.targets(scope, &text);
                let Some((name, taint)) = targets.iter().find_map(|pieces| chosen_host(pieces))
                else {
                    continue;
                };
                if !is_guarded(config, scope, &name) {
                    report(config, item, &name, &taint, out);
                }
            }
        }
    }
}

fn report(config: &Config, item: Item, name: &[u8], taint: &Taint, out: &mut Findings) {
    let name = printable(name);
    let message = format!("the client chooses through `${name}` which server nginx asks");
    let mut draft = out
        .report(
            config.word_span(item, 1),
            "the host comes from the request",
            message,
        )
        .help(
            "let a `map` with a fixed list choose the server, or allow only known words in the \
             regular expression: `(one|two)`",
        );
    for (text, span) in &taint.steps {
        draft = draft.because(text.clone(), *span);
    }
}

/// The variable through which a client chooses the host of a target, if there is one.
fn chosen_host(pieces: &[Piece]) -> Option<(Vec<u8>, Taint)> {
    let host = host_of(pieces);
    let is_known = host.iter().all(|piece| match piece {
        Piece::Variable(_, taint) => taint.known,
        Piece::Text(_) => true,
    });
    if !is_known {
        return None;
    }
    let at = host.iter().rposition(|piece| match piece {
        Piece::Variable(_, taint) => taint.client.contains(b'a') || taint.client.contains(b'1'),
        Piece::Text(_) => false,
    })?;
    let Piece::Variable(name, taint) = &host[at] else {
        return None;
    };
    // `$1.internal.example`: a name below a fixed domain, as long as nothing ends the host early.
    let ends_host = taint.client.contains_any(b"/?#:@");
    let has_domain = host[at + 1..].iter().any(|piece| match piece {
        Piece::Text(text) => {
            text.starts_with(b".") && text.len() > 1 && !text[1..].starts_with(b"/")
        }
        Piece::Variable(..) => false,
    });
    (ends_host || !has_domain).then(|| (name.clone(), taint.clone()))
}

/// Only nginx itself sends requests there.
fn is_internal(config: &Config, scope: ScopeId) -> bool {
    config
        .outward(scope)
        .any(|id| config.last(id, "internal").is_some())
}

/// Whether an `if` on the same variable answers some requests before.
fn is_guarded(config: &Config, scope: ScopeId, name: &[u8]) -> bool {
    let variable = [b"$", name].concat();
    let children = config
        .outward(scope)
        .flat_map(|id| config.scope(id).children.iter());
    let mut ifs = children.filter(|id| config.scope(**id).kind == ScopeKind::If);
    ifs.any(|id| {
        let subject = config
            .condition(*id)
            .is_some_and(|(subject, ..)| subject == variable);
        subject && config.last(*id, "return").is_some()
    })
}
