//! `sed -i` with substitutions, deletions and whole lines changed: what it does to a text, and
//! which bytes of the old one each piece stands for.

use std::ops::Range;

use base::OuterMap;
use base::outer::{Code, Piece};
use regex::bytes::{Regex, RegexBuilder};

use super::shell::Word;

/// One command of a script.
pub(super) struct Edit {
    /// The lines that it is for; all when there is none.
    address: Option<Regex>,
    what: What,
}

enum What {
    Substitute(Regex, Vec<u8>, bool),
    Delete,
}

/// The commands and the files of `sed -i …`; `None` for what is not read here.
pub(super) fn arguments(args: &[Word]) -> Option<(Vec<Edit>, Vec<&Word>)> {
    let (mut in_place, mut extended) = (false, false);
    let mut scripts: Vec<&Word> = Vec::new();
    let mut rest: Vec<&Word> = Vec::new();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        match word.text().as_str() {
            "-e" | "--expression" => scripts.push(args.next()?),
            "-E" | "-r" | "--regexp-extended" => extended = true,
            "-i" | "--in-place" => in_place = true,
            "-ri" | "-Ei" | "-ir" | "-iE" => (in_place, extended) = (true, true),
            "-ie" => {
                in_place = true;
                scripts.push(args.next()?);
            }
            text if text.starts_with("-i.") => in_place = true,
            text if text.starts_with('-') => return None,
            _ => rest.push(word),
        }
    }
    if scripts.is_empty() {
        scripts.push(rest.first()?);
        rest.remove(0);
    }
    let is_plain = scripts.iter().chain(&rest).all(|word| !word.has_hole);
    if !in_place || !is_plain {
        return None;
    }
    let mut edits = Vec::new();
    for script in scripts {
        for command in commands(&script.text()) {
            edits.push(edit(&command, extended)?);
        }
    }
    Some((edits, rest))
}

/// Commands are apart by line feeds, and by `;` that stand outside of a substitution.
fn commands(script: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut delimiter, mut left, mut is_escaped) = (None, 0, false);
    for c in script.chars() {
        let last = out.last_mut().map(|last| {
            let begins = last.trim().is_empty();
            last.push(c);
            begins || last.ends_with("s") && last.trim().len() == 1
        });
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match (c, delimiter) {
            ('\\', _) => is_escaped = true,
            (c, Some(mark)) if c == mark => {
                left -= 1;
                if left == 0 {
                    delimiter = None;
                }
            }
            (_, Some(_)) => {}
            ('\n' | ';', None) => {
                if let Some(last) = out.last_mut() {
                    last.pop();
                }
                out.push(String::new());
            }
            (c, None) => {
                let so_far = out
                    .last()
                    .map(|text| text.trim().to_owned())
                    .unwrap_or_default();
                let before = so_far.strip_suffix(c).unwrap_or(&so_far);
                if !c.is_alphanumeric() && c != ' ' {
                    if before == "s" || before.ends_with("/s") || before.ends_with(" s") {
                        (delimiter, left) = (Some(c), 2);
                    } else if c == '/' && before.is_empty() {
                        (delimiter, left) = (Some(c), 1);
                    }
                }
                let _begins = last;
            }
        }
    }
    out.retain(|command| !command.trim().is_empty());
    out
}

fn edit(command: &str, extended: bool) -> Option<Edit> {
    let mut rest = command.trim();
    let mut address = None;
    if let Some(after) = rest.strip_prefix('/') {
        let (pattern, after) = field(after, '/')?;
        address = Some(pattern_of(&pattern, extended, false)?);
        rest = after.trim_start();
    }
    if rest == "d" {
        return Some(Edit {
            address,
            what: What::Delete,
        });
    }
    let rest = rest.strip_prefix('s')?;
    let mark = rest.chars().next().filter(|c| !c.is_alphanumeric())?;
    let (pattern, rest) = field(&rest[mark.len_utf8()..], mark)?;
    let (new, flags) = field(rest, mark)?;
    if !flags.trim().chars().all(|c| "gIi".contains(c)) {
        return None;
    }
    let ignores_case = flags.contains(['i', 'I']);
    let what = What::Substitute(
        pattern_of(&pattern, extended, ignores_case)?,
        new.into_bytes(),
        flags.contains('g'),
    );
    Some(Edit { address, what })
}

/// Up to the next mark that has no backslash before it, which then stands for itself.
fn field(text: &str, mark: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == mark {
            return Some((out, &text[at + c.len_utf8()..]));
        }
        out.push(c);
        if c == '\\' {
            let (_, next) = chars.next()?;
            if next == mark {
                out.pop();
            }
            out.push(next);
        }
    }
    None
}

/// A basic or extended expression of POSIX as the engine reads it. In a basic one groups, braces,
/// `+`, `?` and `|` have a backslash where the others have none.
fn pattern_of(pattern: &str, extended: bool, ignores_case: bool) -> Option<Regex> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            _ if in_class => {
                in_class = c != ']';
                if c == '\\' || c == '[' && chars.peek() != Some(&':') {
                    out.push('\\');
                }
                out.push(c);
            }
            '[' => {
                in_class = true;
                out.push(c);
                if let Some(not) = chars.next_if_eq(&'^') {
                    out.push(not);
                }
                if chars.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            '\\' => match chars.next()? {
                special @ ('(' | ')' | '{' | '}' | '+' | '?' | '|') => {
                    if extended {
                        out.push('\\');
                    }
                    out.push(special);
                }
                digit if digit.is_ascii_digit() => return None,
                's' => out.push_str("\\s"),
                'w' => out.push_str("\\w"),
                'n' => out.push_str("\\n"),
                other if other.is_alphanumeric() => return None,
                other => {
                    out.push('\\');
                    out.push(other);
                }
            },
            '(' | ')' | '{' | '}' | '+' | '?' | '|' if !extended => {
                out.push('\\');
                out.push(c);
            }
            '*' if out.is_empty() && !extended => out.push_str("\\*"),
            c if "#~&-".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    let mut builder = RegexBuilder::new(&out);
    builder.unicode(false).case_insensitive(ignores_case);
    builder.size_limit(1 << 20).build().ok()
}

