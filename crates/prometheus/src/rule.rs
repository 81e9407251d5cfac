//! What a rule about rule files is: the shape of those about configuration, asked of expressions.

use std::collections::BTreeSet;

use base::{FixLevel, Severity, page};

use crate::promql::{Expr, Range};

/// One rule. Its doc comment is its page, its `explain` text and its test.
pub struct Rule {
    /// Kebab-case; names the fault; readable after "allow".
    pub id: &'static str,
    /// Where it stands in lists.
    pub group: &'static str,
    /// The severity of its findings unless it grades them itself.
    pub severity: Severity,
    /// Whether its fix may be written.
    pub fix: FixLevel,
    /// The first version of badgateway that has it.
    pub since: &'static str,
    /// Markdown, with the headings of every rule.
    pub doc: &'static str,
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

impl Rule {
    /// The first sentence of the page.
    pub fn summary(&self) -> &'static str {
        page::summary(self.doc)
    }

    /// The page without the space that rustdoc puts in front of each line.
    pub fn page(&self) -> String {
        page::page(self.doc)
    }

    /// The text of one `## Heading`, without the heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        page::section(self.doc, heading)
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
            id: $id,
            group: "prometheus",
            severity: base::Severity::$severity,
            fix: base::FixLevel::None,
            since: $since,
            doc: concat!($($doc, "\n",)*),
            check: $check,
        };
    };
}
pub(crate) use rule;
