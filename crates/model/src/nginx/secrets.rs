//! Byte ranges of secret values in an nginx file, by their place in the tree.

use base::mask::{is_secret_name, merged, password_in_url, scan};
use syntax::nginx::{NodeId, Tree};

/// Values that must not be shown, sorted: arguments behind a secret name
/// (`fastcgi_param DB_PASSWORD …`), the part behind `=` of a secret key, passwords in addresses.
/// Comments are searched in the same way: an old value is often still the value.
pub fn secret_ranges(bytes: &[u8], tree: &Tree) -> Vec<(u32, u32)> {
    let mut out = Vec::new();
    for node in 0..tree.len() {
        let node = NodeId(u32::try_from(node).unwrap_or(u32::MAX));
        let words = tree.words(node).iter();
        in_words(bytes, words.map(|w| (w.start, w.end)), &mut out);
    }
    for &(start, end) in tree.comments() {
        in_words(bytes, split(bytes, start, end), &mut out);
    }
    // Whatever stands inside of words, code and lines that nginx refuses.
    out.extend(scan(bytes));
    merged(out)
}

fn in_words(bytes: &[u8], words: impl Iterator<Item = (u32, u32)>, out: &mut Vec<(u32, u32)>) {
    let mut behind_secret_name = false;
    for (start, end) in words {
        let text = &bytes[start as usize..end as usize];
        if behind_secret_name {
            out.push((start, end));
            continue;
        }
        if let Some(range) = password_in_url(text) {
            out.push((start + offset(range.start), start + offset(range.end)));
        }
        // `$http_authorization` is read, not written: what follows it is no secret.
        if text.first() == Some(&b'$') || !is_secret_name(text) {
            continue;
        }
        match text.iter().position(|&b| b == b'=') {
            Some(at) => out.push((start + offset(at) + 1, end)),
            None => behind_secret_name = true,
        }
    }
}

fn split(bytes: &[u8], start: u32, end: u32) -> impl Iterator<Item = (u32, u32)> {
    let text = &bytes[start as usize..end as usize];
    let mut at = start;
    text.split(|b| b.is_ascii_whitespace()).map(move |word| {
        let from = at;
        at = from + offset(word.len()) + 1;
        (from, from + offset(word.len()))
    })
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
