//! What a rule is: a value with a name, a severity, its page and a function.

use base::{FixLevel, Severity, page};

use crate::context::Context;
use crate::findings::Findings;

/// One rule. Its doc comment is its page, its `explain` text and its test.
pub struct Rule {
    /// Kebab-case; names the fault; readable after "allow".
    pub id: &'static str,
    /// The folder it lives in.
    pub group: &'static str,
    /// The severity of its findings unless it grades them itself.
    pub severity: Severity,
    /// Whether its fix may be written.
    pub fix: FixLevel,
    /// The first version of badgateway that has it.
    pub since: &'static str,
    /// Markdown: a summary sentence, then `## Why it matters`, `## Bad`, `## Good`, `## Fix` if
    /// there is one, `## References`.
    pub doc: &'static str,
    /// Looks at the model and reports.
    pub check: fn(&Context<'_>, &mut Findings),
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
            group: $group:literal,
            severity: $severity:ident,
            fix: $fix:ident,
            since: $since:literal,
            check: $check:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub(crate) static $name: crate::rule::Rule = crate::rule::Rule {
            id: $id,
            group: $group,
            severity: base::Severity::$severity,
            fix: base::FixLevel::$fix,
            since: $since,
            doc: concat!($($doc, "\n",)*),
            check: $check,
        };
    };
}
pub(crate) use rule;
