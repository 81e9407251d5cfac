//! Secrets out, and back in: what may be shown of a configuration or a log, and the way back.
//!
//! ```text
//! fastcgi_param DB_PASSWORD hunter2;   ─ redact ─►   fastcgi_param DB_PASSWORD BGSECRET_001;
//!                                      ◄ restore ─
//! ```
//!
//! What a secret is, is told by its place first (the name of a directive, a key, a header), then
//! by its shape (tokens of providers, addresses with a password, private keys), then by a
//! suspicious name with a random value, and at last by being a value that was found elsewhere.
//!
//! A placeholder is a plain word, so that redacted text still parses as what it was, and means
//! nothing: numbers are given in order of appearance. The same value has the same placeholder in
//! all texts of a run, and [`restore`] gives back the same bytes.
//!
//! Nothing here reads a file or reaches a network.

mod find;
mod identity;
mod ini;
mod keyed;
mod kind;
pub mod map;
mod mark;
mod name;
mod nginx;
mod place;
mod restore;
mod stream;
mod sweep;
mod tables;
mod text;
mod value;
mod why;

use std::borrow::Cow;

pub use find::{Class, Detector, Named, hidden, secrets_of};
pub use kind::Kind;
pub use map::{Entry, Map};
pub use mark::{mark, masked_line, masked_text};
pub use restore::{Restored, Slip, SlipKind, compare, restore};
pub use stream::Stream;
pub use why::{FINDERS, Layer, Why};

/// A text to redact.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// Its path or name: it helps to tell what kind of text it is.
    pub path: &'a [u8],
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What is wanted besides hiding secrets.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Hide who and where, too: hosts, addresses, e-mail, accounts, users, home directories.
    pub identity: bool,
    /// The text is to leave the machine: rather too much than too little. A value that was hidden
    /// once is hidden wherever it stands, also where it may be an ordinary word.
    pub sending: bool,
    /// Values that are shown all the same, because the user said so.
    pub reveal: &'a [Vec<u8>],
    /// Values that are known to be secret, such as those of a log that is read as a stream.
    pub known: &'a [Vec<u8>],
    /// Finders of the user's own.
    pub detectors: &'a [&'a dyn Detector],
}

/// One thing that was hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the text.
    pub text: usize,
    /// Offset of its first byte in the original.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// The name of what found it, kebab-case.
    pub rule: Cow<'static, str>,
    /// Where in the order of finders that is.
    pub layer: Layer,
    /// Why it is hidden, in words.
    pub reason: Cow<'static, str>,
    /// What stands for it now.
    pub placeholder: String,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Redacted {
    /// The texts, in their order.
    pub texts: Vec<Vec<u8>>,
    /// What was hidden, by text and place.
    pub found: Vec<Found>,
    /// The way back. It holds every secret: it must not leave the machine.
    pub map: Map,
}

/// Hides the secrets of some texts that belong together.
pub fn redact(texts: &[Text<'_>], options: &Options<'_>) -> Redacted {
    let stems = place::Stems::free(texts, options.identity);
    let mut names = place::Names::new(stems);
    let hits = find::all(texts, options);
    let mut out = Redacted::default();
    for (index, (text, hits)) in texts.iter().zip(hits).enumerate() {
        let mut bytes = Vec::with_capacity(text.bytes.len());
        let mut at = 0;
        for hit in hits {
            let value = &text.bytes[hit.start..hit.end];
            let placeholder = names.of(&hit, value);
            bytes.extend_from_slice(&text.bytes[at..hit.start]);
            bytes.extend_from_slice(placeholder.as_bytes());
            at = hit.end;
            out.found.push(Found {
                text: index,
                start: hit.start,
                end: hit.end,
                rule: hit.rule,
                layer: hit.layer,
                reason: hit.reason,
                placeholder,
            });
        }
        bytes.extend_from_slice(&text.bytes[at..]);
        names.end_of_text(text.path);
        out.texts.push(bytes);
    }
    out.map = names.into_map();
    out
}
