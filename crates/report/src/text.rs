//! Words and numbers for people: counting, listing, wrapping, and making a stranger's text
//! harmless.

use base::source::printable;
use redact::masked_text;

/// One line that a terminal can be given, whatever the text is made of. What a message quotes
/// shows no secret either.
pub(crate) fn line(text: &str) -> String {
    let text = &masked_text(text);
    let joined = text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
    printable(joined.trim_end().as_bytes()).replace(is_unseen, "?")
}

/// Characters that show nothing and change how their neighbours are shown or read. A script's
/// joiners are among them: in a log or a path they are rather a trap than a letter.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
    ) || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        || matches!(c, '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The same with line feeds kept; for pages that are written over several lines.
pub(crate) fn block(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|l| printable(l.as_bytes())).collect();
    lines.join("\n")
}

/// `1 route`, `2 routes`, `1,998 routes`.
pub(crate) fn count(n: usize, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", thousands(n))
}

/// `1998` as `1,998`.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first few and how many there are besides: `a, b and 3 more`.
pub(crate) fn first_of(items: &[String], shown: usize) -> String {
    // "and 1 more" would be as long as the item itself.
    let shown = if items.len() == shown + 1 {
        shown + 1
    } else {
        shown
    };
    let head: Vec<String> = items.iter().take(shown).map(|i| line(i)).collect();
    match items.len().saturating_sub(shown) {
        0 => head.join(", "),
        rest => format!("{} and {} more", head.join(", "), thousands(rest)),
    }
}

/// Breaks a text at spaces into lines of at most `width` characters. A word that is longer
/// stays whole: paths and log lines are copied out of the output.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(last) if columns(last) + 1 + columns(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Columns a text fills, taking every character for one.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Text of XML and HTML, also in an attribute. Control characters are gone before; what is left
/// that XML 1.0 forbids is U+FFFE and U+FFFF.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
