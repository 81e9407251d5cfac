//! A promise of TLS that is soon forgotten.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `Strict-Transport-Security` holds for less than half a year, or has no time at all.
    ///
    /// ## Why it matters
    ///
    /// A browser that has forgotten the promise asks over plain HTTP first, and whoever sits in between answers.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// add_header Strict-Transport-Security "max-age=3600";
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// add_header Strict-Transport-Security "max-age=63072000" always;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Strict-Transport-Security>
    HSTS_WEAK {
        id: "hsts-weak",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Half a year in seconds.
const LEAST: u64 = 15_552_000;

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for (_, item) in config.everywhere("add_header") {
            let name = config.word(item, 1).unwrap_or_default();
            let value = config.word(item, 2).unwrap_or_default();
            let is_it = name.eq_ignore_ascii_case(b"strict-transport-security");
            if !is_it || value.contains(&b'$') || value.is_empty() {
                continue;
            }
            let message = match max_age(&value) {
                None => "browsers ignore `Strict-Transport-Security` without `max-age`".to_owned(),
                // Zero takes the promise back, on purpose.
                Some(0) => continue,
                Some(age) if age < LEAST => {
                    format!("browsers forget this promise of TLS after {}", days(age))
                }
                Some(_) => continue,
            };
            out.report(config.span(item), "too short", message)
                .help("use `max-age=63072000` when the site works with TLS alone");
        }
    }
}

fn max_age(value: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let age = parts.find_map(|part| part.strip_prefix("max-age="))?;
    age.trim_matches('"').parse().ok()
}

fn days(seconds: u64) -> String {
    match seconds / 86_400 {
        0 => format!("{seconds} seconds"),
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}
