//! Private keys between `-----BEGIN … PRIVATE KEY-----` and `-----END`, over lines or with `\n`
//! written out. Every line is hidden on its own, so that lines keep their numbers.

use crate::find::Hit;
use crate::place;
use crate::why;

/// No key is longer.
const LONGEST: usize = 64 << 10;

/// Looks at the dashes here; gives back where to go on.
pub(super) fn at(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let label = text[at..].strip_prefix(b"-----BEGIN ")?;
    let label_len = label
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_uppercase() || **b == b' ')
        .count();
    let label = &label[..label_len];
    if !place::contains(label, b"PRIVATE KEY") {
        return None;
    }
    let from = at + 11 + label_len;
    let from = from + text[from..].iter().take_while(|b| **b == b'-').count();
    let most = (from + LONGEST).min(text.len());
    let to = place::find(&text[from..most], b"-----END")
        .map_or_else(|| unended(text, from, most), |len| from + len);
    lines(text, from, to, out);
    Some(to)
}

/// A key that was cut: as long as its lines look like one.
fn unended(text: &[u8], from: usize, most: usize) -> usize {
    let mut end = from;
    for line in text[from..most].split_inclusive(|b| *b == b'\n') {
        let is_key = line
            .trim_ascii()
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=\\ #".contains(b));
        if !is_key {
            break;
        }
        end += line.len();
    }
    end
}

fn lines(text: &[u8], from: usize, to: usize, out: &mut Vec<Hit>) {
    let is_key = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    let mut at = from;
    while at < to {
        if text[at] == b'\\' {
            at += 2;
            continue;
        }
        let len = text[at..to].iter().take_while(|b| is_key(**b)).count();
        // `Proc-Type: 4,ENCRYPTED` and the like are short words.
        if len >= 16 || len > 0 && text[at..to].trim_ascii_end().len() == len {
            out.push(Hit::secret(at..at + len, &why::PRIVATE_KEY));
        }
        at += len.max(1);
    }
}
