//! Who and where: hosts, addresses, e-mail, accounts, users. Hidden on request only.

use crate::Text;
use crate::find::{Class, Hit};
use crate::map::Map;

/// Hands out stand-ins that keep what a linter needs.
#[derive(Debug, Default)]
pub(crate) struct Namer {}

impl Namer {
    pub(crate) fn learn(&mut self, _texts: &[Text<'_>]) {}

    pub(crate) fn continuing(_map: &Map) -> Self {
        Self {}
    }

    pub(crate) fn name(&mut self, _class: Class, _value: &[u8]) -> String {
        String::new()
    }
}

/// Finds who and where in a text.
pub(crate) fn find(_text: &[u8]) -> Vec<Hit> {
    Vec::new()
}

/// Finds stand-ins in a redacted text.
pub(crate) struct Tokens {}

impl Tokens {
    pub(crate) fn new(_map: &Map) -> Self {
        Self {}
    }

    pub(crate) fn at(&self, _text: &[u8], _at: usize) -> Option<usize> {
        None
    }
}
