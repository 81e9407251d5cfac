//! Comments of a rule file: those of YAML, outside of all scalars, and those inside expressions.

use base::offset;
use yaml::{Range, Tree, Value};

/// The comments between the scalars of a file.
pub(crate) fn between_scalars(file: &[u8], tree: &Tree) -> Vec<Range> {
    let scalars = tree.nodes().iter().filter_map(|node| match node.value {
        Value::Scalar(..) => Some((node.range.0 as usize, node.range.1 as usize)),
        Value::List(_) | Value::Map(_) => None,
    });
    let mut out = Vec::new();
    let mut at = 0;
    for (start, end) in scalars.chain([(file.len(), file.len())]) {
        while at < start {
            let before = at.checked_sub(1).and_then(|before| file.get(before));
            let begins = file[at] == b'#' && before.is_none_or(u8::is_ascii_whitespace);
            let length = match begins {
                true => {
                    let rest = &file[at..];
                    let length = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
                    let length = length.unwrap_or(rest.len());
                    out.push((offset(at), offset(at + length)));
                    length
                }
                false => 1,
            };
            at += length;
        }
        at = at.max(end.min(file.len()));
    }
    out
}
