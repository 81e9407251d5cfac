//! Ciphers that are broken.

use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx offers ciphers that are no longer safe.
    ///
    /// ## Why it matters
    ///
    /// RC4, single and triple DES, export and anonymous ciphers can be read or forged by somebody in between.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// ssl_ciphers HIGH:RC4-SHA:!aNULL;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// ssl_ciphers HIGH:!aNULL:!MD5;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ciphers>
    /// - <https://docs.openssl.org/master/man1/openssl-ciphers/>
    TLS_WEAK_CIPHERS {
        id: "tls-weak-ciphers",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Parts of names that make a cipher weak, in capitals.
const WEAK: &[&str] = &[
    "RC4", "RC2", "DES", "3DES", "CBC3", "MD5", "NULL", "ENULL", "ANULL", "EXP", "EXPORT",
    "EXPORT40", "EXPORT56", "LOW", "ADH", "AECDH", "IDEA", "SEED", "KRB5",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in [
            "ssl_ciphers",
            "proxy_ssl_ciphers",
            "grpc_ssl_ciphers",
            "uwsgi_ssl_ciphers",
        ] {
            for (_, item) in config.everywhere(name) {
                let text = printable(&config.word(item, 1).unwrap_or_default());
                let weak = weak(&text);
                if !weak.is_empty() {
                    let message = format!("`{}` can be broken", weak.join("`, `"));
                    out.report(config.span(item), "weak ciphers", message)
                        .help("write `HIGH:!aNULL:!MD5`, nginx's default, or take the line out");
                }
            }
        }
    }
}

/// The elements that let weak ciphers in.
fn weak(list: &str) -> Vec<String> {
    let elements: Vec<&str> = list
        .split([':', ',', ' '])
        .filter(|e| !e.is_empty())
        .collect();
    let banned: Vec<String> = elements
        .iter()
        .filter_map(|element| element.strip_prefix('!'))
        .map(str::to_ascii_uppercase)
        .collect();
    let is_banned = |part: &str| {
        let kin: &[&str] = match part {
            "DES" | "3DES" | "CBC3" => &["DES", "3DES"],
            "NULL" | "ENULL" => &["NULL", "ENULL"],
            "ANULL" | "ADH" | "AECDH" => &["ANULL", "ADH", "AECDH"],
            part => return banned.iter().any(|b| b == part),
        };
        kin.iter().any(|k| banned.iter().any(|b| b == k))
    };
    let lets_in = |element: &&str| {
        if element.starts_with(['!', '-', '@', '+']) {
            return false;
        }
        let upper = element.to_ascii_uppercase();
        if upper == "ALL" || upper == "COMPLEMENTOFDEFAULT" {
            return !is_banned("ANULL");
        }
        upper
            .split(['-', '+', '_'])
            .any(|part| WEAK.contains(&part) && !is_banned(part))
    };
    elements
        .into_iter()
        .filter(lets_in)
        .map(str::to_owned)
        .collect()
}
