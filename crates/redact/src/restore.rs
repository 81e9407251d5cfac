//! From placeholders back to values, also in a text that was edited in between.
//!
//! Nothing is guessed: a placeholder that is not in the map stays as it is and is reported.

use crate::identity;
use crate::map::Map;
use crate::place::digits;
use base::SortedMap;

/// A text with its values back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The text.
    pub bytes: Vec<u8>,
    /// How often each placeholder stood in it.
    pub counts: SortedMap<String, usize>,
    /// Placeholders that are not as they should be, by place.
    pub slips: Vec<Slip>,
}

/// Something wrong with a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What is wrong.
    pub kind: SlipKind,
    /// The placeholder, or what stands where one may have been.
    pub placeholder: String,
    /// Offset in the edited text; `None` for what is not there.
    pub at: Option<usize>,
}

/// What can be wrong with a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlipKind {
    /// It has the form of a placeholder, and none was handed out under this name.
    Invented,
    /// It resembles a placeholder and is none.
    Altered,
    /// It stood in the text that was handed out, and stands nowhere now.
    Lost,
    /// It stands more often than in the text that was handed out.
    Duplicated,
}

impl SlipKind {
    /// The word for outputs.
    pub fn word(self) -> &'static str {
        match self {
            SlipKind::Invented => "invented",
            SlipKind::Altered => "altered",
            SlipKind::Lost => "lost",
            SlipKind::Duplicated => "duplicated",
        }
    }
}

/// Puts the values back. Placeholders that are unknown or altered are in the slips; whether some
/// are lost or doubled, [`compare`] says.
pub fn restore(text: &[u8], map: &Map) -> Restored {
    let mut out = Restored::default();
    let values: SortedMap<&str, &[u8]> = map
        .entries
        .iter()
        .map(|entry| (entry.placeholder.as_str(), entry.value.as_slice()))
        .collect();
    let tokens = identity::Tokens::new(map);
    let prefix = map.prefix.as_bytes();
    let mut at = 0;
    let mut copied = 0;
    while at < text.len() {
        let len = match is_placeholder(text, at, prefix) {
            Some(len) => len,
            None => match tokens.at(text, at) {
                Some(len) => len,
                None => {
                    at += step(text, at, prefix, &mut out.slips);
                    continue;
                }
            },
        };
        let word = String::from_utf8_lossy(&text[at..at + len]).into_owned();
        match values.get(word.as_str()) {
            Some(value) => {
                out.bytes.extend_from_slice(&text[copied..at]);
                out.bytes.extend_from_slice(value);
                copied = at + len;
                *out.counts.entry(word).or_default() += 1;
            }
            None => out.slips.push(Slip {
                kind: SlipKind::Invented,
                placeholder: word,
                at: Some(at),
            }),
        }
        at += len;
    }
    out.bytes.extend_from_slice(&text[copied..]);
    out
}

/// Placeholders that a text should have and has not, and those that it has too often, against
/// what was handed out under this path, or as the only text of the map. Of any other text only
/// those that stand more often than in all texts together are told.
pub fn compare(path: &[u8], restored: &Restored, map: &Map) -> Vec<Slip> {
    let named = map.uses.iter().find(|uses| uses.path == path);
    let known = match map.uses.as_slice() {
        [only] => Some(only),
        _ => named,
    };
    let slip = |kind, placeholder: &str| Slip {
        kind,
        placeholder: placeholder.to_owned(),
        at: None,
    };
    let mut expected: SortedMap<&str, usize> = SortedMap::new();
    let all = map
        .uses
        .iter()
        .filter(|uses| known.is_none_or(|known| std::ptr::eq(*uses, known)));
    for (placeholder, count) in all.flat_map(|uses| &uses.counts) {
        *expected.entry(placeholder).or_default() += count;
    }
    let is_lost = |name: &&&str| known.is_some() && !restored.counts.contains_key(**name);
    let lost = expected
        .keys()
        .filter(is_lost)
        .map(|name| slip(SlipKind::Lost, name));
    let is_doubled = |(name, count): &(&String, &usize)| {
        expected
            .get(name.as_str())
            .is_none_or(|expected| *count > expected)
    };
    let doubled = restored.counts.iter().filter(is_doubled);
    let doubled = doubled.map(|(name, _)| slip(SlipKind::Duplicated, name));
    lost.chain(doubled).collect()
}

/// The length of a placeholder of a secret that begins here.
fn is_placeholder(text: &[u8], at: usize, prefix: &[u8]) -> Option<usize> {
    let behind = text[at..].strip_prefix(prefix)?;
    Some(prefix.len() + digits(behind)?)
}

/// How far to go on from a byte where no placeholder begins. A whole word is looked at once: if it
/// resembles a placeholder, somebody may have changed one.
fn step(text: &[u8], at: usize, prefix: &[u8], slips: &mut Vec<Slip>) -> usize {
    let begins = at == 0 || !is_word(text[at - 1]);
    if !begins || prefix.is_empty() || !text[at].is_ascii_alphabetic() {
        return 1;
    }
    let len = text[at..].iter().take_while(|b| is_word(**b)).count();
    let word = &text[at..at + len];
    let holds_one = (1..len).any(|from| is_placeholder(text, at + from, prefix).is_some());
    if !holds_one && resembles(word, prefix) {
        slips.push(Slip {
            kind: SlipKind::Altered,
            placeholder: String::from_utf8_lossy(word).into_owned(),
            at: Some(at),
        });
        return len;
    }
    1
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Letters of the prefix with at most two changes, and digits behind them: `bgsecret_1`,
/// `BG-SECRET-001`, `BGSECRT_001`.
fn resembles(word: &[u8], prefix: &[u8]) -> bool {
    if word.len() > prefix.len() + 12 || word.len() + 3 < prefix.len() {
        return false;
    }
    let letters = |word: &[u8]| -> Vec<u8> {
        let letters = word.iter().filter(|b| b.is_ascii_alphabetic());
        letters.map(u8::to_ascii_uppercase).collect()
    };
    let has_digits = word.iter().any(u8::is_ascii_digit);
    let begins = word.first().map(u8::to_ascii_uppercase) == prefix.first().copied();
    begins && has_digits && distance(&letters(word), &letters(prefix)) <= 2
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
