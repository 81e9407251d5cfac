//! The way back: which placeholder stands for which value.
//!
//! A map holds every secret that was hidden. It stays in memory, or in a file that only its owner
//! may read; it has no part that could be sent somewhere.

use std::collections::BTreeMap;

use base::base64;
use serde::{Deserialize, Serialize};

use crate::find::Class;
use crate::sweep;

/// Grows when an older program would misread the file.
const VERSION: u32 = 1;

/// What placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// What the placeholders of secrets begin with.
    pub prefix: String,
    /// What the stand-ins of names begin with; in none of the texts.
    pub name_prefix: String,
    /// The domain of the stand-ins of hosts; in none of the texts.
    pub domain: String,
    /// What the stand-ins of account numbers begin with; in none of the texts.
    pub account_prefix: String,
    /// In order of appearance.
    pub entries: Vec<Entry>,
    /// How often each placeholder stands in each text.
    pub uses: Vec<Uses>,
}

/// One value.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The word that stands for it.
    pub placeholder: String,
    /// The bytes.
    pub value: Vec<u8>,
    /// What kind of value it is.
    pub class: Class,
    /// What found it first.
    pub rule: String,
}

/// A secret must not get into a log by way of `{:?}`.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.placeholder, self.value.len())
    }
}

/// How often placeholders stand in one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// The path or name of the text.
    pub path: Vec<u8>,
    /// Placeholder and count.
    pub counts: BTreeMap<String, usize>,
}

/// A value of the map that stands in a text that was to be free of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Offset of its first byte.
    pub start: usize,
    /// Its placeholder.
    pub placeholder: String,
}

impl Map {
    /// The entry of a placeholder.
    pub fn get(&self, placeholder: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.placeholder == placeholder)
    }

    /// The last look before anything is sent: values that stand in the text, as they are, in
    /// base64, or with percent signs. Values of fewer than five bytes, and names in small
    /// letters, cannot be told from ordinary words and are not looked for.
    pub fn leaks(&self, text: &[u8]) -> Vec<Leak> {
        let values = self.entries.iter().map(|entry| entry.value.as_slice());
        let found = sweep::Sweep::new(values, true).find(text);
        let leak = |found: sweep::Found| Leak {
            start: found.start,
            placeholder: self.entries[found.value].placeholder.clone(),
        };
        found.into_iter().map(leak).collect()
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: strings and numbers are always JSON.
    pub fn to_json(&self) -> String {
        let document = Document {
            badgateway_map: VERSION,
            prefix: self.prefix.clone(),
            name_prefix: self.name_prefix.clone(),
            domain: self.domain.clone(),
            account_prefix: self.account_prefix.clone(),
            entries: self.entries.iter().map(EntryJson::from).collect(),
            texts: self.uses.iter().map(UsesJson::from).collect(),
        };
        let text = serde_json::to_string_pretty(&document);
        text.expect("strings and numbers are always JSON") + "\n"
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it, for people. Never quotes the text.
    pub fn from_json(text: &[u8]) -> Result<Map, String> {
        let document: Document = serde_json::from_slice(text)
            .map_err(|error| format!("this is no map of placeholders: line {}", error.line()))?;
        if document.badgateway_map != VERSION {
            let version = document.badgateway_map;
            return Err(format!(
                "the map is of version {version}, this program knows {VERSION}"
            ));
        }
        let entries = document.entries.into_iter().map(Entry::try_from);
        Ok(Map {
            prefix: document.prefix,
            name_prefix: document.name_prefix,
            domain: document.domain,
            account_prefix: document.account_prefix,
            entries: entries.collect::<Result<_, _>>()?,
            uses: document.texts.into_iter().map(Uses::from).collect(),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    badgateway_map: u32,
    prefix: String,
    #[serde(default)]
    name_prefix: String,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    account_prefix: String,
    entries: Vec<EntryJson>,
    #[serde(default)]
    texts: Vec<UsesJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryJson {
    placeholder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    class: String,
    rule: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsesJson {
    path: String,
    counts: BTreeMap<String, usize>,
}

impl From<&Entry> for EntryJson {
    fn from(entry: &Entry) -> Self {
        let text = std::str::from_utf8(&entry.value).ok().map(str::to_owned);
        Self {
            placeholder: entry.placeholder.clone(),
            base64: text.is_none().then(|| base64::encode(&entry.value)),
            value: text,
            class: entry.class.word().to_owned(),
            rule: entry.rule.clone(),
        }
    }
}

impl TryFrom<EntryJson> for Entry {
    type Error = String;

    fn try_from(json: EntryJson) -> Result<Self, String> {
        let broken = |what: &str| format!("the entry of `{}` has no {what}", json.placeholder);
        let value = match (&json.value, &json.base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => {
                base64::decode(text.as_bytes()).ok_or_else(|| broken("readable value"))?
            }
            _ => return Err(broken("value")),
        };
        let class = Class::from_word(&json.class).ok_or_else(|| broken("known class"))?;
        Ok(Self {
            placeholder: json.placeholder,
            value,
            class,
            rule: json.rule,
        })
    }
}

impl From<&Uses> for UsesJson {
    fn from(uses: &Uses) -> Self {
        Self {
            path: String::from_utf8_lossy(&uses.path).into_owned(),
            counts: uses.counts.clone(),
        }
    }
}

impl From<UsesJson> for Uses {
    fn from(json: UsesJson) -> Self {
        Self {
            path: json.path.into_bytes(),
            counts: json.counts,
        }
    }
}
