//! What a cause is: a value with a name, its page and a function.

use base::diagnosis::Confidence;
use base::page;

use crate::case::Case;
use crate::facts::Seen;

/// One cause. Its doc comment is its page, its `explain` text and the words of the report.
pub struct Cause {
    /// Kebab-case; names what happened.
    pub id: &'static str,
    /// What happened, for headings; lower case, no full stop.
    pub title: &'static str,
    /// What would tell it from other candidates; a clause.
    pub decides: &'static str,
    /// Rules of `check` whose fix ends it.
    pub rules: &'static [&'static str],
    /// Names of settings whose places belong to it, see [`crate::stack::Pool::places`] and
    /// [`crate::stack::Route::places`].
    pub settings: &'static [&'static str],
    /// The first version of badgateway that has it.
    pub since: &'static str,
    /// Markdown: a summary sentence, then `## Evidence`, `## What to change`,
    /// `## How to make sure`, `## Reproduce`.
    pub doc: &'static str,
    /// Looks at a failure and what was found for it.
    pub weigh: fn(&Case<'_, '_>) -> Weight,
}

impl Cause {
    /// The first sentence of the page.
    pub fn summary(&self) -> &'static str {
        page::summary(self.doc)
    }

    /// The page.
    pub fn page(&self) -> String {
        page::page(self.doc)
    }

    /// The points of one section.
    pub fn points(&self, heading: &str) -> Vec<String> {
        page::points(self.doc, heading)
    }
}

/// How well a cause fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Weight {
    /// Something speaks against it.
    No,
    /// Nothing speaks against it, and nothing for it alone.
    Possible,
    /// It fits, and nothing else that is known does; a link is missing.
    Likely(Why),
    /// Every link is there.
    Certain(Why),
}

impl std::fmt::Debug for Cause {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.id)
    }
}

/// Why a cause fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// A sentence.
    pub because: String,
    /// Lines besides the failure's own, by signal and place.
    pub lines: Vec<(logs::Signal, crate::state::At)>,
}

impl Why {
    /// A reason without further lines.
    pub fn said(because: impl Into<String>) -> Self {
        Why {
            because: because.into(),
            lines: Vec::new(),
        }
    }

    /// A reason with the lines it rests on.
    pub fn seen<'s, 'l>(
        because: impl Into<String>,
        lines: impl IntoIterator<Item = &'l Seen<'s>>,
    ) -> Self
    where
        's: 'l,
    {
        let places = lines.into_iter().map(|line| (line.signal, line.at()));
        Why {
            because: because.into(),
            lines: places.collect(),
        }
    }
}

impl Weight {
    /// Certain, with a reason.
    pub fn certain(because: impl Into<String>) -> Self {
        Weight::Certain(Why::said(because))
    }

    /// The confidence it stands for.
    pub fn confidence(&self) -> Option<Confidence> {
        match self {
            Weight::No => None,
            Weight::Possible => Some(Confidence::Undetermined),
            Weight::Likely(_) => Some(Confidence::Likely),
            Weight::Certain(_) => Some(Confidence::Certain),
        }
    }
}

/// Declares a cause: the doc comment above its name becomes data.
macro_rules! cause {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            id: $id:literal,
            title: $title:literal,
            decides: $decides:literal,
            rules: [$($rule:literal),* $(,)?],
            settings: [$($setting:literal),* $(,)?],
            since: $since:literal,
            weigh: $weigh:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub(crate) static $name: crate::cause::Cause = crate::cause::Cause {
            id: $id,
            title: $title,
            decides: $decides,
            rules: &[$($rule),*],
            settings: &[$($setting),*],
            since: $since,
            doc: concat!($($doc, "\n",)*),
            weigh: $weigh,
        };
    };
}
pub(crate) use cause;
