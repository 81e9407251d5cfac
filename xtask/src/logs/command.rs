//! The words behind `cargo xtask logs`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::{Kind, ensure};

const USAGE: &str = "cargo xtask logs --dir DIR [--size 1G] [--seed N] [--kind error|access-json|access-full|access|fpm]";

/// `cargo xtask logs`.
///
/// # Errors
/// When a word is wrong or a file cannot be written.
pub(crate) fn logs(words: &[&str]) -> Result<()> {
    let mut dir = None;
    let mut size = 1 << 30;
    let mut seed = 1;
    let mut kinds = Kind::ALL.to_vec();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words
            .next()
            .with_context(|| format!("`{word}` without a value\n\n{USAGE}"))?;
        match *word {
            "--dir" => dir = Some(PathBuf::from(value)),
            "--size" => size = read_size(value)?,
            "--seed" => {
                seed = value
                    .parse()
                    .with_context(|| format!("`{value}` is no seed"))?
            }
            "--kind" => kinds = vec![read_kind(value)?],
            _ => bail!("`{word}` is unknown\n\n{USAGE}"),
        }
    }
    let dir = dir.with_context(|| format!("where to?\n\n{USAGE}"))?;
    for kind in kinds {
        let begin = Instant::now();
        let written = ensure(&dir, kind, seed, size)?;
        println!(
            "{}: {} lines, {} bytes, {:.1} s",
            written.path.display(),
            written.lines,
            written.bytes,
            begin.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

fn read_kind(word: &str) -> Result<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    found.with_context(|| format!("`{word}` is no kind of log\n\n{USAGE}"))
}

/// `64M`, `1G`, or bytes.
///
/// # Errors
/// When it is none of them, or nothing.
pub(crate) fn read_size(word: &str) -> Result<u64> {
    let (digits, shift) = match word.as_bytes().last() {
        Some(b'k' | b'K') => (&word[..word.len() - 1], 10),
        Some(b'm' | b'M') => (&word[..word.len() - 1], 20),
        Some(b'g' | b'G') => (&word[..word.len() - 1], 30),
        _ => (word, 0),
    };
    let number: u64 = digits
        .parse()
        .with_context(|| format!("`{word}` is no size"))?;
    match number.checked_mul(1 << shift) {
        Some(size) if size > 0 => Ok(size),
        _ => bail!("`{word}` is no size"),
    }
}
