//! Secret values in FPM and php.ini files: passwords that must not reach any output.

use base::FileId;
use base::mask::{is_secret_name, password_in_url};
use syntax::ini::{EntryKind, Tree};

use crate::load::Loader;

type Ranges = Vec<(u32, u32)>;

/// Marks the values of secret-looking keys, passwords in addresses, and both in comments and in
/// lines that PHP does not understand.
pub(super) fn mark(loader: &mut Loader<'_>, file: FileId, tree: &Tree) {
    let bytes = loader.sources.get(file).bytes.clone();
    let text = |range: (u32, u32)| &bytes[range.0 as usize..range.1 as usize];
    let mut out = Ranges::new();
    for entry in tree.entries() {
        let offset = entry.offset.as_ref().map(|offset| offset.span);
        let is_secret = is_secret_name(text(entry.key))
            || offset.is_some_and(|span| is_secret_name(text(span)));
        if is_secret && entry.kind == EntryKind::Pair {
            out.push(entry.value.span);
        } else {
            urls(text(entry.value.span), entry.value.span.0, &mut out);
        }
    }
    for &comment in tree.comments() {
        lines(text(comment), comment.0, &mut out);
    }
    for &ignored in tree.ignored() {
        lines(text(ignored), ignored.0, &mut out);
    }
    for error in tree.errors() {
        let start = line_start(&bytes, error.start as usize);
        let rest = &bytes[start..];
        let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        lines(&rest[..end], number(start), &mut out);
    }
    loader.sources.get_mut(file).secrets = merged(out);
}

/// The same for the output of `php-fpm -tt`, which is no ini file.
pub(super) fn mark_dump(loader: &mut Loader<'_>, file: FileId) {
    let bytes = loader.sources.get(file).bytes.clone();
    let mut out = Ranges::new();
    lines(&bytes, 0, &mut out);
    loader.sources.get_mut(file).secrets = merged(out);
}

/// What stands behind the `=` of each line whose left side looks secret.
fn lines(text: &[u8], base: u32, out: &mut Ranges) {
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let content = line.trim_ascii_end();
        let equals = content.iter().position(|&b| b == b'=');
        match equals.filter(|&equals| is_secret_name(&content[..equals])) {
            Some(equals) => {
                let blanks = content[equals + 1..]
                    .iter()
                    .take_while(|b| b.is_ascii_whitespace());
                let start = at + equals + 1 + blanks.count();
                out.push((base + number(start), base + number(at + content.len())));
            }
            None => urls(content, base + number(at), out),
        }
        at += line.len();
    }
}

/// Every password in an address.
fn urls(text: &[u8], base: u32, out: &mut Ranges) {
    let mut at = 0;
    while let Some(found) = password_in_url(&text[at..]) {
        out.push((
            base + number(at + found.start),
            base + number(at + found.end),
        ));
        at += found.end;
    }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let before = &bytes[..at.min(bytes.len())];
    before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |feed| feed + 1)
}

/// Sorted, without overlaps.
fn merged(mut ranges: Ranges) -> Ranges {
    ranges.retain(|range| range.0 < range.1);
    ranges.sort_unstable();
    let mut out = Ranges::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.0 <= last.1 => last.1 = last.1.max(range.1),
            _ => out.push(range),
        }
    }
    out
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
