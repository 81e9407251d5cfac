//! What all pages share: head, policy, style, script, and the bar on top.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::markdown::escape;

/// Marks our pages; a folder without it is not ours to overwrite.
pub(crate) const GENERATOR: &str = "<meta name=\"generator\" content=\"cargo xtask docs\">";
const STYLE: &str = include_str!("site.css");
const SCRIPT: &str = include_str!("site.js");

/// A whole page. `home` is the way to the root of the site: empty, or `../`.
pub(crate) fn whole(title: &str, home: &str, main: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{GENERATOR}\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n<script>{SCRIPT}</script>\n</head>\n\
         <body data-home=\"{home}\">\n<a class=\"skip\" href=\"#main\">Skip to the text</a>\n\
         <header class=\"top\">\n<a class=\"brand\" href=\"{home}index.html\">badgateway</a>\n\
         <nav aria-label=\"Lists\"><a href=\"{home}index.html#rules\">Rules</a> \
         <a href=\"{home}index.html#by-severity\">Severity</a> \
         <a href=\"{home}index.html#causes\">Causes</a></nav>\n\
         <form role=\"search\" hidden><label class=\"unseen\" for=\"search\">Search</label>\
         <input id=\"search\" type=\"search\" placeholder=\"Search\" autocomplete=\"off\" \
         spellcheck=\"false\"> <kbd>/</kbd></form>\n\
         <button type=\"button\" id=\"theme\" hidden>Dark</button>\n</header>\n\
         <main id=\"main\" tabindex=\"-1\">\n{main}</main>\n</body>\n</html>\n"
    )
}

/// A source for the policy: the browser runs what has this hash and nothing else.
pub(crate) fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text.as_bytes())))
}

/// The mark of a severity.
pub(crate) fn badge(severity: &str) -> String {
    format!("<span class=\"badge {severity}\">{severity}</span>")
}
