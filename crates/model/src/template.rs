//! Places that a template engine fills before a server reads the file.

use base::source::printable;

/// A place that a template engine would fill, with its text: the value is not in this file.
pub fn template_hole(text: &[u8]) -> Option<String> {
    let holes: [(&[u8], &[u8]); 4] = [(b"{{", b"}}"), (b"<%", b"%>"), (b"{%", b"%}"), (b"@", b"@")];
    for (open, close) in holes {
        let Some(from) = text.windows(open.len()).position(|w| w == open) else {
            continue;
        };
        let rest = &text[from + open.len()..];
        if let Some(len) = rest.windows(close.len()).position(|w| w == close) {
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

/// The hole in the line around a place, such as that of a syntax error.
pub(crate) fn hole_around(bytes: &[u8], at: usize) -> Option<String> {
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|&b| b == b'\n');
    let start = start.map_or(0, |feed| feed + 1);
    let end = bytes[at..].iter().position(|&b| b == b'\n');
    template_hole(&bytes[start..end.map_or(bytes.len(), |feed| at + feed)])
}
