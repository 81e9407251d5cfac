//! The environment of a container's processes.

use base::{Outer, SortedMap};

/// The value of a variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Value {
    /// Its text; nothing when it is not known.
    pub(crate) text: Option<String>,
    /// Where that is written; nothing when nobody wrote it, such as the default of an image.
    pub(crate) place: Option<Outer>,
}

/// All variables of a container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    values: SortedMap<String, Value>,
    /// Whether there may be more than these, such as those of a file that is not there.
    pub(crate) has_gaps: bool,
}

impl Value {
    /// A value that is written somewhere.
    pub(crate) fn at(text: &str, place: Option<Outer>) -> Value {
        Value {
            text: Some(text.to_owned()),
            place,
        }
    }
}

impl Environment {
    /// Sets a variable.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    /// Takes over what another one sets. Where that has gaps, nobody knows what of this one is left.
    pub(crate) fn extend(&mut self, other: Environment) {
        if other.has_gaps {
            for value in self.values.values_mut() {
                value.text = None;
            }
        }
        self.values.extend(other.values);
        self.has_gaps |= other.has_gaps;
    }

    /// A variable; an error names one whose value is not known.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&Value>, String> {
        match self.values.get(name) {
            Some(value) if value.text.is_none() => Err(name.to_owned()),
            None if self.has_gaps => Err(name.to_owned()),
            value => Ok(value),
        }
    }

    /// The text of a variable that is set and known.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.text.as_deref()
    }

    /// Whether a variable is set, to whatever.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// All variables.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.values.iter()
    }
}
