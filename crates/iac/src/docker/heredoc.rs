//! Heredocs in the middle of a `RUN`, which the parser of Dockerfiles does not know: their bodies
//! are taken out before, and made comments of the same length, so that all places stay.

use std::ops::Range;

use base::SortedMap;

use super::shell::Placed;

/// A heredoc that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Where the instruction begins.
    pub(super) run: usize,
    /// The body.
    pub(super) body: Range<usize>,
    /// Whether the shell fills in variables.
    pub(super) expands: bool,
    /// Whether tabs before its lines are taken away.
    pub(super) strips: bool,
}

struct Mark {
    name: String,
    expands: bool,
    strips: bool,
}

/// The text without these bodies, and what was taken out, in order.
pub(super) fn taken(text: &str) -> (String, Vec<Taken>) {
    taken_where(text, verb)
}

/// The same of a script, in which every line is a command.
pub(super) fn taken_of_script(text: &str) -> (String, Vec<Taken>) {
    taken_where(text, |line| {
        let is_comment = line.trim_start().starts_with('#');
        (!is_comment).then_some("command")
    })
}

fn taken_where(text: &str, verb: fn(&str) -> Option<&str>) -> (String, Vec<Taken>) {
    let mut out = text.as_bytes().to_vec();
    let mut all = Vec::new();
    let mut lines = Lines { text, at: 0 };
    while let Some(first) = lines.next() {
        let Some(rest) = verb(&text[first.clone()]) else {
            continue;
        };
        let mut range = first.clone();
        let is_open = |line: &str| line.trim_end().ends_with('\\');
        let mut last = first.clone();
        loop {
            let line = &text[last.clone()];
            let is_comment = line.trim_start().starts_with('#');
            if !(is_open(line) || is_comment && last != first) {
                break;
            }
            let Some(next) = lines.next() else { break };
            range.end = next.end;
            last = next;
        }
        let mut words = rest.split_whitespace();
        let begins = words.find(|word| !word.starts_with("--"));
        if begins.is_none_or(|word| word.starts_with("<<")) {
            continue;
        }
        for mark in marks(&text[range.clone()]) {
            let mut body = lines.at..lines.at;
            let mut ended = false;
            while let Some(line) = lines.next() {
                let content = text[line.clone()].trim_end_matches(['\r', '\n']);
                let content = match mark.strips {
                    true => content.trim_start_matches('\t'),
                    false => content,
                };
                hide(&mut out, &line);
                if content == mark.name {
                    ended = true;
                    break;
                }
                body.end = line.end;
            }
            if ended {
                all.push(Taken {
                    run: range.start,
                    body,
                    expands: mark.expands,
                    strips: mark.strips,
                });
            }
        }
    }
    let text = String::from_utf8(out).unwrap_or_else(|_| text.to_owned());
    (text, all)
}

/// The bytes of a body, with what the shell fills in; `place` says where bytes of it stand. An error
/// says what is not known.
pub(super) fn filled(
    value: &[u8],
    place: &dyn Fn(usize, usize) -> (u32, u32),
    expands: bool,
    variables: &SortedMap<String, String>,
) -> Result<Vec<Placed>, String> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        if expands && value[at] == b'\\' && matches!(value.get(at + 1), Some(b'$' | b'\\' | b'`')) {
            let (from, to) = place(at, at + 2);
            out.push((value[at + 1], from, to));
            at += 2;
            continue;
        }
        if expands && value[at] == b'$' {
            let rest = &value[at + 1..];
            let is_braced = rest.first() == Some(&b'{');
            let name: Vec<u8> = rest[usize::from(is_braced)..]
                .iter()
                .copied()
                .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                .collect();
            let name = String::from_utf8_lossy(&name).into_owned();
            if !name.is_empty() {
                let length = 1 + name.len() + 2 * usize::from(is_braced);
                let Some(value) = variables.get(&name) else {
                    return Err(format!(
                        "a heredoc in which the shell fills in `${name}` (with quotes around the \
                         mark, `<<'EOF'`, it does not)"
                    ));
                };
                let (from, to) = place(at, at + length);
                out.extend(value.bytes().map(|byte| (byte, from, to)));
                at += length;
                continue;
            }
        }
        let (from, to) = place(at, at + 1);
        out.push((value[at], from, to));
        at += 1;
    }
    Ok(out)
}

struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl Lines<'_> {
    /// The next line with its end.
    fn next(&mut self) -> Option<Range<usize>> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let feed = rest.iter().position(|b| *b == b'\n');
        let start = self.at;
        self.at += feed.map_or(rest.len(), |feed| feed + 1);
        Some(start..self.at)
    }
}

/// What stands behind `RUN`.
fn verb(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (head, rest) = line.split_at_checked(3)?;
    (head.eq_ignore_ascii_case("run") && rest.starts_with([' ', '\t', '\\'])).then_some(rest)
}

fn marks(text: &str) -> Vec<Mark> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("<<") {
        let is_word = rest[at + 2..].starts_with('<');
        rest = rest[at + 2..].trim_start_matches('<');
        let strips = rest.starts_with('-');
        let after = rest
            .strip_prefix('-')
            .unwrap_or(rest)
            .trim_start_matches(' ');
        let quote = after.chars().next().filter(|c| "'\"".contains(*c));
        let after = after.trim_start_matches(['\'', '"']);
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        if end > 0 && !is_word {
            out.push(Mark {
                name: after[..end].to_owned(),
                expands: quote.is_none(),
                strips,
            });
        }
    }
    out
}

/// Makes a line a comment.
fn hide(out: &mut [u8], line: &Range<usize>) {
    for byte in &mut out[line.clone()] {
        if !b"\r\n".contains(byte) {
            *byte = b'#';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::taken;

    #[test]
    fn bodies_in_the_middle() {
        let text = "FROM x\nRUN a && \\\n  cat <<'A' > f && cat <<-B > g\none $x\nA\n\ttwo\n\tB\nRUN <<C\nthree\nC\n";
        let (plain, all) = taken(text);
        assert_eq!(plain.len(), text.len());
        assert!(
            plain.contains("\n######\n#\n####\n##\nRUN <<C\nthree\nC\n"),
            "{plain}"
        );
        let bodies: Vec<_> = all
            .iter()
            .map(|one| (&text[one.body.clone()], one.expands))
            .collect();
        assert_eq!(bodies, [("one $x\n", false), ("\ttwo\n", true)]);
        assert_eq!(all[0].run, 7);
    }
}
