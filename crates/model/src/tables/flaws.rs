//! Known holes of nginx, from its advisories.

use crate::facts::NginxVersion;

/// One hole.
#[derive(Clone, Copy, Debug)]
pub struct Flaw {
    /// Its number.
    pub id: &'static str,
    /// What it is, as a noun.
    pub what: &'static str,
    /// From and to, both included.
    pub affected: &'static [(NginxVersion, NginxVersion)],
    /// What a configuration must use.
    pub trigger: Trigger,
}

/// What a configuration must use for the hole to matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Client certificates in one of several servers.
    ClientCertificates,
    /// `dav_methods`.
    Dav,
    /// `grpc_pass`.
    Grpc,
    /// HTTP/2 to visitors.
    Http2,
    /// HTTP/2 to visitors, and `proxy_pass`.
    Http2Proxy,
    /// HTTP/3.
    Http3,
    /// Numbered groups in a `map` that change what stands beside them.
    MapRegex,
    /// `mp4`.
    Mp4,
    /// Groups inside of groups in a `rewrite`.
    NestedGroups,
    /// `resolver`.
    Resolver,
    /// A `rewrite` with arguments before a numbered group.
    RewriteArgs,
    /// `scgi_pass` and `uwsgi_pass`.
    ScgiUwsgi,
    /// `proxy_pass https://`.
    TlsUpstream,
}

const fn flaw(
    id: &'static str,
    what: &'static str,
    affected: &'static [(NginxVersion, NginxVersion)],
    trigger: Trigger,
) -> Flaw {
    Flaw {
        id,
        what,
        affected,
        trigger,
    }
}

const fn v(major: u16, minor: u16, patch: u16) -> NginxVersion {
    NginxVersion::new(major, minor, patch)
}

/// From nginx's advisories, the newest first; holes that any configuration has are left out, as are those of
/// mail and stream.
#[rustfmt::skip]
pub const FLAWS: &[Flaw] = &[
    flaw("CVE-2026-90439", "a buffer overflow in HTTP/3", &[(v(1, 29, 2), v(1, 30, 4)), (v(1, 31, 0), v(1, 31, 5))], Trigger::Http3),
    flaw("CVE-2026-42533", "a buffer overflow with regular expressions in `map`", &[(v(0, 9, 6), v(1, 30, 3)), (v(1, 31, 0), v(1, 31, 2))], Trigger::MapRegex),
    flaw("CVE-2026-42530", "a use after free in HTTP/3", &[(v(1, 31, 0), v(1, 31, 1))], Trigger::Http3),
    flaw("CVE-2026-42055", "a buffer overflow with gRPC and HTTP/2 to backends", &[(v(1, 13, 10), v(1, 30, 2)), (v(1, 31, 0), v(1, 31, 1))], Trigger::Grpc),
    flaw("CVE-2026-9256", "a buffer overflow with groups inside of groups in `rewrite`", &[(v(0, 1, 17), v(1, 30, 1)), (v(1, 31, 0), v(1, 31, 0))], Trigger::NestedGroups),
    flaw("CVE-2026-42945", "a buffer overflow with `?` in `rewrite` before `set` or `if`", &[(v(0, 6, 27), v(1, 30, 0))], Trigger::RewriteArgs),
    flaw("CVE-2026-42926", "requests that are slipped to the backend through HTTP/2", &[(v(1, 29, 4), v(1, 30, 0))], Trigger::Http2Proxy),
    flaw("CVE-2026-42946", "reading behind a buffer with SCGI and uWSGI", &[(v(0, 8, 42), v(1, 30, 0))], Trigger::ScgiUwsgi),
    flaw("CVE-2026-40460", "forged addresses with HTTP/3", &[(v(1, 25, 0), v(1, 30, 0))], Trigger::Http3),
    flaw("CVE-2026-40701", "a use after free in the resolver", &[(v(1, 19, 0), v(1, 30, 0))], Trigger::Resolver),
    flaw("CVE-2026-27654", "a buffer overflow in WebDAV", &[(v(0, 5, 13), v(1, 28, 2)), (v(1, 29, 0), v(1, 29, 6))], Trigger::Dav),
    flaw("CVE-2026-27784", "a buffer overflow in `mp4`", &[(v(1, 1, 19), v(1, 28, 2)), (v(1, 29, 0), v(1, 29, 6))], Trigger::Mp4),
    flaw("CVE-2026-1642", "answers slipped in before TLS to a backend is up", &[(v(1, 3, 0), v(1, 28, 1)), (v(1, 29, 0), v(1, 29, 4))], Trigger::TlsUpstream),
    flaw("CVE-2025-23419", "a client certificate of one server that opens another", &[(v(1, 11, 4), v(1, 26, 2)), (v(1, 27, 0), v(1, 27, 3))], Trigger::ClientCertificates),
    flaw("CVE-2024-7347", "reading behind a buffer in `mp4`", &[(v(1, 5, 13), v(1, 26, 1)), (v(1, 27, 0), v(1, 27, 0))], Trigger::Mp4),
    flaw("CVE-2024-32760", "a buffer overwrite in HTTP/3", &[(v(1, 25, 0), v(1, 26, 0))], Trigger::Http3),
    flaw("CVE-2024-24990", "a use after free in HTTP/3", &[(v(1, 25, 0), v(1, 25, 3))], Trigger::Http3),
    flaw("CVE-2022-41741", "memory corruption in `mp4`", &[(v(1, 1, 3), v(1, 22, 0)), (v(1, 23, 0), v(1, 23, 1))], Trigger::Mp4),
    flaw("CVE-2021-23017", "a byte written behind a buffer in the resolver", &[(v(0, 6, 18), v(1, 20, 0))], Trigger::Resolver),
    flaw("CVE-2019-9511", "HTTP/2 requests that take all processor time", &[(v(1, 9, 5), v(1, 16, 0)), (v(1, 17, 0), v(1, 17, 2))], Trigger::Http2),
    flaw("CVE-2018-16843", "HTTP/2 requests that take all memory", &[(v(1, 9, 5), v(1, 14, 0)), (v(1, 15, 0), v(1, 15, 5))], Trigger::Http2),
];
