//! Placeholders: words of `A`–`Z`, `0`–`9` and `_` that need no quotes in nginx, PHP-FPM, php.ini,
//! YAML or a shell, and that say nothing about what they stand for.

use base::SortedMap;

use crate::Text;
use crate::find::{Class, Hit};
use crate::identity::Namer;
use crate::map::{Entry, Map, Uses};

/// What stand-ins are made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stems {
    /// What placeholders of secrets begin with.
    pub(crate) secret: String,
    /// What those of names begin with.
    pub(crate) name: String,
    /// The domain of those of hosts.
    pub(crate) domain: String,
    /// What those of accounts begin with.
    pub(crate) account: String,
}

impl Stems {
    /// The usual ones. A stream cannot know what is still to come, so it always takes these.
    pub(crate) fn usual() -> Self {
        Self::free(&[], true)
    }

    /// Stems that are in none of the texts: whatever has one afterwards is ours.
    pub(crate) fn free(texts: &[Text<'_>], identity: bool) -> Self {
        let free = |make: &dyn Fn(&str) -> String| {
            let is_free = |stem: &String| {
                !texts
                    .iter()
                    .any(|text| contains(text.bytes, stem.as_bytes()))
            };
            let numbers = (2..10_000).map(|n: u32| n.to_string());
            let mut all = std::iter::once(String::new())
                .chain(numbers)
                .map(|n| make(&n));
            // Nobody has ten thousand of them.
            all.find(is_free).unwrap_or_else(|| make(""))
        };
        Self {
            secret: free(&|n| format!("BGSECRET{n}_")),
            ..match identity {
                false => Self::default(),
                true => Self {
                    secret: String::new(),
                    name: free(&|n| format!("bgname{n}")),
                    domain: free(&|n| format!("example{n}.invalid")),
                    account: free(&|n| format!("9{n:0>7}")),
                },
            }
        }
    }
}

pub(crate) fn contains(text: &[u8], needle: &[u8]) -> bool {
    find(text, needle).is_some()
}

/// Where `needle` begins first.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, needle)
}

/// The word for a number: three digits, and from 1,000 on `M` and six. No word begins another, so
/// digits that happen to follow a placeholder are never taken for a part of it.
pub(crate) fn word(prefix: &str, number: usize) -> String {
    match number {
        0..=999 => format!("{prefix}{number:03}"),
        _ => format!("{prefix}M{number:06}"),
    }
}

/// How many bytes behind the prefix belong to a placeholder; `None` when it is none.
pub(crate) fn digits(behind: &[u8]) -> Option<usize> {
    let all_digits = |range: std::ops::Range<usize>| {
        behind
            .get(range.clone())
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .map(|_| range.end)
    };
    match behind.first()? {
        b'M' => all_digits(1..7),
        _ => all_digits(0..3),
    }
}

/// Hands out placeholders and remembers what they stand for.
#[derive(Debug)]
pub(crate) struct Names {
    map: Map,
    by_value: SortedMap<(Class, Vec<u8>), usize>,
    secrets: usize,
    namer: Namer,
    uses: SortedMap<usize, usize>,
}

impl Names {
    pub(crate) fn new(stems: Stems) -> Self {
        Self {
            map: Map {
                prefix: stems.secret,
                name_prefix: stems.name,
                domain: stems.domain,
                account_prefix: stems.account,
                ..Map::default()
            },
            by_value: SortedMap::new(),
            secrets: 0,
            namer: Namer::default(),
            uses: SortedMap::new(),
        }
    }

    /// Goes on where a map ends.
    pub(crate) fn continuing(map: Map) -> Self {
        let by_value = map.entries.iter().enumerate();
        let by_value = by_value.map(|(index, entry)| ((entry.class, entry.value.clone()), index));
        let secrets = map
            .entries
            .iter()
            .filter(|entry| entry.class == Class::Secret);
        Self {
            by_value: by_value.collect(),
            secrets: secrets.count(),
            namer: Namer::continuing(&map),
            uses: SortedMap::new(),
            map,
        }
    }

    /// The placeholder of a value: a new one, or the one that it has already.
    pub(crate) fn of(&mut self, hit: &Hit, value: &[u8]) -> String {
        let key = (hit.class, value.to_vec());
        let index = match self.by_value.get(&key) {
            Some(index) => *index,
            None => {
                let placeholder = match hit.class {
                    Class::Secret => {
                        self.secrets += 1;
                        word(&self.map.prefix, self.secrets)
                    }
                    class => self.namer.name(class, value, &self.map),
                };
                self.map.entries.push(Entry {
                    placeholder,
                    value: value.to_vec(),
                    class: hit.class,
                    rule: hit.rule.clone().into_owned(),
                });
                self.by_value.insert(key, self.map.entries.len() - 1);
                self.map.entries.len() - 1
            }
        };
        *self.uses.entry(index).or_default() += 1;
        self.map.entries[index].placeholder.clone()
    }

    /// Notes how often each placeholder stands in the text that ends here.
    pub(crate) fn end_of_text(&mut self, path: &[u8]) {
        let entries = &self.map.entries;
        let counts = std::mem::take(&mut self.uses).into_iter();
        let counts = counts.map(|(index, count)| (entries[index].placeholder.clone(), count));
        self.map.uses.push(Uses {
            path: path.to_vec(),
            counts: counts.collect(),
        });
    }

    pub(crate) fn into_map(self) -> Map {
        self.map
    }

    pub(crate) fn map(&self) -> &Map {
        &self.map
    }
}
