//! Secrets of php.ini and PHP-FPM pools by their keys. Comments are read as if they were not.

use std::ops::Range;

use syntax::ini::{Dialect, EntryKind, parse};

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::text::prose::Lines;
use crate::text::{self, Manner};
use crate::value;
use crate::why;

/// Adds what is found.
pub(crate) fn find(bytes: &[u8], out: &mut Vec<Hit>) {
    // Line by line: an error in one does not hide the next.
    let tree = parse(bytes, Dialect::Fpm);
    for entry in tree
        .entries()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Pair)
    {
        let key = &bytes[entry.key.0 as usize..entry.key.1 as usize];
        let offset = entry.offset.as_ref().map(|offset| offset.span);
        let offset = offset.map(|(start, end)| &bytes[start as usize..end as usize]);
        let said = match offset {
            Some(offset) => name::meaning(offset),
            None => name::meaning(key),
        };
        let (start, end) = entry.value.span;
        // `env[TOKEN] == value`: one sign too many.
        let (start, end) = (start as usize, end as usize);
        let signs = bytes[start..end].iter().take_while(|b| b"= ".contains(b));
        value_of(bytes, start + signs.count()..end, said, out);
    }
    // A sign of assignment was forgotten: `env[PASSWORD] geheim`.
    let bare = tree
        .entries()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Bare);
    let errors = tree.errors().iter().map(|error| error.start);
    for place in bare.map(|entry| entry.span.0).chain(errors) {
        let at = (place as usize).min(bytes.len());
        let start = bytes[..at]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let len = bytes[start..].iter().take_while(|b| **b != b'\n').count();
        text::find(bytes, start..start + len, Manner::Statements, out);
    }
    for (start, end) in tree.comments() {
        comment(bytes, *start as usize..*end as usize, out);
    }
    text::find(bytes, 0..bytes.len(), Manner::Plain, out);
    text::notes(bytes, Lines::Comments, out);
}

/// `;session.save_path = "…"`: a value that was switched off is often still a value.
fn comment(bytes: &[u8], range: Range<usize>, out: &mut Vec<Hit>) {
    let text = &bytes[range.clone()];
    let marks = text.iter().take_while(|b| b"; \t#".contains(b)).count();
    let body = &text[marks..];
    let Some(sign) = body.iter().position(|b| *b == b'=') else {
        return;
    };
    let key = body[..sign].trim_ascii();
    if key.contains(&b' ') || key.is_empty() {
        return;
    }
    let inner = key.split(|b| *b == b'[').next_back().unwrap_or(key);
    let inner = inner.strip_suffix(b"]").unwrap_or(inner);
    let from = range.start + marks + sign + 1;
    let blanks = bytes[from..range.end]
        .iter()
        .take_while(|b| b" \t".contains(b))
        .count();
    // `;memcached.sess_sasl_password = ; nothing`
    if bytes.get(from + blanks) == Some(&b';') {
        return;
    }
    let end = text::cut_comment(bytes, from + blanks, range.end);
    // `;odbc.default_pw = Not yet implemented`
    let mut words = bytes[from + blanks..end].split(|b| *b == b' ');
    if words.next().is_some_and(value::is_prose) && words.next().is_some() {
        return;
    }
    value_of(bytes, from + blanks..end, name::meaning(inner), out);
}

/// Hides a value. Without quotes, signs that mean something to PHP stay where they are: what it
/// refuses must still be refused.
fn value_of(bytes: &[u8], range: Range<usize>, said: Meaning, out: &mut Vec<Hit>) {
    let value = &bytes[range.clone()];
    if said == Meaning::Nothing || crate::place::contains(value, b"://") {
        return;
    }
    let why = match said {
        Meaning::Suspicious => &why::RANDOM,
        _ => &why::NAMED,
    };
    let quote = value.first().copied().filter(|b| matches!(b, b'"' | b'\''));
    if let Some(quote) = quote {
        let closed = value.len() > 1 && value.ends_with(&[quote]);
        let inner = range.start + 1..range.end - usize::from(closed);
        if value::is_secret(&bytes[inner.clone()], said) {
            out.push(Hit::secret(inner, why));
        }
        return;
    }
    if !value::is_secret(value, said) {
        return;
    }
    let mut at = 0;
    while at < value.len() {
        let len = value[at..]
            .iter()
            .take_while(|b| !b"(){}|&~!^\"';$= \t\r\n".contains(b))
            .count();
        if len > 0 {
            out.push(Hit::secret(range.start + at..range.start + at + len, why));
        }
        at += len.max(1);
    }
}
