//! The output of `php-fpm -tt`: effective values, one a line, behind a time stamp and `NOTICE:`.
//!
//! Written by `fpm_conf_dump` in `sapi/fpm/fpm/fpm_conf.c`. Values are as FPM has them, unquoted,
//! so a line is no ini statement. Values that span lines (a password that ends in `$`) lose what
//! is behind the first line.

/// One line of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `[global]` or `[pool]`; the range of the name.
    Section(usize, usize),
    /// `key = value` or `key[offset] = value`.
    Pair {
        /// The key without its offset.
        key: (usize, usize),
        /// What stands in the brackets.
        offset: Option<(usize, usize)>,
        /// The value.
        value: (usize, usize),
    },
}

/// The lines of a dump that say something. What is `undefined` is left out.
pub fn lines(dump: &[u8]) -> Vec<Line> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in dump.split_inclusive(|&b| b == b'\n') {
        let text = line.trim_ascii_end();
        if let Some(start) = content_start(text) {
            out.extend(content(&text[start..], at + start));
        }
        at += line.len();
    }
    out
}

/// Whether the text is the output of `php-fpm -tt`.
pub fn is_dump(text: &[u8]) -> bool {
    let head = text.split(|&b| b == b'\n').take(50);
    let mut contents = head.filter_map(|line| {
        let line = line.trim_ascii_end();
        content_start(line).map(|start| &line[start..])
    });
    contents.any(|content| content == b"[global]")
}

/// Where the message of a log line begins. With `log_level = debug`, FPM puts the process and the
/// function in front of it.
fn content_start(line: &[u8]) -> Option<usize> {
    const NOTICE: &[u8] = b"] NOTICE: ";
    let at = line.windows(NOTICE.len()).position(|w| w == NOTICE)?;
    let start = at + NOTICE.len();
    let rest = &line[start..];
    if !rest.starts_with(b"pid ") {
        return Some(start);
    }
    let from = rest.windows(7).position(|w| w == b", line ")?;
    let colon = rest[from..].windows(2).position(|w| w == b": ")?;
    Some(start + from + colon + 2)
}

fn content(text: &[u8], at: usize) -> Option<Line> {
    if let Some(name) = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")) {
        return Some(Line::Section(at + 1, at + 1 + name.len()));
    }
    let tabs = text.iter().take_while(|&&b| b == b'\t').count();
    let pair = &text[tabs..];
    let equals = pair.windows(2).position(|w| w == b" =")?;
    let value = pair[equals + 2..].strip_prefix(b" ").unwrap_or(b"");
    if tabs == 0 || value == b"undefined" {
        return None;
    }
    let (key, name) = (at + tabs, &pair[..equals]);
    let open = name
        .iter()
        .position(|&b| b == b'[')
        .filter(|_| name.ends_with(b"]"));
    let end = at + text.len();
    Some(Line::Pair {
        key: (key, key + open.unwrap_or(equals)),
        offset: open.map(|open| (key + open + 1, key + equals - 1)),
        value: (end - value.len(), end),
    })
}

#[cfg(test)]
mod tests {
    use super::{Line, is_dump, lines};

    #[test]
    fn places_are_places_in_the_dump() {
        let dump = b"[23-Nov-2026 09:00:00] NOTICE: [global]\n\
            [23-Nov-2026 09:00:00] NOTICE: \tpid = /run/x.pid\n\
            [23-Nov-2026 09:00:00] NOTICE: \tprefix = undefined\n\
            [23-Nov-2026 09:00:00] NOTICE:  \n\
            [23-Nov-2026 09:00:00.5] NOTICE: pid 7, fpm_conf_dump(), line 1754: [www]\n\
            [23-Nov-2026 09:00:00.5] NOTICE: pid 7, fpm_conf_dump(), line 1809: \tenv[A] = \"b = c\"\n\
            [23-Nov-2026 09:00:00] NOTICE: configuration file /x test is successful\n";
        assert!(is_dump(dump));
        let text = |range: (usize, usize)| String::from_utf8_lossy(&dump[range.0..range.1]);
        let shown: Vec<String> = lines(dump)
            .iter()
            .map(|line| match line {
                Line::Section(from, to) => format!("[{}]", text((*from, *to))),
                Line::Pair { key, offset, value } => {
                    let offset = offset.map(text);
                    format!("{} {offset:?} {}", text(*key), text(*value))
                }
            })
            .collect();
        let want = [
            "[global]",
            "pid None /run/x.pid",
            "[www]",
            "env Some(\"A\") \"b = c\"",
        ];
        assert_eq!(shown, want);
    }
}
