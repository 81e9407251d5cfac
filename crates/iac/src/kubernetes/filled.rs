//! Templates of the official image of nginx: when it starts, its entry point writes each
//! `/etc/nginx/templates/NAME.template` to `/etc/nginx/conf.d/NAME`, with the variables of the
//! environment filled in.

use std::sync::Arc;

use base::{FilePath, Outer, OuterMap, SortedMap};
use model::MemoryFiles;

use super::data::{Entry, sealed_code, stands_for};
use super::manifest::At;

/// Writes what the entry point writes.
pub(crate) fn fill(files: &mut MemoryFiles, put: &mut Vec<(FilePath, Entry)>, container: At<'_>) {
    let mut variables: SortedMap<&str, Option<&str>> = SortedMap::new();
    for variable in container.items("env") {
        if let Some(name) = variable.word("name") {
            let is_set = variable.get("valueFrom").is_none();
            let value = variable.word("value").unwrap_or_default();
            variables.insert(name, is_set.then_some(value));
        }
    }
    let is_all = container.get("envFrom").is_none();
    let mut made = Vec::new();
    for (path, entry) in put.iter() {
        let path = path.to_string();
        let name = path.strip_prefix("/etc/nginx/templates/");
        let Some(name) = name.and_then(|name| name.strip_suffix(".template")) else {
            continue;
        };
        let path = format!("/etc/nginx/conf.d/{name}");
        let Ok(text) = std::str::from_utf8(&entry.bytes) else {
            continue;
        };
        match filled(text, &entry.outer, &variables) {
            Ok(_) if !is_all && text.contains("${") => {
                files.insert_unknown(&path, "what `envFrom` fills in is not known");
            }
            Ok((text, outer)) => {
                files.insert_inner(&path, text.as_bytes(), outer.clone());
                let entry = Entry {
                    bytes: text.into_bytes().into(),
                    outer,
                    ..entry.clone()
                };
                made.push((FilePath::new(&path), entry));
            }
            Err(name) => {
                let why = format!("the value of ${name}, which is filled in, is not in the files");
                files.insert_unknown(&path, why);
            }
        }
    }
    // The template itself is read by nobody else.
    let is_template = |path: &FilePath| {
        path.as_bytes().starts_with(b"/etc/nginx/templates/") && path.name().ends_with(b".template")
    };
    put.retain(|(path, _)| !is_template(path));
    put.extend(made);
}

/// The text with its variables, and where its bytes stand; the name of one that is not known.
fn filled(
    text: &str,
    outer: &Outer,
    variables: &SortedMap<&str, Option<&str>>,
) -> Result<(String, Outer), String> {
    let count = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let (mut out, mut pieces, mut is_same) = (String::new(), Vec::new(), true);
    for (at, part) in parts(text) {
        let place = outer.map.shown(count(at)..count(at + part.len()));
        let name = part.strip_prefix('$').map(|name| {
            let inner = name
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            inner.unwrap_or(name)
        });
        let known = name.and_then(|name| variables.get(name));
        let new = match known {
            Some(Some(value)) => *value,
            Some(None) => return Err(name.unwrap_or_default().to_owned()),
            None => part,
        };
        let start = count(out.len());
        out.push_str(new);
        let inner = start..count(out.len());
        match known {
            None if inner.len() == place.len() && !inner.is_empty() => {
                pieces.push(base::outer::Piece::same(inner, place));
            }
            _ => stands_for(&mut pieces, inner, place),
        }
        is_same &= known.is_none();
    }
    let outer = match is_same {
        true => outer.clone(),
        false => Outer {
            map: Arc::new(OuterMap::new(pieces, sealed_code())),
            ..outer.clone()
        },
    };
    Ok((out, outer))
}

/// A text in variables and what is between them, no part longer than a line.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let open = usize::from(bytes.get(at + 1) == Some(&b'{'));
        let name = at + 1 + open;
        let mut end = name;
        while bytes[at] == b'$' && bytes.get(end).is_some_and(|b| is_name(*b)) {
            end += 1;
        }
        let is_closed = open == 0 || bytes.get(end) == Some(&b'}');
        if bytes[at] == b'$' && end > name && is_closed {
            if start < at {
                out.push((start, &text[start..at]));
            }
            out.push((at, &text[at..end + open]));
            at = end + open;
            start = at;
            continue;
        }
        at += 1;
        if bytes[at - 1] == b'\n' {
            out.push((start, &text[start..at]));
            start = at;
        }
    }
    if start < bytes.len() {
        out.push((start, &text[start..]));
    }
    out
}
