//! Versions of TLS that are broken.

use base::Severity;
use base::source::printable;
use model::NginxVersion;
use model::nginx::Config;
use model::nginx::config::ScopeId;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx offers versions of TLS that are no longer safe.
    ///
    /// ## Why it matters
    ///
    /// SSLv3, TLS 1.0 and TLS 1.1 have known attacks and are switched off in every current browser (RFC 8996). nginx before 1.27.3
    /// offers TLS 1.0 and 1.1 when `ssl_protocols` is not set.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// ssl_protocols TLSv1 TLSv1.2 TLSv1.3;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// ssl_protocols TLSv1.2 TLSv1.3;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols>
    /// - <https://www.rfc-editor.org/rfc/rfc8996>
    TLS_OLD_VERSION {
        id: "tls-old-version",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

const OLD: [&[u8]; 4] = [b"SSLv2", b"SSLv3", b"TLSv1", b"TLSv1.1"];

/// Since then the default is TLS 1.2 and 1.3 alone.
const SAFE_DEFAULT: NginxVersion = NginxVersion::new(1, 27, 3);

const DIRECTIVES: &[&str] = &[
    "ssl_protocols",
    "proxy_ssl_protocols",
    "grpc_ssl_protocols",
    "uwsgi_ssl_protocols",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in DIRECTIVES {
            for (scope, item) in config.everywhere(name) {
                let args = config.args(item);
                let old: Vec<String> = args
                    .iter()
                    .filter(|arg| OLD.iter().any(|old| arg.eq_ignore_ascii_case(old)))
                    .map(|arg| printable(arg))
                    .collect();
                if !old.is_empty() {
                    // Debian's nginx.conf has the line; without a server that speaks TLS it is
                    // nobody's harm.
                    let severity = match *name != "ssl_protocols" || speaks_tls(config, scope) {
                        true => Severity::Warning,
                        false => Severity::Info,
                    };
                    let message = format!("{} can be attacked", old.join(", "));
                    out.report(config.span(item), "old versions", message)
                        .severity(severity)
                        .help(format!("write `{name} TLSv1.2 TLSv1.3;`"));
                }
            }
        }
        default(cx, config, out);
    }
}

/// Whether a server in or around a block listens with TLS.
fn speaks_tls(config: &Config, scope: ScopeId) -> bool {
    let mut listens = config.everywhere("listen");
    listens.any(|(server, item)| {
        let args = config.args(item);
        let is_tls = args.iter().any(|arg| matches!(&**arg, b"ssl" | b"quic"));
        let is_near = || {
            config.outward(server).any(|id| id == scope)
                || config.outward(scope).any(|id| id == server)
        };
        is_tls && is_near()
    })
}

/// A server with TLS and without `ssl_protocols`: it depends on the version.
fn default(cx: &Context<'_>, config: &Config, out: &mut Findings) {
    if !config.complete {
        return;
    }
    for server in config.servers() {
        let mut listens = config.all(server, "listen");
        let tls = listens.find(|item| config.args(*item).iter().any(|arg| **arg == *b"ssl"));
        let Some(listen) = tls.filter(|_| config.find(server, "ssl_protocols").is_none()) else {
            continue;
        };
        if config.outward(server).any(|id| config.has_gap(id)) {
            continue;
        }
        let Some(version) = cx.nginx_version() else {
            out.needs("the version of nginx");
            continue;
        };
        if version < SAFE_DEFAULT {
            let message = format!(
                "nginx {version} offers TLS 1.0 and 1.1 unless `ssl_protocols` says otherwise"
            );
            out.report(config.span(listen), "no `ssl_protocols`", message)
                .severity(Severity::Info)
                .because("OpenSSL may be set up to refuse them", None)
                .help("write `ssl_protocols TLSv1.2 TLSv1.3;`");
        }
    }
}
