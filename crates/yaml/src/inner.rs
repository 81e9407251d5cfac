//! A file that lies in a scalar: where each of its bytes stands, and how to write there.

use base::outer::{Code, Piece, joined};
use base::{OuterMap, offset};

use crate::places::Places;
use crate::tree::{Range, Style};

/// Where the text of a scalar stands in a file.
///
/// Of literal block scalars (`|`) and of quoted ones everything can be edited in place. A folded
/// one (`>`) is shown, and not edited: a line of it is not a line of the text.
pub fn inner(file: &[u8], range: Range, text: &str, style: Style) -> OuterMap {
    if style == Style::Block
        && let Some(map) = literal(file, range, text)
    {
        return map;
    }
    let places = Places::of(file, range, text, style);
    let place = |(at, c): (usize, char)| {
        let (start, end) = places.range(at, at + 1);
        // What stands there as it is has a place for each byte; an escape has one for all.
        let mut bytes = [0; 4];
        let written = c.encode_utf8(&mut bytes).as_bytes();
        let is_same = file.get(start as usize..end as usize) == Some(written);
        (0..offset(written.len())).map(move |byte| match is_same {
            true => (start + byte..start + byte + 1, true),
            false => (start..end, false),
        })
    };
    OuterMap::new(joined(text.char_indices().flat_map(place)), code(style))
}

fn code(style: Style) -> Code {
    let as_text = |from: u8, to: &str| (from, to.as_bytes().to_vec());
    match style {
        Style::Double => Code {
            escapes: vec![
                as_text(b'\\', "\\\\"),
                as_text(b'"', "\\\""),
                as_text(b'\n', "\\n"),
                as_text(b'\r', "\\r"),
                as_text(b'\t', "\\t"),
            ],
            ..Code::default()
        },
        Style::Single => Code {
            escapes: vec![as_text(b'\'', "''")],
            forbidden: b"\r\n".to_vec(),
            ..Code::default()
        },
        // What a plain scalar may hold depends on where it stands.
        Style::Plain => Code {
            forbidden: b"\r\n:#,[]{}&*!|>'\"%@`".to_vec(),
            ..Code::default()
        },
        Style::Block => Code {
            is_sealed: true,
            ..Code::default()
        },
    }
}

