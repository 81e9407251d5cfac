//! All finders in their order, over all texts of a run.

use base::SortedMap;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::kind::Kind;
use crate::sweep::{self, Sweep};
use crate::text::{self, Manner};
use crate::why::{self, Layer, Why};
use crate::{Options, Text, identity, ini, keyed, nginx};

/// What a hidden value is, which decides what stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A secret.
    Secret,
    /// The name of a host.
    Host,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An e-mail address.
    Mail,
    /// The number of a cloud account.
    Account,
    /// The name of a resource or a user.
    Name,
}

impl Class {
    const WORDS: [(Class, &'static str); 7] = [
        (Class::Secret, "secret"),
        (Class::Host, "host"),
        (Class::Ipv4, "ipv4"),
        (Class::Ipv6, "ipv6"),
        (Class::Mail, "e-mail"),
        (Class::Account, "account"),
        (Class::Name, "name"),
    ];

    /// The word for outputs.
    pub fn word(self) -> &'static str {
        let mut words = Class::WORDS.iter();
        words
            .find(|(class, _)| *class == self)
            .map_or("", |(_, word)| word)
    }

    /// The class of a word.
    pub fn from_word(word: &str) -> Option<Class> {
        let mut words = Class::WORDS.iter();
        words
            .find(|(_, known)| *known == word)
            .map(|(class, _)| *class)
    }
}

/// A finder of the user's own.
pub trait Detector: Sync {
    /// Adds what it finds in a text.
    fn find(&self, text: Text<'_>, out: &mut Vec<Named>);
}

/// What a [`Detector`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The place.
    pub range: Range<usize>,
    /// The id of the rule.
    pub rule: Arc<str>,
    /// What the rule says of itself.
    pub reason: Arc<str>,
}

/// A place that is to be hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: Cow<'static, str>,
    pub(crate) layer: Layer,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) class: Class,
}

impl Hit {
    /// A secret.
    pub(crate) fn secret(range: Range<usize>, why: &'static Why) -> Self {
        Self::new(range, why, Class::Secret)
    }

    pub(crate) fn new(range: Range<usize>, why: &'static Why, class: Class) -> Self {
        Self {
            start: range.start,
            end: range.end,
            rule: Cow::Borrowed(why.id),
            layer: why.layer,
            reason: Cow::Borrowed(why.reason),
            class,
        }
    }

    pub(crate) fn named(named: &Named) -> Self {
        Self {
            start: named.range.start,
            end: named.range.end,
            rule: Cow::Owned(named.rule.to_string()),
            layer: Layer::User,
            reason: Cow::Owned(named.reason.to_string()),
            class: Class::Secret,
        }
    }
}

