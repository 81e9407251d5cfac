//! A line feed from the client ends up in a header.

use base::source::printable;
use model::nginx::Config;
use model::nginx::config::{Item, ScopeId};
use model::nginx::taint::{Piece, whole};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A client can put a line feed into a header that nginx sends.
    ///
    /// ## Why it matters
    ///
    /// `$uri` is the decoded path: `%0d%0a` in the request becomes an end of line. nginx writes it as it is
    /// into `Location`, into headers of `add_header` and into the request to the backend, so that a link
    /// can set cookies, or a request can carry headers that the backend trusts.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /old {
    ///     return 301 https://www.shop.example$uri;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /old {
    ///     return 301 https://www.shop.example$request_uri;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#var_uri>
    /// - <https://cwe.mitre.org/data/definitions/113.html>
    HTTP_SPLITTING {
        id: "http-splitting",
        group: "security",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Directives that write a text into a header, and which word.
const SINKS: &[(&str, usize, &str)] = &[
    ("add_header", 2, "the answer"),
    ("add_trailer", 2, "the answer"),
    ("proxy_set_header", 2, "the request to the backend"),
    ("grpc_set_header", 2, "the request to the backend"),
    ("proxy_pass", 1, "the request to the backend"),
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (name, index, into) in SINKS {
            for (scope, item) in config.everywhere(name) {
                judge(config, scope, (item, *index), into, out);
            }
        }
        for (scope, item) in config.everywhere("return") {
            if let Some(index) = redirect_of(config, item) {
                judge(config, scope, (item, index), "`Location`", out);
            }
        }
        for (scope, item) in config.everywhere("rewrite") {
            if is_redirect(config, item) {
                judge_rewrite(config, scope, item, out);
            }
        }
    }
}

fn judge(
    config: &Config,
    scope: ScopeId,
    (item, index): (Item, usize),
    into: &str,
    out: &mut Findings,
) {
    let Some(text) = config.word(item, index).filter(|text| text.contains(&b'$')) else {
        return;
    };
    report(config, item, index, &config.pieces(scope, &text), into, out);
}

/// Captures of its own regular expression are escaped by `rewrite`, variables are not.
fn judge_rewrite(config: &Config, scope: ScopeId, item: Item, out: &mut Findings) {
    let text = config.word(item, 2).unwrap_or_default();
    let mut pieces = config.pieces(scope, &text);
    pieces.retain(|piece| match piece {
        Piece::Variable(name, _) => !name.iter().all(u8::is_ascii_digit),
        Piece::Text(_) => true,
    });
    report(config, item, 2, &pieces, "`Location`", out);
}

fn report(
    config: &Config,
    item: Item,
    index: usize,
    pieces: &[Piece],
    into: &str,
    out: &mut Findings,
) {
    let broken = pieces.iter().find_map(|piece| match piece {
        Piece::Variable(name, taint) if taint.may_break_lines() => Some((name, taint)),
        _ => None,
    });
    let Some((name, taint)) = broken else { return };
    let name = printable(name);
    let message = format!("a client can put a line feed into {into} through `${name}`");
    let help = match &*name {
        "uri" | "document_uri" => {
            "use `$request_uri`: the path as the client wrote it, still encoded".to_owned()
        }
        _ => "match only what is meant, such as `[^\\s/]+` rather than `[^/]+`, or use \
              `$request_uri`"
            .to_owned(),
    };
    let label = format!("`${name}` may hold a line feed");
    let mut draft = out
        .report(config.word_span(item, index), label, message)
        .help(help);
    let steps = whole(pieces).steps;
    let steps = if steps.is_empty() {
        taint.steps.clone()
    } else {
        steps
    };
    for (text, span) in steps {
        draft = draft.because(text, span);
    }
}

/// The word of `return` that becomes `Location`.
fn redirect_of(config: &Config, item: Item) -> Option<usize> {
    let first = config.word(item, 1)?;
    match config.arg_count(item) {
        1 => first.contains(&b':').then_some(1),
        _ => matches!(&*first, b"301" | b"302" | b"303" | b"307" | b"308").then_some(2),
    }
}

/// Whether a `rewrite` answers with a redirect (`ngx_http_rewrite`).
fn is_redirect(config: &Config, item: Item) -> bool {
    let target = config.word(item, 2).unwrap_or_default();
    let is_url = [&b"http://"[..], b"https://", b"$scheme"]
        .iter()
        .any(|scheme| target.starts_with(scheme));
    let flag = config.word(item, 3);
    is_url || matches!(flag.as_deref(), Some(b"redirect" | b"permanent"))
}
