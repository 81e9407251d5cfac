//! From values to what is wanted.

use std::borrow::Cow;

use super::{Fields, Value};
use crate::SortedMap;

/// What a value lacks, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn expected(what: &str) -> Unfit {
    Unfit(format!("{what} is expected"))
}

/// What can be made of a value.
pub trait FromJson<'j>: Sized {
    /// What the value says.
    ///
    /// # Errors
    /// When it is of another kind.
    fn from_json(value: Value<'j>) -> Result<Self, Unfit>;

    /// What it means that there is no value.
    fn absent() -> Option<Self> {
        None
    }
}

impl<'j> Fields<'j> {
    /// The field's value; `null` is a value.
    fn take_value(&mut self, name: &str) -> Option<Value<'j>> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Takes a field out.
    ///
    /// # Errors
    /// When it is not there though it must be, or does not fit.
    pub fn take<T: FromJson<'j>>(&mut self, name: &str) -> Result<T, Unfit> {
        match self.take_value(name) {
            Some(value) => T::from_json(value).map_err(|Unfit(why)| Unfit(inside(name, &why))),
            None => T::absent().ok_or_else(|| missing(name)),
        }
    }

    /// For when everything that is known was taken out.
    ///
    /// # Errors
    /// When there is more.
    pub fn end(&self) -> Result<(), Unfit> {
        match self.0.first() {
            None => Ok(()),
            Some(_) => Err(Unfit("a field that is unknown, or there twice".to_owned())),
        }
    }
}

#[inline(never)]
fn inside(name: &str, why: &str) -> String {
    format!("`{name}`: {why}")
}

#[inline(never)]
fn missing(name: &str) -> Unfit {
    Unfit(format!("`{name}` is missing"))
}

impl<'j> FromJson<'j> for Value<'j> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        Ok(value)
    }
}

impl<'j> FromJson<'j> for Fields<'j> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        match value {
            Value::Fields(fields) => Ok(fields),
            _ => Err(expected("an object")),
        }
    }
}

impl<'j> FromJson<'j> for Cow<'j, str> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err(expected("a string")),
        }
    }
}

impl<'j> FromJson<'j> for String {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        Cow::from_json(value).map(Cow::into_owned)
    }
}

impl<'j> FromJson<'j> for bool {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        match value {
            Value::Bool(is_so) => Ok(is_so),
            _ => Err(expected("`true` or `false`")),
        }
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

impl<'j> FromJson<'j> for i64 {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let number = match value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| expected("a whole number"))
    }
}

impl<'j> FromJson<'j> for i32 {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let number = i64::from_json(value)?;
        i32::try_from(number).map_err(|_| expected("a smaller number"))
    }
}

impl<'j> FromJson<'j> for u32 {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let number = i64::from_json(value)?;
        u32::try_from(number).map_err(|_| expected("a number from 0 to 4294967295"))
    }
}

impl<'j> FromJson<'j> for usize {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let number = i64::from_json(value)?;
        usize::try_from(number).map_err(|_| expected("a count"))
    }
}

impl<'j, T: FromJson<'j>> FromJson<'j> for Option<T> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        match value {
            Value::Null => Ok(None),
            value => T::from_json(value).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<'j, T: FromJson<'j>> FromJson<'j> for Vec<T> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let Value::List(list) = value else {
            return Err(expected("a list"));
        };
        list.into_iter().map(T::from_json).collect()
    }
}

/// An object whose names are not known beforehand; of two fields of a name the last one counts.
impl<'j, T: FromJson<'j>> FromJson<'j> for SortedMap<String, T> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let fields = Fields::from_json(value)?.0.into_iter();
        let fields = fields.map(|(name, value)| Ok((name.into_owned(), T::from_json(value)?)));
        fields.collect()
    }
}
