//! A check of `Origin` or `Referer` lets strangers through.

use base::source::printable;
use model::nginx::{Config, RegexRole, RegexUse};
use syntax::regex::Verdict;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A check of `Origin` or `Referer` lets other sites through.
    ///
    /// ## Why it matters
    ///
    /// A regular expression without `^` and `$`, or with a dot that is not escaped, also matches the name of
    /// somebody else's site: `shop.example.evil.example`, `evilshop.example`, `shopxexample`. Scripts of that
    /// site then read answers with the visitor's cookies. The finding names an origin that the real
    /// expression matches.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location /api {
    ///     if ($http_origin ~ "https://shop.example") {
    ///         add_header Access-Control-Allow-Origin $http_origin;
    ///     }
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location /api {
    ///     if ($http_origin ~ "^https://shop[.]example$") {
    ///         add_header Access-Control-Allow-Origin $http_origin;
    ///     }
    ///     proxy_pass http://127.0.0.1:8080;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Origin>
    /// - <https://cwe.mitre.org/data/definitions/942.html>
    ORIGIN_CHECK_TOO_WIDE {
        id: "origin-check-too-wide",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        for regex in nginx.config.regexes() {
            let subject = regex.subject.to_ascii_lowercase();
            let is_origin = matches!(subject.as_slice(), b"$http_origin" | b"$http_referer");
            if !is_origin {
                continue;
            }
            let Some(stranger) = stranger(&nginx.config, &regex) else {
                continue;
            };
            let stranger = printable(&stranger);
            let header = if subject.ends_with(b"origin") {
                "Origin"
            } else {
                "Referer"
            };
            let message = format!("this check of `{header}` lets `{stranger}` through");
            out.report(regex.span, format!("matches `{stranger}`"), message).help(
                "begin with `^https://`, end with `$` (or `/` for a referer), and escape each dot: \
                 `[.]`",
            );
        }
    }
}

/// A name of somebody else's site that the expression matches.
fn stranger(config: &Config, regex: &RegexUse) -> Option<Vec<u8>> {
    // What follows `!~` is let through when it does not match; a map tells neither.
    let parsed = config.regex(&regex.text, regex.caseless);
    // nginx cuts the scheme off before it compares a referer with `valid_referers`.
    let is_bare = regex.role == RegexRole::Referer;
    let scheme: &[u8] = if is_bare { b"" } else { b"https://" };
    let is_origin = regex.subject.to_ascii_lowercase().ends_with(b"origin");
    let samples = parsed.samples().into_iter();
    let sites: Vec<Vec<u8>> = samples.filter(|sample| is_site(host_of(sample))).collect();
    // A pattern that names no site is no list of sites.
    if sites.is_empty() {
        return None;
    }
    let mut candidates = Vec::new();
    for sample in &sites {
        let host = host_of(sample);
        candidates.push([scheme, host, b".evil.example"].concat());
        candidates.push([scheme, b"evil", domain_of(host)].concat());
        if !is_origin {
            // A referer has a path, which its site chooses freely.
            candidates.push([scheme, b"evil.example/?", sample].concat());
        }
    }
    let wildcards = parsed.samples_with_wildcards_as(b'x').into_iter();
    candidates.extend(
        wildcards.map(|text| match text.starts_with(b"http") || is_bare {
            true => text,
            false => [scheme, &text].concat(),
        }),
    );
    if !is_origin {
        let filled = parsed.sample_filled(b"x.evil.example/");
        candidates.extend(filled.filter(|text| host_of(text).ends_with(b"evil.example")));
    }
    candidates
        .into_iter()
        .find(|text| parsed.matches(text) == Verdict::Yes)
}

/// The host of a text that a pattern matches.
fn host_of(text: &[u8]) -> &[u8] {
    let rest = match text.windows(3).position(|w| w == b"://") {
        Some(at) => &text[at + 3..],
        None => text,
    };
    rest.split(|b| *b == b'/').next().unwrap_or_default()
}

fn is_site(host: &[u8]) -> bool {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
    (host.contains(&b'.') || host == b"localhost") && host.iter().all(is_letter)
}

/// The last two labels: what somebody can register beside it.
fn domain_of(host: &[u8]) -> &[u8] {
    let dots = host.iter().enumerate().rev().filter(|(_, b)| **b == b'.');
    match dots.map(|(at, _)| at).nth(1) {
        Some(at) => &host[at + 1..],
        None => host,
    }
}
