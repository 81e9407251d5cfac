//! JSON as it is read: a value first, then what is wanted of it.
//!
//! For the module that the browser runs, and what it shares: a reader that is generated for each
//! shape would be a tenth of it.

mod read;
mod want;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use read::{Broken, read};
pub use want::{FromJson, Unfit};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'j> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(&'j str),
    /// A string.
    Text(Cow<'j, str>),
    /// An array.
    List(Vec<Value<'j>>),
    /// An object.
    Fields(Fields<'j>),
}

/// The fields of an object, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'j>(pub(crate) Vec<(Cow<'j, str>, Value<'j>)>);
