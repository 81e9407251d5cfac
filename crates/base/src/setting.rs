//! Effective values that remember where they came from.

use crate::Span;

/// An effective value and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// What the server uses.
    pub value: T,
    /// Why.
    pub origin: Origin,
}

/// Where an effective value comes from. Every finding can answer "because" with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in the very block (or pool, or file) that was asked about.
    Here(Span),
    /// Written in an enclosing block and inherited.
    Inherited(Span),
    /// Written at `at`, which wins over the places in `over` (the nearest loser first), such as
    /// php.ini by a pool's `php_admin_value`.
    Overriding {
        /// The place in force.
        at: Span,
        /// The places it silences.
        over: Vec<Span>,
    },
    /// Nobody wrote it.
    Default {
        /// Program and versions for which this is the default, such as `nginx 1.18+`.
        version: &'static str,
        /// The manual page or source file that says so.
        manual: &'static str,
    },
}

impl Origin {
    /// The place in force, if somebody wrote it.
    pub fn span(&self) -> Option<Span> {
        match self {
            Origin::Here(at) | Origin::Inherited(at) | Origin::Overriding { at, .. } => Some(*at),
            Origin::Default { .. } => None,
        }
    }
}

impl<T> Setting<T> {
    /// The same origin with another form of the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: f(self.value),
            origin: self.origin,
        }
    }
}