/// A literal block scalar: each line of the text is a line of the file behind an indent.
fn literal(file: &[u8], range: Range, text: &str) -> Option<OuterMap> {
    let mut at = range.0 as usize;
    // The range may begin at the header, or at the content.
    let line_end = |from: usize| {
        let feed = file.get(from..)?.iter().position(|&b| b == b'\n')?;
        Some(from + feed + 1)
    };
    let line_begin = |at: usize| {
        let before = file.get(..at)?;
        Some(
            before
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |feed| feed + 1),
        )
    };
    let is_header = |at: usize| matches!(file.get(at), Some(b'|' | b'>' | b'&' | b'!'));
    at = match is_header(at) {
        true => {
            let end = line_end(at)?;
            let header = &file[at..end];
            if header.contains(&b'>') {
                return None;
            }
            end
        }
        false => line_begin(at)?,
    };
    let first = text.split('\n').find(|line| !line.is_empty())?;
    let mut indent: Option<usize> = None;
    let mut pieces = Vec::new();
    let mut inner = 0_usize;
    for line in text.split_inclusive('\n') {
        let end = line_end(at).unwrap_or(file.len());
        let raw = &file[at..end];
        let content = line.strip_suffix('\n').unwrap_or(line);
        let of_file = raw.strip_suffix(b"\n").unwrap_or(raw);
        let of_file = of_file.strip_suffix(b"\r").unwrap_or(of_file);
        let cut = match (content.is_empty(), indent) {
            (true, _) => of_file.len(),
            (false, Some(indent)) => indent,
            (false, None) => {
                let cut = of_file.len().checked_sub(first.len())?;
                indent = Some(cut);
                cut
            }
        };
        let is_blank = of_file.get(..cut)?.iter().all(|&b| b == b' ');
        if !is_blank || of_file.get(cut..)? != content.as_bytes() {
            return None;
        }
        let mut push = |inner: std::ops::Range<usize>, outer: std::ops::Range<usize>| {
            if !inner.is_empty() {
                let of_text = offset(inner.start)..offset(inner.end);
                let of_file = offset(outer.start)..offset(outer.end);
                // A line may end in two bytes.
                pieces.push(match inner.len() == outer.len() {
                    true => Piece::same(of_text, of_file),
                    false => Piece::other(of_text, of_file),
                });
            }
        };
        let shown = at + cut + content.len();
        push(inner..inner + content.len(), at + cut..shown);
        let feed = line.len() - content.len();
        push(
            inner + content.len()..inner + line.len(),
            shown..(shown + feed).max(end.min(shown + 2 * feed)),
        );
        inner += line.len();
        at = end;
    }
    let code = Code {
        indent: vec![b' '; indent?],
        ..Code::default()
    };
    Some(OuterMap::new(pieces, code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::inner;
    use crate::tree::{Value, parse};

    /// The text of `a` in a file, and what is left when `edit` is done in place.
    fn edited(file: &str, range: std::ops::Range<u32>, text: &str) -> Option<(String, String)> {
        let tree = parse(file.as_bytes()).unwrap();
        let id = tree.field(tree.documents[0], "a").unwrap();
        let node = tree.node(id);
        let Value::Scalar(old, style) = &node.value else {
            panic!("no scalar")
        };
        let map = inner(file.as_bytes(), node.range, old, *style);
        let (range, text) = map.edit(old.as_bytes(), range, text.as_bytes())?;
        let mut out = file.as_bytes().to_vec();
        out.splice(range.start as usize..range.end as usize, text);
        let out = String::from_utf8(out).unwrap();
        let tree = parse(out.as_bytes()).unwrap();
        let id = tree.field(tree.documents[0], "a").unwrap();
        Some((tree.text(id).unwrap().to_owned(), out))
    }

    #[test]
    fn edits_of_all_styles_are_read_back() {
        let cases = [
            ("a: |\n  one;\n    two;\n\n  three;\nb: 1\n", 7..10, "2"),
            ("a: |-\n  one;\n  two;\nb: 1\n", 5..5, "new;\n"),
            ("a: |\n  one;\n  two;\n", 10..10, "behind;\n\nlast;\n"),
            ("a: |\r\n  one;\r\n  two;\r\nb: 1\r\n", 5..8, "2"),
            ("a: \"one;\\ntwo;\\n\"\nb: 1\n", 5..8, "\"2\\\"\n"),
            ("a: 'it''s one'\n", 5..5, "'s "),
            ("x: &n\n  y: 1\na: |2\n    one;\n  two;\n", 2..5, "1"),
        ];
        for (file, range, text) in cases {
            let tree = parse(file.as_bytes()).unwrap();
            let old = tree.text(tree.field(tree.documents[0], "a").unwrap());
            let mut wanted = old.unwrap().to_owned();
            wanted.replace_range(range.start as usize..range.end as usize, text);
            let (got, out) = edited(file, range, text).unwrap();
            assert_eq!(got, wanted, "{out:?}");
        }
    }

    #[test]
    fn what_cannot_be_written_there_is_not() {
        assert_eq!(edited("a: >\n  one\n  two\n", 0..3, "1"), None);
        assert_eq!(edited("a: 'one'\n", 0..3, "1\n2"), None);
        assert_eq!(edited("a: one\n", 0..3, "x: y"), None);
    }

    proptest! {
        /// Whatever a literal block holds, an edit in place is the edit of the text.
        #[test]
        fn literal_blocks(
            lines in prop::collection::vec("[ a-z{};#$\\\\\"'é]{0,12}", 1..8),
            indent in 1_usize..6,
            from in 0.0..1.0_f64,
            len in 0_usize..12,
            new in "([a-z;]{1,6}\n)?[a-z; ]{0,6}",
        ) {
            // A line of spaces alone is an empty line to some readers, and none of a server.
            let mut text = String::from("first;\n");
            for line in &lines {
                text += line.trim_end();
                text.push('\n');
            }
            let mut file = String::from("a: |\n");
            for line in text.lines() {
                if !line.is_empty() {
                    file.extend(std::iter::repeat_n(' ', indent));
                }
                file += line;
                file.push('\n');
            }
            file += "b: 1\n";
            let tree = parse(file.as_bytes()).unwrap();
            let old = tree.text(tree.field(tree.documents[0], "a").unwrap()).unwrap().to_owned();
            let floor = |mut at: usize| {
                at = at.min(old.len().saturating_sub(1));
                while !old.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = floor((from * old.len() as f64) as usize).max(6);
            let end = floor(start + len).max(start);
            let mut wanted = old.clone();
            wanted.replace_range(start..end, &new);
            // Spaces at the end of a line, and lines at the end of the block, are YAML's business.
            let is_odd = wanted.lines().any(|line| line.trim_end() != line) || !wanted.ends_with('\n')
                || wanted.ends_with("\n\n") || old.ends_with("\n\n");
            prop_assume!(!is_odd);
            let range = u32::try_from(start).unwrap()..u32::try_from(end).unwrap();
            let (got, out) = edited(&file, range, &new).unwrap();
            prop_assert_eq!(got, wanted, "{:?}", out);
        }
    }
}
