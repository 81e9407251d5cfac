//! What a rule is: a value with a name, a severity, its page and a function.

use std::ops::Deref;

use base::page::Head;

use crate::context::Context;
use crate::findings::Findings;

/// One rule. Its doc comment is its page, its `explain` text and its test.
pub struct Rule {
    /// What is said of it.
    pub head: Head,
    /// Looks at the model and reports.
    pub check: fn(&Context<'_>, &mut Findings),
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
            group: $group:literal,
            severity: $severity:ident,
            fix: $fix:ident,
            since: $since:literal,
            check: $check:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub(crate) static $name: crate::rule::Rule = crate::rule::Rule {
            head: base::page::Head {
                id: $id,
                group: $group,
                severity: base::Severity::$severity,
                fix: base::FixLevel::$fix,
                since: $since,
                doc: concat!($($doc, "\n",)*),
            },
            check: $check,
        };
    };
}
pub(crate) use rule;
