//! File name patterns as libc's `glob()` with flags 0 expands them: byte-order sort, no dot files
//! for a leading wildcard, backslash escapes, no braces, no tilde, no `**`.
//!
//! nginx calls it in `ngx_open_glob`, PHP-FPM in `fpm_conf_ini_parser_include`.

use base::FilePath;

use crate::files::{Files, ReadError, ReadErrorKind};

/// Whether nginx treats a full path as a pattern (`strpbrk(name, "*?[")` in `ngx_conf_include`).
pub fn is_pattern(path: &[u8]) -> bool {
    path.iter().any(|b| matches!(b, b'*' | b'?' | b'['))
}

/// What a pattern stands for.
#[derive(Debug, Default)]
pub struct Matched {
    /// All existing paths that match, sorted by bytes.
    pub paths: Vec<FilePath>,
    /// Directories that could not be listed. libc takes them for empty.
    pub unlisted: Vec<(FilePath, ReadError)>,
}

/// Expands an absolute pattern.
pub fn glob(files: &dyn Files, pattern: &[u8]) -> Matched {
    let mut out = Matched::default();
    let mut found: Vec<Vec<u8>> = vec![Vec::new()];
    let mut expanded = false;
    for part in pattern.split(|&b| b == b'/').filter(|p| !p.is_empty()) {
        expanded |= is_pattern(part);
        found = found
            .iter()
            .flat_map(|base| children(files, base, part, expanded, &mut out.unlisted))
            .collect();
    }
    found.sort();
    out.paths = found.iter().map(FilePath::new).collect();
    out
}

/// `base/NAME` for every name that one pattern component stands for. Components before the first
/// pattern are taken as they are; behind it they must exist.
fn children(
    files: &dyn Files,
    base: &[u8],
    part: &[u8],
    expanded: bool,
    unlisted: &mut Vec<(FilePath, ReadError)>,
) -> Vec<Vec<u8>> {
    let join = |name: &[u8]| [base, b"/", name].concat();
    let plain = unescape(part);
    if !expanded {
        return vec![join(&plain)];
    }
    let dir = FilePath::new(if base.is_empty() { b"/" } else { base });
    let names = files.list(&dir).unwrap_or_else(|error| {
        // What a pattern finds besides directories has nothing in it.
        if error.kind != ReadErrorKind::Missing {
            unlisted.push((dir, error));
        }
        Vec::new()
    });
    let wanted = |name: &Vec<u8>| match is_pattern(part) {
        true => matches(part, name),
        false => *name == plain,
    };
    let chosen = names.iter().filter(|name| wanted(name));
    chosen.map(|name| join(name)).collect()
}

fn unescape(part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next()),
            other => out.push(other),
        }
    }
    out
}

/// `fnmatch(3)` with `FNM_PERIOD` for one component, without recursion.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && !matches!(pattern, [b'.', ..] | [b'\\', b'.', ..]) {
        return false;
    }
    let (mut p, mut n) = (0, 0);
    // Where to go on when the text behind the last star did not fit.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, n));
                p += 1;
                continue;
            }
            None if n == name.len() => return true,
            None => None,
            Some(_) => match_one(&pattern[p..], name.get(n).copied()),
        };
        match (step, retry) {
            (Some(used), _) => {
                p += used;
                n += 1;
            }
            (None, Some((after_star, from))) if from < name.len() => {
                retry = Some((after_star, from + 1));
                p = after_star;
                n = from + 1;
            }
            _ => return false,
        }
    }
}

/// Matches one byte against the head of a pattern; gives the pattern bytes used.
fn match_one(pattern: &[u8], byte: Option<u8>) -> Option<usize> {
    let byte = byte?;
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', rest @ ..] => match bracket(rest, byte) {
            Some((true, used)) => Some(used + 1),
            Some((false, _)) => None,
            // Without a closing bracket it is an ordinary character.
            None => (byte == b'[').then_some(1),
        },
        [literal, ..] => (*literal == byte).then_some(1),
        [] => None,
    }
}

/// A bracket expression behind its `[`: whether it matches, and its length with the `]`.
fn bracket(set: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let first = at;
    let mut hit = false;
    loop {
        match *set.get(at)? {
            b']' if at > first => return Some((hit != negated, at + 1)),
            b'[' if set.get(at + 1) == Some(&b':') => {
                let end = at + 2 + set[at + 2..].windows(2).position(|w| w == b":]")?;
                hit |= in_class(&set[at + 2..end], byte);
                at = end + 2;
            }
            mut low => {
                if low == b'\\' {
                    at += 1;
                    low = *set.get(at)?;
                }
                let is_range =
                    set.get(at + 1) == Some(&b'-') && set.get(at + 2).is_some_and(|&b| b != b']');
                let high = if is_range { set[at + 2] } else { low };
                hit |= (low..=high).contains(&byte);
                at += if is_range { 3 } else { 1 };
            }
        }
    }
}

fn in_class(name: &[u8], byte: u8) -> bool {
    match name {
        b"alpha" => byte.is_ascii_alphabetic(),
        b"digit" => byte.is_ascii_digit(),
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"upper" => byte.is_ascii_uppercase(),
        b"lower" => byte.is_ascii_lowercase(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"punct" => byte.is_ascii_punctuation(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{glob, matches};
    use crate::files::MemoryFiles;

    #[test]
    fn names_match_as_in_libc() {
        for (pattern, name, want) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".hidden.conf", false),
            (".*.conf", ".hidden.conf", true),
            ("*", "a b", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]y", "]y", true),
            ("[[:digit:]]*", "10-a", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("[ab", "[ab", true),
            ("*a*b*c*", "xxaxxbxxc", true),
            ("*a*b*c*", "xxaxxcxxb", false),
            ("{a,b}", "a", false),
        ] {
            let got = matches(pattern.as_bytes(), name.as_bytes());
            assert_eq!(got, want, "{pattern} against {name}");
        }
    }

    #[test]
    fn results_are_sorted_by_bytes() {
        let mut files = MemoryFiles::default();
        for name in ["9", "10", "b", "a b", "B", "a", ".dot"] {
            files.insert(format!("/etc/x/{name}/f"), *b"");
        }
        let found: Vec<String> = glob(&files, b"/etc/x/*/f")
            .paths
            .iter()
            .map(ToString::to_string)
            .collect();
        let want = ["10", "9", "B", "a b", "a", "b"].map(|n| format!("/etc/x/{n}/f"));
        assert_eq!(found, want);
    }
}