/// What is to be hidden in each text, by place, without overlaps.
pub(crate) fn all(texts: &[Text<'_>], options: &Options<'_>) -> Vec<Vec<Hit>> {
    let mut hits: Vec<Vec<Hit>> = texts.iter().map(|text| secrets(*text, options)).collect();
    let is_shown = |value: &[u8]| options.reveal.iter().any(|shown| shown == value);
    let mut values: Vec<&[u8]> = options.known.iter().map(Vec::as_slice).collect();
    for (text, hits) in texts.iter().zip(&mut hits) {
        hits.retain(|hit| !is_shown(&text.bytes[hit.start..hit.end]));
        values.extend(hits.iter().map(|hit| &text.bytes[hit.start..hit.end]));
    }
    let sweep = Sweep::new(values.into_iter(), options.sending);
    for (text, hits) in texts.iter().zip(&mut hits) {
        let mut more = swept(text.bytes, &sweep);
        more.retain(|hit| !is_shown(&text.bytes[hit.start..hit.end]));
        let mut every = std::mem::take(hits);
        every.append(&mut more);
        *hits = settled(text.bytes, every);
        if options.identity {
            with_identity(text.bytes, hits);
            hits.retain(|hit| !is_shown(&text.bytes[hit.start..hit.end]));
        }
    }
    hits
}

/// What a text itself says is secret, by place, without overlaps.
pub(crate) fn secrets(text: Text<'_>, options: &Options<'_>) -> Vec<Hit> {
    let mut out = Vec::new();
    let bytes = text.bytes;
    match Kind::of(text.path, bytes) {
        Kind::Nginx => nginx::find(bytes, &mut out),
        Kind::Ini => ini::find(bytes, &mut out),
        Kind::Keyed => keyed::find(text.path, bytes, &mut out),
        Kind::Logins => keyed::logins(bytes, &mut out),
        kind @ (Kind::Log | Kind::Plain) => {
            text::find(bytes, 0..bytes.len(), Manner::Plain, &mut out);
            let lines = match kind {
                Kind::Log => text::prose::Lines::Logged,
                _ => text::prose::Lines::All,
            };
            text::notes(bytes, lines, &mut out);
            if kind == Kind::Plain {
                keyed::login_lines(bytes, &mut out);
            }
        }
    }
    let mut named = Vec::new();
    for detector in options.detectors {
        detector.find(text, &mut named);
    }
    let is_inside =
        |named: &&Named| named.range.start < named.range.end && named.range.end <= bytes.len();
    out.extend(named.iter().filter(is_inside).map(Hit::named));
    settled(bytes, out)
}

/// Values that were found elsewhere.
pub(crate) fn swept(text: &[u8], sweep: &Sweep<'_>) -> Vec<Hit> {
    let hit = |found: sweep::Found| {
        let why = match found.is_encoded {
            true => &why::ENCODED,
            false => &why::SEEN,
        };
        Hit::secret(found.start..found.end, why)
    };
    sweep.find(text).into_iter().map(hit).collect()
}

/// Adds who and where, as far as no secret stands there.
pub(crate) fn with_identity(text: &[u8], hits: &mut Vec<Hit>) {
    let mut more = Vec::new();
    let mut from = 0;
    for hit in hits.iter() {
        identity::find(text, from..hit.start, &mut more);
        from = hit.end;
    }
    identity::find(text, from..text.len(), &mut more);
    identity::users(text, &mut more);
    more.sort_by_key(|hit| hit.start);
    let mut end = 0;
    more.retain(|hit| {
        // What touches a placeholder, or follows one behind signs alone, would be read otherwise
        // with it than with the secret.
        let signs = text[..hit.start]
            .iter()
            .rev()
            .take_while(|b| b"._-/:".contains(b))
            .count();
        let next = hits.partition_point(|known| known.end < hit.start - signs);
        let is_free = hits.get(next).is_none_or(|known| hit.end < known.start) && end <= hit.start;
        if is_free {
            end = hit.end;
        }
        is_free
    });
    hits.append(&mut more);
    hits.sort_by_key(|hit| hit.start);
}

/// Sorted and without overlaps. Where two overlap, the earlier layer keeps its place and of the
/// other what is left of it: nothing that anybody wanted hidden may be seen.
pub(crate) fn settled(bytes: &[u8], mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.retain(|hit| hit.start < hit.end);
    hits.sort_by_key(|hit| (hit.layer, hit.start, std::cmp::Reverse(hit.end)));
    let mut taken: SortedMap<usize, Hit> = SortedMap::new();
    for hit in hits.into_iter().flat_map(|hit| in_lines(bytes, hit)) {
        for free in free(&taken, hit.start..hit.end) {
            let part = Hit {
                start: free.start,
                end: free.end,
                ..hit.clone()
            };
            taken.insert(free.start, part);
        }
    }
    let mut out: Vec<Hit> = taken.into_values().collect();
    // Several finders may share one long value.
    let mut begin = 0;
    for at in 0..out.len() {
        let next = out.get(at + 1).map_or(bytes.len(), |hit| hit.start);
        if at == 0 || out[at - 1].end < out[at].start {
            begin = out[at].start;
        }
        let hit = &mut out[at];
        if hit.end - begin >= text::LONGEST - 1 {
            hit.end += text::rest_of_word(&bytes[hit.end..next]);
        }
    }
    out
}

/// Each line on its own: lines keep their numbers and ends.
fn in_lines(bytes: &[u8], hit: Hit) -> Vec<Hit> {
    let text = &bytes[hit.start..hit.end];
    if !text.contains(&b'\n') {
        return vec![hit];
    }
    let mut out = Vec::new();
    let mut at = hit.start;
    for line in text.split_inclusive(|b| *b == b'\n') {
        let body = line.trim_ascii();
        let blanks = line.len() - line.trim_ascii_start().len();
        if !body.is_empty() {
            out.push(Hit {
                start: at + blanks,
                end: at + blanks + body.len(),
                ..hit.clone()
            });
        }
        at += line.len();
    }
    out
}

/// The parts of a range that no hit has taken.
fn free(taken: &SortedMap<usize, Hit>, range: Range<usize>) -> Vec<Range<usize>> {
    let mut from = range.start;
    if let Some((_, before)) = taken.range(..=from).next_back() {
        from = from.max(before.end);
    }
    if from >= range.end {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (start, hit) in taken.range(from..range.end) {
        if from < *start {
            out.push(from..*start);
        }
        from = hit.end;
    }
    if from < range.end {
        out.push(from..range.end);
    }
    out
}

/// Byte ranges of the secrets of a text, for covering it.
pub fn secrets_of(path: &[u8], bytes: &[u8]) -> Vec<(u32, u32)> {
    let hits = secrets(Text { path, bytes }, &Options::default());
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    hits.into_iter()
        .map(|hit| (number(hit.start), number(hit.end)))
        .collect()
}

/// The same for a line of a log or a message.
pub fn hidden(text: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    text::find(text, 0..text.len(), Manner::Plain, &mut out);
    settled(text, out)
        .into_iter()
        .map(|hit| hit.start..hit.end)
        .collect()
}
