//! The way back: which placeholder stands for which value.
//!
//! A map holds every secret that was hidden. It stays in memory, or in a file that only its owner
//! may read; it has no part that could be sent somewhere.

use std::borrow::Cow;

use base::json::{self, Fields, FromJson, Unfit, Value};
use base::{SortedMap, base64};
use serde::{Serialize, Serializer};

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
    pub counts: SortedMap<String, usize>,
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
    /// base64, or with percent signs. Values of fewer than five bytes, and those that repeat one
    /// byte, cannot be told from ordinary text and are not looked for.
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
            prefix: &self.prefix,
            name_prefix: &self.name_prefix,
            domain: &self.domain,
            account_prefix: &self.account_prefix,
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
        let value = json::read(text)
            .map_err(|broken| format!("this is no map of placeholders: line {}", broken.line))?;
        Map::from_value(value)
    }

    /// Takes what [`Map::to_json`] wrote, and somebody has read.
    ///
    /// # Errors
    /// What is wrong with it, for people. Never quotes a value.
    pub fn from_value(value: Value<'_>) -> Result<Map, String> {
        let is_none = |Unfit(why)| format!("this is no map of placeholders: {why}");
        let mut fields = Fields::from_json(value).map_err(is_none)?;
        let version: u32 = fields.take("badgateway_map").map_err(is_none)?;
        if version != VERSION {
            return Err(format!(
                "the map is of version {version}, this program knows {VERSION}"
            ));
        }
        let (mut map, entries) = read(fields).map_err(is_none)?;
        let entries = entries.into_iter().map(Entry::try_from);
        map.entries = entries.collect::<Result<_, _>>()?;
        Ok(map)
    }
}

/// All but the entries, which can be read and yet be none.
fn read(mut fields: Fields<'_>) -> Result<(Map, Vec<EntryJson<'_>>), Unfit> {
    let entries = fields.take("entries")?;
    let mut text = |name: &str| Ok(fields.take::<Option<String>>(name)?.unwrap_or_default());
    let map = Map {
        name_prefix: text("name_prefix")?,
        domain: text("domain")?,
        account_prefix: text("account_prefix")?,
        prefix: fields.take("prefix")?,
        entries: Vec::new(),
        uses: fields
            .take::<Option<Vec<Uses>>>("texts")?
            .unwrap_or_default(),
    };
    fields.end()?;
    Ok((map, entries))
}

#[derive(Serialize)]
struct Document<'m> {
    badgateway_map: u32,
    prefix: &'m str,
    name_prefix: &'m str,
    domain: &'m str,
    account_prefix: &'m str,
    entries: Vec<EntryJson<'m>>,
    texts: Vec<UsesJson<'m>>,
}

#[derive(Serialize)]
struct EntryJson<'m> {
    placeholder: Cow<'m, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'m, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Cow<'m, str>>,
    class: Cow<'m, str>,
    rule: Cow<'m, str>,
}

#[derive(Serialize)]
struct UsesJson<'m> {
    path: Cow<'m, str>,
    #[serde(serialize_with = "as_map")]
    counts: &'m SortedMap<String, usize>,
}

fn as_map<S: Serializer>(
    counts: &SortedMap<String, usize>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts)
}

impl<'m> From<&'m Entry> for EntryJson<'m> {
    fn from(entry: &'m Entry) -> Self {
        let text = std::str::from_utf8(&entry.value).ok();
        Self {
            placeholder: Cow::from(&entry.placeholder),
            base64: text.is_none().then(|| base64::encode(&entry.value).into()),
            value: text.map(Cow::from),
            class: Cow::from(entry.class.word()),
            rule: Cow::from(&entry.rule),
        }
    }
}

impl<'m> FromJson<'m> for EntryJson<'m> {
    fn from_json(value: Value<'m>) -> Result<Self, Unfit> {
        let mut fields = Fields::from_json(value)?;
        let entry = Self {
            placeholder: fields.take("placeholder")?,
            value: fields.take("value")?,
            base64: fields.take("base64")?,
            class: fields.take("class")?,
            rule: fields.take("rule")?,
        };
        fields.end()?;
        Ok(entry)
    }
}

impl TryFrom<EntryJson<'_>> for Entry {
    type Error = String;

    fn try_from(json: EntryJson<'_>) -> Result<Self, String> {
        let broken = |what: &str| format!("the entry of `{}` has no {what}", json.placeholder);
        let value = match (&json.value, &json.base64) {
            (Some(text), None) => text.as_bytes().to_owned(),
            (None, Some(text)) => {
                base64::decode(text.as_bytes()).ok_or_else(|| broken("readable value"))?
            }
            _ => return Err(broken("value")),
        };
        let class = Class::from_word(&json.class).ok_or_else(|| broken("known class"))?;
        Ok(Self {
            placeholder: json.placeholder.into_owned(),
            value,
            class,
            rule: json.rule.into_owned(),
        })
    }
}

impl<'m> From<&'m Uses> for UsesJson<'m> {
    fn from(uses: &'m Uses) -> Self {
        Self {
            path: String::from_utf8_lossy(&uses.path),
            counts: &uses.counts,
        }
    }
}

impl<'j> FromJson<'j> for Uses {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let mut fields = Fields::from_json(value)?;
        let uses = Self {
            path: fields.take::<String>("path")?.into_bytes(),
            counts: fields.take("counts")?,
        };
        fields.end()?;
        Ok(uses)
    }
}
