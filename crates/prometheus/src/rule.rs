//! What a rule about rule files is: the shape of those about configuration, asked of expressions.

use std::collections::BTreeSet;
use std::ops::Deref;

use base::Severity;
use base::page::Head;

use crate::promql::{Expr, Range};

/// One rule. Its doc comment is its page, its `explain` text and its test.
pub struct Rule {
    /// What is said of it.
    pub head: Head,
    pub(crate) check: fn(&Asked<'_>, &mut Vec<Found>),
}

/// What a rule is asked about: one expression.
pub(crate) struct Asked<'a> {
    /// The expression.
    pub(crate) expr: &'a Expr,
    /// Its text.
    pub(crate) text: &'a str,
    /// Names that recording rules of the same files make: their labels may be any.
    pub(crate) recorded: &'a BTreeSet<String>,
}

/// What a rule has found in an expression.
pub(crate) struct Found {
    /// How bad.
    pub(crate) severity: Severity,
    /// Where.
    pub(crate) range: Range,
    /// What is to be seen there.
    pub(crate) label: String,
    /// What is wrong and what it does.
    pub(crate) message: String,
    /// Another place, and what is to be seen there.
    pub(crate) related: Option<(Range, String)>,
    /// Facts.
    pub(crate) because: Vec<String>,
    /// What to do.
    pub(crate) help: String,
}

impl Asked<'_> {
    /// The text of a part.
    pub(crate) fn shown(&self, range: Range) -> String {
        let text = self.text.get(range.0..range.1).unwrap_or_default();
        base::source::printable(text.as_bytes())
    }
}

impl Deref for Rule {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

/// Declares a rule: the doc comment above its name becomes data.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            id: $id:literal,
            severity: $severity:ident,
            since: $since:literal,
            check: $check:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub(crate) static $name: crate::rule::Rule = crate::rule::Rule {
            head: base::page::Head {
                id: $id,
                group: "prometheus",
                severity: base::Severity::$severity,
                fix: base::FixLevel::None,
                since: $since,
                doc: concat!($($doc, "\n",)*),
            },
            check: $check,
        };
    };
}
pub(crate) use rule;
