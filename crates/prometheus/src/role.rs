//! Telling whether a file is one of Prometheus': cheap for all that is not.

use crate::document::{Role, has_rules};
use yaml::{Tree, Value, parse};

/// What a file is; `None` for what is none of ours.
///
/// A file that is no YAML counts when its lines say what was meant, so that a slip in one is
/// reported, and a template of Helm or Ansible is left alone.
pub fn role(bytes: &[u8]) -> Option<Role> {
    let is_main = has_key(bytes, b"rule_files");
    let is_manifest = has_key(bytes, b"kind") && bytes.windows(14).any(|w| w == b"PrometheusRule");
    let may_be_rules = has_key(bytes, b"groups") || is_manifest;
    if !(is_main || may_be_rules) {
        return None;
    }
    let is_named = |name: &[u8]| has_key_anywhere(bytes, name);
    let has_words = is_named(b"expr") || is_named(b"alert") || is_named(b"record");
    if !(is_main || has_words) {
        return None;
    }
    if bytes.len() > crate::MOST_BYTES {
        return Some(if is_main { Role::Main } else { Role::Rules });
    }
    match parse(bytes) {
        Ok(tree) if has_rules(&tree) => (!is_of_loki(&tree)).then_some(Role::Rules),
        Ok(tree) if is_main && names(&tree).is_some() => Some(Role::Main),
        Ok(_) => None,
        Err(_) if is_template(bytes) => None,
        Err(_) if is_main => Some(Role::Main),
        Err(_) if is_named(b"alert") || is_named(b"record") => Some(Role::Rules),
        Err(_) => None,
    }
}

/// The patterns of `rule_files` in Prometheus' main file.
///
/// # Errors
/// Why it cannot be read, and at which byte.
pub fn rule_files(bytes: &[u8]) -> Result<Vec<String>, (u32, String)> {
    let tree = parse(bytes).map_err(|refusal| (refusal.at, refusal.message))?;
    Ok(names(&tree).unwrap_or_default())
}

fn names(tree: &Tree) -> Option<Vec<String>> {
    let root = *tree.documents.first()?;
    let list = tree.list(tree.field(root, "rule_files")?)?;
    let names = list.iter().filter_map(|id| tree.text(*id));
    Some(names.map(str::to_owned).collect())
}

/// Whether a line begins with a key, in quotes or not, or the file is one map in braces.
fn has_key(bytes: &[u8], name: &[u8]) -> bool {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return has_key_anywhere(bytes, name);
    }
    let mut lines = bytes.split(|b| matches!(b, b'\n' | b'\r'));
    lines.any(|line| {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let line = line
            .strip_prefix(b"\"")
            .or(line.strip_prefix(b"'"))
            .unwrap_or(line);
        let rest = line.strip_prefix(name);
        rest.is_some_and(is_end_of_key)
    })
}

fn has_key_anywhere(bytes: &[u8], name: &[u8]) -> bool {
    let mut windows = bytes.windows(name.len()).enumerate();
    windows.any(|(at, window)| window == name && is_end_of_key(&bytes[at + name.len()..]))
}

fn is_end_of_key(rest: &[u8]) -> bool {
    let rest = rest
        .strip_prefix(b"\"")
        .or(rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    rest.trim_ascii_start().starts_with(b":")
}

/// Go's and Jinja's marks where YAML has none.
fn is_template(bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    [b"{{-".as_slice(), b"{% ", b"{%-", b".Values", b"{{ include"]
        .iter()
        .any(|mark| has(mark))
}

/// Rules of Loki look the same but for their expressions.
fn is_of_loki(tree: &Tree) -> bool {
    let of_key = |(key, value): &(usize, usize)| {
        let is_expr = tree.text(*key) == Some("expr");
        is_expr.then(|| tree.text(*value)).flatten()
    };
    let maps = tree.nodes().iter().filter_map(|node| match &node.value {
        Value::Map(fields) => Some(fields),
        Value::Scalar(..) | Value::List(_) => None,
    });
    maps.flat_map(|fields| fields.iter().filter_map(of_key))
        .any(has_pipe)
}

/// Whether a text has a pipe outside of quotes, as in `{app="x"} |= "error" | json`.
fn has_pipe(expr: &str) -> bool {
    let mut quote = None;
    let mut bytes = expr.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'"'), b'\\') => {
                bytes.next();
            }
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'|') => {
                let next = bytes.peek();
                return matches!(next, Some(b'=' | b'~' | b'>' | b' ' | b'a'..=b'z'));
            }
            _ => {}
        }
    }
    false
}
