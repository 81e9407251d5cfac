//! Places that a template engine fills before a server reads the file.

use base::source::printable;

/// A place that a template engine would fill, with its text: the value is not in this file.
pub fn template_hole(text: &[u8]) -> Option<String> {
    let holes: [(&[u8], &[u8]); 4] = [(b"{{", b"}}"), (b"<%", b"%>"), (b"{%", b"%}"), (b"@", b"@")];
    for (open, close) in holes {
        let Some(from) = find(text, open) else {
            continue;
        };
        let rest = &text[from + open.len()..];
        if let Some(len) = find(rest, close) {
            let end = from + open.len() + len + close.len();
            let hole = &text[from..end];
            // Two such bytes in a program or a picture are no template.
            let is_text = |b: &u8| b.is_ascii_graphic() || *b == b' ' || *b == b'\t';
            if len > 0 && len < 200 && hole.iter().all(is_text) {
                return Some(printable(hole));
            }
        }
    }
    None
}

/// Where a mark of one or two bytes stands first. Lines may be megabytes long.
fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|b| *b == mark[0])?;
        if text[at..].starts_with(mark) {
            return Some(at);
        }
        at += 1;
    }
}

/// The hole in the line around a place, such as that of a syntax error.
pub(crate) fn hole_around(bytes: &[u8], at: usize) -> Option<String> {
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|&b| b == b'\n');
    let start = start.map_or(0, |feed| feed + 1);
    let end = bytes[at..].iter().position(|&b| b == b'\n');
    template_hole(&bytes[start..end.map_or(bytes.len(), |feed| at + feed)])
}
