//! Values of expressions.

use std::ops::Range;

use base::SortedMap;

use super::text::{Text, hole_text};

/// How deep lists and maps may lie in each other.
const DEEPEST: usize = 100;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(Text),
    /// A list, a tuple or a set.
    List(Vec<Value>),
    /// An object or a map.
    Map(SortedMap<String, Value>),
    /// Something that only Terraform knows, and not before it has run.
    Hole(Hole),
}

/// What is not known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hole {
    /// Its name, as it is written: `aws_instance.web.private_ip`.
    pub(super) name: String,
    /// The file and the place.
    pub(super) at: (usize, Range<u32>),
}

impl Value {
    /// The text of a text, number or boolean; a hole is text with its name in braces.
    pub(super) fn to_text(&self) -> Option<Text> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(Text::made(&shown_number(*number))),
            Value::Bool(value) => Some(Text::made(if *value { "true" } else { "false" })),
            Value::Hole(hole) => Some(hole.to_text()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The plain words of it, when all of them are known.
    pub(super) fn words(&self) -> Option<String> {
        let text = self.to_text()?;
        text.holes.is_empty().then_some(text.text)
    }

    /// A field of an object, or of the only object of a list, as blocks are.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(fields) => fields.get(name).filter(|value| **value != Value::Null),
            Value::List(items) if items.len() == 1 => items[0].get(name),
            _ => None,
        }
    }

    /// What it holds, when it holds several; else itself.
    pub(super) fn items(&self) -> Vec<&Value> {
        match self {
            Value::List(items) => items.iter().collect(),
            Value::Null => Vec::new(),
            value => vec![value],
        }
    }

    /// A number, also one that is written as a text.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Text(text) if text.holes.is_empty() => text.text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A boolean, also one that is written as a text.
    pub(super) fn is_true(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            Value::Text(text) => match text.text.as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The first thing in it that is not known.
    pub(super) fn hole(&self) -> Option<Hole> {
        match self {
            Value::Hole(hole) => Some(hole.clone()),
            Value::Text(text) => {
                let name = text.holes.first()?.clone();
                let at = text.place().unwrap_or((0, 0..0));
                Some(Hole { name, at })
            }
            Value::List(items) => items.iter().find_map(Value::hole),
            Value::Map(fields) => fields.values().find_map(Value::hole),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    /// How many bytes it takes, about; very many when lists lie in lists for too long.
    pub(super) fn size(&self) -> usize {
        self.size_at(0)
    }

    fn size_at(&self, depth: usize) -> usize {
        if depth > DEEPEST {
            return usize::MAX;
        }
        let all =
            |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(16_usize, usize::saturating_add);
        match self {
            Value::Text(text) => text.size(),
            Value::List(items) => all(&mut items.iter().map(|item| item.size_at(depth + 1))),
            Value::Map(fields) => {
                let each = fields.iter();
                all(&mut each
                    .map(|(key, value)| key.len().saturating_add(value.size_at(depth + 1))))
            }
            _ => 16,
        }
    }
}

impl Hole {
    /// Its name in braces.
    pub(super) fn to_text(&self) -> Text {
        let why = format!("`{}` is not known", self.name);
        let mut text = Text::stand_in(&hole_text(&self.name), self.at.clone(), why.into());
        text.holes.push(self.name.clone());
        text
    }
}

/// A number as Terraform writes it.
pub(super) fn shown_number(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => format!("{number:.0}"),
        false => format!("{number}"),
    }
}
