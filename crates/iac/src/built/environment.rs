//! `${NAME}` in the files of PHP: filled in when PHP starts, from the environment of the image.
//!
//! What the image does not set may be given when a container is started, so it stays what it is:
//! unknown.

use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{FilePath, Outer, OuterMap, SortedMap};
use image::ImageFiles;
use model::detect::{Kind, detect};
use model::{Files, ReadError};

/// The files of an image with its environment filled in.
pub(super) struct Filled {
    pub(super) image: Arc<ImageFiles>,
    pub(super) env: SortedMap<String, String>,
}

impl Filled {
    /// The text that PHP reads, and where its bytes stand; `None` where nothing is filled in.
    fn filled(&self, path: &FilePath, bytes: &[u8]) -> Option<(Vec<u8>, Vec<Piece>)> {
        if !bytes.windows(2).any(|two| two == b"${") {
            return None;
        }
        let kind = detect(path, bytes);
        let is_php = matches!(kind, Some(Kind::FpmMain | Kind::FpmPool | Kind::PhpIni));
        let (text, pieces) = is_php.then(|| fill(bytes, &self.env))?;
        (text != bytes).then_some((text, pieces))
    }
}

impl Files for Filled {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        let bytes = self.image.read(path)?;
        match self.filled(path, &bytes) {
            Some((text, _)) => Ok(text.into()),
            None => Ok(bytes),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        self.image.list(dir)
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        self.image.resolve(path)
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        self.image.shown(path)
    }

    fn outer(&self, path: &FilePath) -> Option<Outer> {
        let bytes = self.image.read(path).ok()?;
        let (_, pieces) = self.filled(path, &bytes)?;
        let code = Code {
            is_sealed: true,
            ..Code::default()
        };
        Some(Outer {
            path: self.image.shown(path)?,
            map: Arc::new(OuterMap::new(pieces, code)),
            bytes,
        })
    }
}

/// Fills in what the environment has, in values only.
fn fill(bytes: &[u8], env: &SortedMap<String, String>) -> (Vec<u8>, Vec<Piece>) {
    let (mut text, mut pieces) = (Vec::new(), Vec::new());
    let mut push = |text: &mut Vec<u8>, new: &[u8], outer: (usize, usize), is_same: bool| {
        let start = number(text.len());
        text.extend_from_slice(new);
        let (inner, outer) = (start..number(text.len()), number(outer.0)..number(outer.1));
        match is_same {
            _ if new.is_empty() => {}
            true => pieces.push(Piece::same(inner, outer)),
            false => pieces.push(Piece::other(inner, outer)),
        }
    };
    let mut literal = 0;
    for (at, len, value) in holes(bytes, env) {
        push(&mut text, &bytes[literal..at], (literal, at), true);
        push(&mut text, value.as_bytes(), (at, at + len), false);
        literal = at + len;
    }
    push(&mut text, &bytes[literal..], (literal, bytes.len()), true);
    (text, pieces)
}

/// Where something is filled in: the place, its length, and the value.
fn holes<'e>(bytes: &[u8], env: &'e SortedMap<String, String>) -> Vec<(usize, usize, &'e str)> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        let is_setting = !line.trim_ascii_start().starts_with(b";")
            && !line.trim_ascii_start().starts_with(b"[");
        let Some(equal) = line.iter().position(|b| *b == b'=').filter(|_| is_setting) else {
            continue;
        };
        let mut quote = None;
        let mut here = equal + 1;
        while here < line.len() {
            match (quote, line[here]) {
                (None, b';') => break,
                (None, b'\'' | b'"') => quote = Some(line[here]),
                (Some(open), byte) if open == byte => quote = None,
                (Some(b'\''), _) => {}
                (_, b'$') => {
                    if let Some((len, value)) = hole(&line[here..], env) {
                        out.push((start + here, len, value));
                        here += len;
                        continue;
                    }
                }
                _ => {}
            }
            here += 1;
        }
    }
    out
}

fn hole<'e>(bytes: &[u8], env: &'e SortedMap<String, String>) -> Option<(usize, &'e str)> {
    let rest = bytes.strip_prefix(b"${")?;
    let end = rest.iter().position(|b| *b == b'}')?;
    // Since PHP 8.3 a default may stand behind the name.
    let name = rest[..end].split(|b| *b == b':').next()?;
    let value = env.get(std::str::from_utf8(name).ok()?)?;
    // PHP puts the value in as it is, without reading it; what would be read otherwise stays.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/:,+@%*".contains(&b);
    (!value.is_empty() && value.bytes().all(is_plain)).then_some((end + 3, value.as_str()))
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::fill;
    use base::SortedMap;

    #[test]
    fn values_only_and_only_what_is_set() {
        let env: SortedMap<String, String> = [("T", "60s"), ("BAD", "a;b")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let before = "; ${T}\n[${T}]\na = ${T}\nb = \"x ${T}\" ; ${T}\nc = '${T}'\n\
                      d = ${NONE}${T:-5}\ne = ${BAD}\nf = ${T\n";
        let after = "; ${T}\n[${T}]\na = 60s\nb = \"x 60s\" ; ${T}\nc = '${T}'\n\
                     d = ${NONE}60s\ne = ${BAD}\nf = ${T\n";
        let (text, pieces) = fill(before.as_bytes(), &env);
        assert_eq!(String::from_utf8_lossy(&text), after);
        let inner: usize = pieces.iter().map(|piece| piece.inner.len()).sum();
        assert_eq!(inner, text.len());
    }
}
