//! From tables to what is wanted.

use super::{Table, Value};

/// A value with the offset at which it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

/// What is wrong, with the offset.
pub(crate) type Unfit = Said<String>;

/// What can be made of a value.
pub(crate) trait FromPlain: Sized {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit>;
}

impl Table {
    /// Takes a value out.
    pub(crate) fn take<T: FromPlain>(&mut self, name: &str) -> Result<Option<T>, Unfit> {
        let at = self.entries.iter().position(|(known, _)| known == name);
        let value = at.map(|at| self.entries.remove(at).1);
        value.map(T::from_plain).transpose()
    }

    /// Everything that is left.
    pub(crate) fn rest<T: FromPlain>(self) -> Result<Vec<(String, T)>, Unfit> {
        let entries = self.entries.into_iter();
        let entries = entries.map(|(name, value)| Ok((name, T::from_plain(value)?)));
        entries.collect()
    }

    /// For when everything that is known was taken out.
    pub(crate) fn end(&self) -> Result<(), Unfit> {
        match self.entries.first() {
            None => Ok(()),
            Some((name, said)) => Err(Said {
                value: format!("unknown field `{name}`"),
                at: said.at,
            }),
        }
    }
}

/// Refuses a value.
pub(crate) fn expected(what: &str, at: usize) -> Unfit {
    Said {
        value: format!("{what} is expected"),
        at,
    }
}

impl<T: FromPlain> FromPlain for Said<T> {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        let at = value.at;
        T::from_plain(value).map(|value| Said { value, at })
    }
}

impl FromPlain for Table {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        match value.value {
            Value::Table(table) => Ok(table),
            _ => Err(expected("a table", value.at)),
        }
    }
}

impl FromPlain for String {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        match value.value {
            Value::Text(text) => Ok(text),
            _ => Err(expected("a string", value.at)),
        }
    }
}

impl FromPlain for u64 {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        match value.value {
            Value::Number(number) => Ok(number),
            _ => Err(expected("a whole number", value.at)),
        }
    }
}

impl FromPlain for u32 {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        let at = value.at;
        let number = u64::from_plain(value)?;
        u32::try_from(number).map_err(|_| expected("a smaller number", at))
    }
}

impl<T: FromPlain> FromPlain for Vec<T> {
    fn from_plain(value: Said<Value>) -> Result<Self, Unfit> {
        match value.value {
            Value::List(list) => list.into_iter().map(T::from_plain).collect(),
            _ => Err(expected("a list", value.at)),
        }
    }
}
