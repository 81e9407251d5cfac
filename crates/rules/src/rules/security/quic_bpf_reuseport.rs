//! HTTP/3 that loses connections at a reload.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `quic_bpf` with `reuseport` loses connections of HTTP/3 after a reload.
    ///
    /// ## Why it matters
    ///
    /// The kernel goes on sending packets to worker processes that are gone: about half of the connections hang after each reload.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// worker_processes 4;
    /// quic_bpf on;
    /// events {}
    /// http {
    ///     server {
    ///         listen 443 quic reuseport;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// worker_processes 4;
    /// events {}
    /// http {
    ///     server {
    ///         listen 443 quic reuseport;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_v3_module.html>
    QUIC_BPF_REUSEPORT {
        id: "quic-bpf-reuseport",
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
        let on = config.everywhere("quic_bpf").find(|(_, item)| {
            config
                .word(*item, 1)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"on"))
        });
        let Some((_, bpf)) = on else { continue };
        let processes = config.everywhere("worker_processes").last();
        let many =
            processes.is_some_and(|(_, item)| config.word(item, 1).is_some_and(|n| *n != *b"1"));
        let shares = config.everywhere("listen").find(|(_, item)| {
            let args = config.args(*item);
            let has = |word: &[u8]| args.iter().any(|arg| **arg == *word);
            has(b"quic") && has(b"reuseport")
        });
        if let Some((_, listen)) = shares.filter(|_| many) {
            out.report(
                config.span(bpf),
                "together with `reuseport`",
                "after a reload about half of the connections of HTTP/3 hang",
            )
            .related(config.span(listen), "several processes share it")
            .help("take `quic_bpf on` out");
        }
    }
}
