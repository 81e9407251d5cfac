//! `${NAME}` in files of PHP and PHP-FPM, which they fill in themselves.

use std::sync::Arc;

use base::{FilePath, Outer};
use model::MemoryFiles;

use super::{Environment, Making, Piecewise, variable};

/// Where PHP and PHP-FPM are configured.
const PLACES: [&[u8]; 4] = [
    b"/usr/local/etc/php",
    b"/etc/php",
    b"/opt/docker/etc/php",
    b"/opt/bitnami/php",
];

/// Fills in what is known. What is not stays as it is: its value is then unknown.
pub(crate) fn php(env: &Environment, making: &mut Making, files: &MemoryFiles) {
    let is_ini = |path: &FilePath| path.as_bytes().ends_with(b".ini");
    let is_conf = |path: &FilePath| path.as_bytes().ends_with(b".conf");
    let is_ours = |path: &FilePath| {
        let is_there = PLACES
            .iter()
            .any(|place| path.as_bytes().starts_with(place));
        is_there && (is_ini(path) || is_conf(path))
    };
    let all: Vec<(FilePath, Arc<[u8]>, Option<Outer>)> = files
        .iter()
        .filter(|(path, ..)| is_ours(path))
        .map(|(path, bytes, outer)| (path.clone(), bytes.clone(), outer.cloned()))
        .collect();
    for (path, bytes, outer) in all {
        let text = filled(&bytes, env);
        if text.has_values() && outer.is_some() && !making.has(&path) {
            making.add(path, text, outer);
        }
    }
}

fn filled(bytes: &[u8], env: &Environment) -> Piecewise {
    let mut text = Piecewise::default();
    let (mut at, mut literal) = (0, 0);
    let mut is_comment = false;
    while at < bytes.len() {
        is_comment = match bytes[at] {
            b'\n' => false,
            b';' => true,
            _ => is_comment,
        };
        let found =
            variable(&bytes[at..]).filter(|_| !is_comment && bytes.get(at + 1) == Some(&b'{'));
        let Some((name, len)) = found else {
            at += 1;
            continue;
        };
        let value = env.get(name).ok().flatten();
        // Filled in, they mean themselves; written, they would mean something to PHP.
        let is_plain = |text: &str| {
            let is_odd = |b: u8| b";\"'&|~!()^=\n\\$[]".contains(&b);
            !text.is_empty() && !text.bytes().any(is_odd)
        };
        let is_plain = |value: &&super::Value| value.text.as_deref().is_some_and(is_plain);
        if let Some(value) = value.filter(is_plain) {
            text.same(&bytes[literal..at], literal);
            text.value(name, value, at..at + len);
            literal = at + len;
        }
        at += len;
    }
    text.same(&bytes[literal..], literal);
    text
}
