//! Values of Ansible's variables, each with the place where it is written.

use std::sync::Arc;

use yaml::{Range, Style};

/// Where something is written: a file's number, and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// The file.
    pub(crate) file: usize,
    /// The bytes.
    pub(crate) range: Range,
}

/// A value and where it is given.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where, when it is written somewhere.
    pub(crate) at: Option<At>,
    /// How it is written there, and as which text.
    pub(crate) written: Option<(Style, Arc<str>)>,
    /// What.
    pub(crate) value: Value,
    /// Whether it is a text in which nothing is filled in: `!unsafe`, or filled in already.
    pub(crate) is_final: bool,
}

/// Kinds of values.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A list.
    List(Arc<Vec<Node>>),
    /// A list that Python writes in round brackets: a field of `.items()`.
    Tuple(Arc<Vec<Node>>),
    /// A map, in the order of the file.
    Map(Arc<Vec<(String, Node)>>),
    /// What cannot be known, and why.
    Unknown(Arc<str>),
}

impl From<Value> for Node {
    fn from(value: Value) -> Node {
        Node {
            at: None,
            written: None,
            value,
            is_final: true,
        }
    }
}

impl Node {
    /// A text that is not written anywhere.
    pub(crate) fn text(text: &str) -> Node {
        Node::from(Value::Text(text.into()))
    }

    /// A value that cannot be known.
    pub(crate) fn unknown(why: impl AsRef<str>) -> Node {
        Node::from(Value::Unknown(why.as_ref().into()))
    }

    /// A list.
    pub(crate) fn list(items: Vec<Node>) -> Node {
        Node::from(Value::List(Arc::new(items)))
    }

    /// A map.
    pub(crate) fn map(fields: Vec<(String, Node)>) -> Node {
        Node::from(Value::Map(Arc::new(fields)))
    }

    /// The value of a field of a map.
    pub(crate) fn field(&self, name: &str) -> Option<&Node> {
        let found = self.fields()?.iter().find(|(key, _)| key == name);
        found.map(|(_, node)| node)
    }

    /// The fields of a map.
    pub(crate) fn fields(&self) -> Option<&[(String, Node)]> {
        match &self.value {
            Value::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The elements of a list.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// A text as it is.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is there.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// A text, or what is meant as one: a number, yes or no.
    pub(crate) fn word(&self) -> Option<String> {
        match &self.value {
            Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Null | Value::Unknown(_) => {
                None
            }
            Value::Text(text) => Some(text.to_string()),
            _ => self.shown(),
        }
    }

    /// The text that a template makes of it, as Python writes it; `None` when that is not known.
    pub(crate) fn shown(&self) -> Option<String> {
        match &self.value {
            Value::Null => Some(String::new()),
            Value::Text(text) => Some(text.to_string()),
            _ => self.python(&mut 0),
        }
    }

    /// As `repr` writes it.
    fn python(&self, count: &mut usize) -> Option<String> {
        *count += 1;
        if *count > MOST_SHOWN {
            return None;
        }
        Some(match &self.value {
            Value::Null => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => {
                let is_plain = number.is_finite() && (1e-4..1e15).contains(&number.abs());
                (is_plain || *number == 0.0).then(|| format!("{number:?}"))?
            }
            Value::Text(text) => quoted(text)?,
            Value::List(items) => {
                let items = items.iter().map(|item| item.python(count));
                format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", "))
            }
            Value::Tuple(items) => {
                let all = items.iter().map(|item| item.python(count));
                let all = all.collect::<Option<Vec<_>>>()?.join(", ");
                match items.len() {
                    1 => format!("({all},)"),
                    _ => format!("({all})"),
                }
            }
            Value::Map(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    let value = value.python(count)?;
                    Some(format!("{}: {value}", quoted(key)?))
                });
                format!("{{{}}}", fields.collect::<Option<Vec<_>>>()?.join(", "))
            }
            Value::Unknown(_) => return None,
        })
    }

    /// Whether Python takes it for true; or why that is not known.
    pub(crate) fn is_true(&self) -> Result<bool, String> {
        match &self.value {
            Value::Null => Ok(false),
            Value::Bool(value) => Ok(*value),
            Value::Int(number) => Ok(*number != 0),
            Value::Float(number) => Ok(*number != 0.0),
            Value::Text(text) => Ok(!text.is_empty()),
            Value::List(items) | Value::Tuple(items) => Ok(!items.is_empty()),
            Value::Map(fields) => Ok(!fields.is_empty()),
            Value::Unknown(why) => Err(why.to_string()),
        }
    }
}

/// What no file holds as one value.
const MOST_SHOWN: usize = 20_000;

/// A text as Python's `repr` writes it, as far as that is simple.
fn quoted(text: &str) -> Option<String> {
    if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return None;
    }
    let text = text.replace('\\', "\\\\");
    Some(match (text.contains('\''), text.contains('"')) {
        (false, _) => format!("'{text}'"),
        (true, false) => format!("\"{text}\""),
        (true, true) => format!("'{}'", text.replace('\'', "\\'")),
    })
}

/// A plain scalar, as the YAML 1.1 of Ansible reads it.
pub(crate) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    number(text).unwrap_or_else(|| Value::Text(text.into()))
}

fn number(text: &str) -> Option<Value> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if !digits.bytes().next()?.is_ascii_digit() && !digits.starts_with('.') {
        return None;
    }
    let bare = digits.replace('_', "");
    let of_base = |digits: &str, base: u32| {
        let number = i64::from_str_radix(digits, base).ok()?;
        Some(Value::Int(sign * number))
    };
    let is_all = |text: &str, good: &dyn Fn(u8) -> bool| !text.is_empty() && text.bytes().all(good);
    if let Some(hex) = bare.strip_prefix("0x") {
        return of_base(hex, 16);
    }
    if let Some(binary) = bare.strip_prefix("0b") {
        return of_base(binary, 2);
    }
    if is_all(&bare, &|b| b.is_ascii_digit()) {
        return match bare.len() > 1 && bare.starts_with('0') {
            true => match is_all(&bare, &|b| (b'0'..=b'7').contains(&b)) {
                true => of_base(&bare, 8),
                false => None,
            },
            false => of_base(&bare, 10),
        };
    }
    // Minutes and seconds, by sixty: `1:30` is 90.
    let parts: Vec<&str> = bare.split(':').collect();
    if parts.len() > 1 {
        let is_first = parts[0].starts_with(|c: char| ('1'..='9').contains(&c));
        let rest = parts[1..]
            .iter()
            .all(|part| part.len() <= 2 && part.parse::<u8>().is_ok_and(|number| number < 60));
        if !is_first || !rest {
            return None;
        }
        let all = parts.iter().map(|part| part.parse::<i64>().ok());
        let mut all = all;
        let sum = all.try_fold(0_i64, |sum, part| sum.checked_mul(60)?.checked_add(part?));
        return sum.map(|sum| Value::Int(sign * sum));
    }
    // A date is a value of its own, and written the same.
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (bare.as_str(), None),
    };
    let is_exponent = exponent
        .is_none_or(|e| e.starts_with(['+', '-']) && is_all(&e[1..], &|b| b.is_ascii_digit()));
    let dots = mantissa.bytes().filter(|b| *b == b'.').count();
    if dots == 1 && is_exponent && is_all(mantissa, &|b| b.is_ascii_digit() || b == b'.') {
        let number: f64 = bare.parse().ok()?;
        return Some(Value::Float(f64::from(sign as i32) * number));
    }
    None
}
