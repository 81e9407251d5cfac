//! The part of TOML that files of facts need: tables, lists of tables, strings, whole numbers,
//! and lists. The browser reads those files too, and a whole reader of TOML would be a tenth of
//! what it loads.

mod read;
mod take;

#[cfg(test)]
mod tests;

pub(crate) use read::read;
pub(crate) use take::{FromPlain, Said};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(u64),
    List(Vec<Said<Value>>),
    Table(Table),
    /// TOML that no fact is written in: a date, a number with a point or a sign, `true`.
    Other,
}

/// A table, in the order of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    entries: Vec<(String, Said<Value>)>,
    /// Whether its own header or braces were there; else it is known from longer names.
    is_said: bool,
}

/// A string as [`read`] reads it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char.is_control() => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out + "\""
}
