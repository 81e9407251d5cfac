//! The words of an event, kept once for all events that share them.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;
use logs::Event;
use serde::{Deserialize, Serialize};

use super::level::Level;

/// Everything about an event that is text. Printable, and masked in a sealed state.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Words<'w> {
    /// The virtual host.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub server: Cow<'w, str>,
    /// `fastcgi`, `http`, …
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scheme: Cow<'w, str>,
    /// The upstream's address.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub upstream: Cow<'w, str>,
    /// The FPM pool.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub pool: Cow<'w, str>,
    /// The client's address.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub client: Cow<'w, str>,
    /// `GET`, …
    #[serde(skip_serializing_if = "str::is_empty")]
    pub method: Cow<'w, str>,
    /// Path of the request.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub path: Cow<'w, str>,
    /// Its query string.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub query: Cow<'w, str>,
    /// The script's file.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub script: Cow<'w, str>,
    /// What the signal says.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub detail: Cow<'w, str>,
}

impl<'w> Words<'w> {
    /// The words of an event, printable.
    pub fn of(event: &Event<'w>) -> Words<'w> {
        Words {
            server: printable(event.server),
            scheme: printable(event.scheme),
            upstream: printable(event.upstream),
            pool: printable(event.pool),
            client: printable(event.client),
            method: printable(event.method),
            path: printable(event.path),
            query: printable(event.query),
            script: printable(event.script),
            detail: printable(event.detail),
        }
    }

    /// `GET /x.php?y=1`, as far as known.
    pub fn request(&self) -> String {
        let mut text = String::new();
        if !self.method.is_empty() {
            text.push_str(&self.method);
            text.push(' ');
        }
        text.push_str(&self.path);
        if !self.query.is_empty() {
            text.push('?');
            text.push_str(&self.query);
        }
        text
    }

    /// The same words, fit to be shown whoever wrote them.
    pub fn cleaned(mut self) -> Words<'static> {
        for text in [
            &mut self.server,
            &mut self.scheme,
            &mut self.upstream,
            &mut self.pool,
            &mut self.client,
            &mut self.method,
            &mut self.path,
            &mut self.query,
            &mut self.script,
            &mut self.detail,
        ] {
            *text = Cow::Owned(base::source::printable(text.as_bytes()));
        }
        self.into_owned()
    }

    fn into_owned(self) -> Words<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Words {
            server: own(self.server),
            scheme: own(self.scheme),
            upstream: own(self.upstream),
            pool: own(self.pool),
            client: own(self.client),
            method: own(self.method),
            path: own(self.path),
            query: own(self.query),
            script: own(self.script),
            detail: own(self.detail),
        }
    }

    /// Covers secrets in the parts that can hold one.
    pub fn mask(&mut self) {
        for text in [&mut self.path, &mut self.query, &mut self.detail] {
            // Every secret stands behind a name and one of these.
            let may_hide = text.bytes().any(|b| matches!(b, b'=' | b':' | b'@' | b' '));
            if may_hide {
                *text = Cow::Owned(redact::masked_text(text));
            }
        }
    }
}

/// Text that terminals, browsers and JSON can hold.
fn printable(text: &[u8]) -> Cow<'_, str> {
    let plain = text.iter().all(|b| matches!(b, b' '..=b'~'));
    match std::str::from_utf8(text) {
        Ok(text) if plain => Cow::Borrowed(text),
        _ => Cow::Owned(base::source::printable(text)),
    }
}

/// How many hashes of words are remembered.
const MOST_MET: usize = 1 << 15;

/// All words met, each with a number.
#[derive(Clone, Debug, Default)]
pub struct Contexts {
    all: Vec<Words<'static>>,
    numbers: hashbrown::HashTable<u32>,
    /// Numbers by the hash of the bytes that a level keeps of an event: most events repeat the
    /// words of another one, and then nothing has to be copied, masked or compared. Beside the
    /// hash of 64 bits stand the lengths of all words: that two events share both by chance does
    /// not happen.
    met: hashbrown::HashMap<(u64, u64), u32>,
    hasher: DefaultHashBuilder,
}

impl Contexts {
    /// The number of an event's words, as a level remembers them.
    pub fn of(&mut self, event: &Event<'_>, level: Level) -> u32 {
        let [mut path, mut script, mut detail] = [const { Vec::new() }; 3];
        let kept = level.keep(event, [&mut path, &mut script, &mut detail]);
        let parts = [
            kept.server,
            kept.scheme,
            kept.upstream,
            kept.pool,
            kept.client,
            kept.method,
            kept.path,
            kept.query,
            kept.script,
            kept.detail,
        ];
        let mut hasher = self.hasher.build_hasher();
        let mut lengths = u64::from(level.0);
        for part in parts {
            hasher.write(part);
            lengths = lengths.wrapping_mul(1021).wrapping_add(part.len() as u64);
        }
        hasher.write_u64(lengths);
        let hash = (hasher.finish(), lengths);
        if let Some(&known) = self.met.get(&hash) {
            return known;
        }
        let mut words = Words::of(&kept);
        level.forget(&mut words);
        let number = self.intern(words);
        if self.met.len() >= MOST_MET {
            self.met.clear();
        }
        self.met.insert(hash, number);
        number
    }

    /// The number of words that may be known already.
    pub fn intern_ref(&mut self, words: &Words<'static>) -> u32 {
        let hash = self.hasher.hash_one(words);
        match self
            .numbers
            .find(hash, |&at| self.all[at as usize] == *words)
        {
            Some(&at) => at,
            None => self.intern(words.clone()),
        }
    }

    /// The number of these words.
    pub fn intern(&mut self, words: Words<'_>) -> u32 {
        let hash = self.hasher.hash_one(&words);
        let found = self
            .numbers
            .find(hash, |&at| self.all[at as usize] == words);
        if let Some(&at) = found {
            return at;
        }
        let at = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(words.into_owned());
        let (all, hasher) = (&self.all, &self.hasher);
        self.numbers
            .insert_unique(hash, at, |&at| hasher.hash_one(&all[at as usize]));
        at
    }

    /// The words of a number.
    pub fn get(&self, at: u32) -> &Words<'static> {
        &self.all[at as usize]
    }

    /// Lets go of all.
    pub fn clear(&mut self) {
        self.all.clear();
        self.numbers.clear();
        self.met.clear();
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }
}
