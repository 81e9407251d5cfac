//! Covering secrets in what is shown, where nobody needs them back.

use base::{FileId, Sources};

use crate::find::{hidden, secrets_of};

/// Marks the secrets of a file, so that it can be shown.
pub fn mark(sources: &mut Sources, file: FileId) {
    let source = sources.get(file);
    let secrets = secrets_of(source.path.as_bytes(), &source.bytes);
    sources.get_mut(file).secrets = secrets;
}

/// A line of a log with its secrets starred out.
pub fn masked_line(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    for range in hidden(text) {
        out[range].fill(b'*');
    }
    out
}

/// A message with the secrets that it quotes starred out.
pub fn masked_text(text: &str) -> String {
    match hidden(text.as_bytes()).is_empty() {
        true => text.to_owned(),
        false => String::from_utf8_lossy(&masked_line(text.as_bytes())).into_owned(),
    }
}
