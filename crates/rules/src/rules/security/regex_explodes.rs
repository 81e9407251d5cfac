//! A regular expression that a short text keeps busy.

use base::SortedMap;
use base::source::printable;
use model::nginx::taint::whole;
use model::nginx::{Config, RegexUse};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A short text from a client keeps this regular expression busy.
    ///
    /// ## Why it matters
    ///
    /// A repetition inside a repetition can split the same text in very many ways, and PCRE tries them
    /// all before it says no: every three letters more take eight times as long, until PCRE gives up and nginx
    /// answers 500. Until then the worker process serves nobody else. The finding names a text, and
    /// was made by counting the steps of a backtracking machine on it.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ ^/(\w+\s?)+$ {
    ///     return 204;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ ^/\w+(\s\w+)*$ {
    ///     return 204;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.pcre.org/current/doc/html/pcre2perform.html>
    /// - <https://cwe.mitre.org/data/definitions/1333.html>
    REGEX_EXPLODES {
        id: "regex-explodes",
        group: "security",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    // Thousands of servers share a few expressions.
    let mut known: SortedMap<(Vec<u8>, bool), Option<Vec<u8>>> = SortedMap::new();
    for nginx in &cx.model.nginx {
        for regex in nginx.config.regexes() {
            let explosion = known
                .entry((regex.text.clone(), regex.caseless))
                .or_insert_with(|| nginx.config.regex(&regex.text, regex.caseless).explosion());
            let Some(text) = explosion else { continue };
            if comes_from_client(&nginx.config, &regex) {
                report(&regex, text, out);
            }
        }
    }
}

fn report(regex: &RegexUse, text: &[u8], out: &mut Findings) {
    let text = printable(text);
    let subject = printable(&regex.subject);
    let message = format!("a `{subject}` such as `{text}` keeps this regular expression busy");
    out.report(
        regex.span,
        "the number of ways grows without bound",
        message,
    )
    .help(
        "let each byte fit one part only: make what separates the parts of the inner repetition \
         required, or use a possessive quantifier such as `++`",
    );
}

fn comes_from_client(config: &Config, regex: &RegexUse) -> bool {
    whole(&config.pieces(regex.scope, &regex.subject)).is_client()
}