/// A piece of the new text, and where it stood in the old one.
pub(super) type Moved = (Range<usize>, Range<usize>);

/// The text after the commands, and where each piece of it stood: (new, old).
pub(super) fn edited(text: &[u8], edits: &[Edit]) -> Option<(Vec<u8>, Vec<Moved>)> {
    let (mut out, mut pieces) = (Vec::new(), Vec::new());
    let mut at = 0;
    for line in text.split_inclusive(|b| *b == b'\n') {
        let old = at..at + line.len();
        at = old.end;
        let mut new = line.to_vec();
        let mut is_gone = false;
        for edit in edits {
            let content = new.strip_suffix(b"\n").unwrap_or(&new).to_vec();
            if is_gone
                || edit
                    .address
                    .as_ref()
                    .is_some_and(|re| !re.is_match(&content))
            {
                continue;
            }
            match &edit.what {
                What::Delete => is_gone = true,
                What::Substitute(pattern, by, all) => {
                    let mut changed = substituted(&content, pattern, by, *all)?;
                    if new.ends_with(b"\n") {
                        changed.push(b'\n');
                    }
                    new = changed;
                }
            }
        }
        if is_gone {
            continue;
        }
        let begin = out.len();
        out.extend_from_slice(&new);
        pieces.push((begin..out.len(), old));
    }
    Some((out, pieces))
}

/// `&` is the match, `\1` a group, `\n` a line feed.
fn substituted(line: &[u8], pattern: &Regex, by: &[u8], all: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    for found in pattern
        .captures_iter(line)
        .take(if all { usize::MAX } else { 1 })
    {
        let whole = found.get(0)?;
        out.extend_from_slice(&line[at..whole.start()]);
        let mut bytes = by.iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                b'&' => out.extend_from_slice(whole.as_bytes()),
                b'\\' => match *bytes.next()? {
                    digit @ b'0'..=b'9' => {
                        let group = found.get(usize::from(digit - b'0'));
                        out.extend_from_slice(group.map_or(b"", |group| group.as_bytes()));
                    }
                    b'n' => out.push(b'\n'),
                    b't' => out.push(b'\t'),
                    other if other.is_ascii_alphabetic() => return None,
                    other => out.push(other),
                },
                byte => out.push(byte),
            }
        }
        at = whole.end();
    }
    out.extend_from_slice(&line[at..]);
    Some(out)
}

/// Where the pieces stand in the file around the old text. What a command changed cannot be edited
/// there: the command would change it again.
pub(super) fn outward(old: &OuterMap, pieces: &[Moved]) -> OuterMap {
    let piece = |(new, old_range): &Moved| {
        let place = old.shown(base::offset(old_range.start)..base::offset(old_range.end));
        Piece::other(base::offset(new.start)..base::offset(new.end), place)
    };
    let code = Code {
        is_sealed: true,
        ..Code::default()
    };
    OuterMap::new(pieces.iter().map(piece).collect(), code)
}

#[cfg(test)]
mod tests {
    use base::SortedMap;

    use super::super::shell::{Part, read};
    use super::{arguments, edited};

    fn after(command: &str, text: &str) -> Option<String> {
        let parts = read(command, 0, &SortedMap::new());
        let [Part::Simple(one)] = parts.as_slice() else {
            panic!("{parts:?}")
        };
        let (edits, _) = arguments(&one.words[1..])?;
        let (text, _) = edited(text.as_bytes(), &edits)?;
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn what_people_do_to_configuration() {
        let pool = "[www]\nlisten = 127.0.0.1:9000\n;listen.mode = 0660\n";
        let is = |command: &str, text: &str| {
            assert_eq!(after(command, pool).as_deref(), Some(text), "{command}");
        };
        is(
            "sed -i 's/listen = 127.0.0.1:9000/listen = 9000/g' f",
            "[www]\nlisten = 9000\n;listen.mode = 0660\n",
        );
        is(
            "sed -i -e 's|^listen = .*|listen = /run/p.sock|' -e '/^;/d' f",
            "[www]\nlisten = /run/p.sock\n",
        );
        is(
            "sed -ri 's/^;?(listen\\.mode).*/\\1 = 0666/; s/9000/9001/' f",
            "[www]\nlisten = 127.0.0.1:9001\nlisten.mode = 0666\n",
        );
        is(
            "sed -i 's/\\(listen\\) = .*/\\1=x\\/y/' f",
            "[www]\nlisten=x/y\n;listen.mode = 0660\n",
        );
        for odd in [
            "sed -i '1i x' f",
            "sed -n 's/a/b/' f",
            "sed 's/a/b/' f",
            "sed -i s/a$B/c/ f",
        ] {
            assert_eq!(after(odd, pool), None, "{odd}");
        }
    }
}
