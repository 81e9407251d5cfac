//! A stranger's text made harmless.
//!
//! Log lines are written by whoever sends a request. What they hold must steer neither a terminal
//! nor a browser, nor hide itself.

use base::source::printable_same_length;
use redact::masked_text;

use crate::text::is_unseen;

/// One line for a terminal or a program.
pub(super) use crate::text::line as said;

/// Text that is written over several lines: configuration, a diff, a command.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            let shown = printable_same_length(masked_text(line).as_bytes());
            shown.trim_end().replace(is_unseen, "?")
        })
        .collect()
}

/// The same as one text, each line ended.
pub(super) fn block(text: &str) -> String {
    lines(text).iter().fold(String::new(), |mut out, line| {
        out.push_str(line);
        out.push('\n');
        out
    })
}

/// Breaks a log line into lines of at most so many characters, at a space where one is near, and
/// into at most so many of them. What is left out is told by an ellipsis: the beginning of a log
/// line says what it is about.
pub(super) fn fold(text: &str, width: usize, most: usize) -> Vec<String> {
    let letters: Vec<char> = text.trim().chars().collect();
    let width = width.max(2);
    let mut out: Vec<String> = Vec::new();
    let mut rest = letters.as_slice();
    while !rest.is_empty() && out.len() < most {
        let is_last = out.len() + 1 == most;
        let mut end = rest.len().min(width);
        if end < rest.len() && !is_last {
            let near = rest[..=end].iter().rposition(|c| *c == ' ');
            end = near.filter(|at| *at > width / 2).unwrap_or(end);
        }
        let mut part: String = rest[..end].iter().collect();
        if is_last && end < rest.len() {
            part.pop();
            part.push('…');
        }
        out.push(part);
        let space = usize::from(rest.get(end) == Some(&' '));
        rest = &rest[end + space..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unseen_is_left() {
        let hostile = "a\u{1b}[31m\u{202e}b\u{200b}c\u{2028}d\u{feff}\ne\u{e0041}";
        assert_eq!(said(hostile), "a?[31m?b?c?d? e?");
        assert_eq!(block("\tx\u{202e}\r\ny\0 "), "\tx???\ny?\n");
    }

    #[test]
    fn folded_lines_tell_what_is_missing() {
        assert_eq!(fold("abcdef", 3, 2), ["abc", "def"]);
        assert_eq!(fold("abcdefg", 3, 2), ["abc", "de…"]);
        assert_eq!(fold("abcd ef gh ij", 6, 2), ["abcd", "ef gh…"]);
        assert_eq!(fold("", 3, 2), Vec::<String>::new());
    }
}
