//! Edits as byte ranges: applying them, and the white space around a new line.

use base::{Edit, Span};

/// Why edits cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// Two edits touch the same bytes.
    Overlap,
    /// An edit is outside the text.
    Outside,
}

/// Applies edits of one file. Equal edits count once; insertions at one place keep their order.
///
/// # Errors
/// When edits overlap or are outside the text.
pub fn apply(text: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut sorted: Vec<&Edit> = Vec::new();
    for edit in edits {
        if !sorted.contains(&edit) {
            sorted.push(edit);
        }
    }
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in sorted {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if end > text.len() || end < start {
            return Err(EditError::Outside);
        }
        if start < at {
            return Err(EditError::Overlap);
        }
        out.extend_from_slice(&text[at..start]);
        out.extend_from_slice(&edit.text);
        at = end;
    }
    out.extend_from_slice(&text[at..]);
    Ok(out)
}

/// The line around a place.
pub(crate) struct Line<'t> {
    /// Blanks at its beginning.
    pub(crate) indent: &'t [u8],
    /// What stands before the place, indentation included.
    pub(crate) before: &'t [u8],
    /// How it ends; what the file uses elsewhere when it does not.
    pub(crate) feed: &'static [u8],
    /// Offset behind its line end.
    pub(crate) end: usize,
    /// Whether it has a line end.
    pub(crate) is_ended: bool,
}

/// Looks at the line in which a place is.
pub(crate) fn line_at(text: &[u8], at: usize) -> Line<'_> {
    let start = text[..at].iter().rposition(|&b| b == b'\n');
    let start = start.map_or(0, |feed| feed + 1);
    let feed_at = text[at..].iter().position(|&b| b == b'\n').map(|n| at + n);
    let end = feed_at.map_or(text.len(), |feed| feed + 1);
    let blanks = text[start..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'));
    let indent = &text[start..start + blanks.count()];
    let is_crlf = match feed_at {
        Some(feed) => feed > 0 && text[feed - 1] == b'\r',
        None => text.windows(2).any(|w| w == b"\r\n"),
    };
    Line {
        indent,
        before: &text[start..at],
        feed: if is_crlf { b"\r\n" } else { b"\n" },
        end,
        is_ended: feed_at.is_some(),
    }
}

/// Puts a new line behind the line in which a statement ends.
pub(crate) fn line_after(text: &[u8], statement: Span, new: &[u8]) -> Edit {
    let line = line_at(text, statement.end as usize);
    let indent = line_at(text, statement.start as usize).indent;
    let new = match line.is_ended {
        true => [indent, new, line.feed].concat(),
        false => [line.feed, indent, new].concat(),
    };
    let at = u32::try_from(line.end).unwrap_or(u32::MAX);
    Edit {
        span: Span::new(statement.file, at, at),
        text: new,
    }
}

/// Puts a new statement in front of another: on a line of its own, unless the other is not the
/// first of its line.
pub(crate) fn line_before(text: &[u8], statement: Span, new: &[u8]) -> Edit {
    let line = line_at(text, statement.start as usize);
    let at = Span::new(statement.file, statement.start, statement.start);
    let text = match line.before.trim_ascii().is_empty() {
        true => [new, line.feed, line.indent].concat(),
        false => [new, b" "].concat(),
    };
    Edit { span: at, text }
}

/// Replaces a value and keeps the quotes around it.
pub(crate) fn replace_value(text: &[u8], value: Span, new: &[u8]) -> Edit {
    let old = &text[value.start as usize..value.end as usize];
    let quote = match old {
        [first @ (b'"' | b'\''), .., last] if first == last => &old[..1],
        _ => b"",
    };
    Edit {
        span: value,
        text: [quote, new, quote].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::{EditError, apply, line_after, line_before, replace_value};
    use base::{Edit, FileId, Span};

    fn span(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    #[test]
    fn edits_go_by_place() {
        let edit = |start, end, text: &str| Edit {
            span: span(start, end),
            text: text.into(),
        };
        let edits = [edit(4, 5, "X"), edit(0, 1, ""), edit(4, 5, "X")];
        assert_eq!(apply(b"abcdef", &edits), Ok(b"bcdXf".to_vec()));
        let over = [edit(0, 3, ""), edit(2, 4, "")];
        assert_eq!(apply(b"abcdef", &over), Err(EditError::Overlap));
        assert_eq!(apply(b"ab", &[edit(1, 9, "")]), Err(EditError::Outside));
    }

    #[test]
    fn new_lines_look_like_their_neighbours() {
        let done = |text: &[u8], edit: Edit| {
            String::from_utf8(apply(text, &[edit]).expect("it fits")).expect("it is text")
        };
        let text = b"x {\r\n\tpass a;\r\n}\r\n";
        let got = done(text, line_before(text, span(6, 13), b"new;"));
        assert_eq!(got, "x {\r\n\tnew;\r\n\tpass a;\r\n}\r\n");
        let text = b"x { pass a; }";
        let got = done(text, line_before(text, span(4, 11), b"new;"));
        assert_eq!(got, "x { new; pass a; }");
        let text = b"  a = 1 ; why";
        assert_eq!(
            done(text, line_after(text, span(2, 7), b"b = 2")),
            "  a = 1 ; why\n  b = 2"
        );
        let text = b"a = \"5s\"\n";
        assert_eq!(
            done(text, replace_value(text, span(4, 8), b"9s")),
            "a = \"9s\"\n"
        );
    }
}
