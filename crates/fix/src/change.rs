//! What is proposed, and what the user asked for.

use base::{Applicability, Edit, Finding, Millis, Severity};
use model::Chain;
use rules::Context;

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    /// How long a request may take: every ladder is built around it.
    pub request_time: Option<Millis>,
    /// Edits that may change behaviour too.
    pub unsafe_too: bool,
    /// Only these rules; empty for all.
    pub rules: Vec<String>,
    /// Only routes whose name contains this.
    pub route: Option<String>,
    /// Only this pool.
    pub pool: Option<String>,
    /// What a team says of its own stack.
    pub options: rules::Options,
}

impl Wants {
    /// A model as the team judges it, with notes: some of them have edits too.
    pub(crate) fn context<'m>(&self, model: &'m model::Model) -> Context<'m> {
        let mut options = self.options.clone();
        options.strict = true;
        Context::with(model, options)
    }

    /// Whether a chain was asked for.
    pub fn covers(&self, chain: &Chain<'_>) -> bool {
        let route = self.route.as_ref();
        let pool = self.pool.as_ref();
        route.is_none_or(|text| chain.route.label.contains(text.as_str()))
            && pool.is_none_or(|name| chain.pool.name == name.as_bytes())
    }
}

/// Edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule whose finding goes away.
    pub rule: &'static str,
    /// What the edits do, as an imperative.
    pub title: String,
    /// Why this value and no other.
    pub why: String,
    /// How bad what it ends is.
    pub severity: Severity,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// The routes that forced it.
    pub routes: Vec<String>,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// A finding for which edits are wanted.
pub(crate) struct Asked<'a> {
    pub(crate) cx: &'a Context<'a>,
    pub(crate) finding: &'a Finding,
    pub(crate) wants: &'a Wants,
}

impl<'a> Asked<'a> {
    /// The chains that the finding is about, as far as they were asked for.
    pub(crate) fn chains(&self) -> impl Iterator<Item = &'a Chain<'a>> + use<'a> {
        let (finding, wants) = (self.finding, self.wants);
        let chains = self.cx.chains().iter();
        chains
            .filter(move |chain| finding.routes.contains(&chain.route.label) && wants.covers(chain))
    }
}

/// What a fixer gives: what it does, why, and the edits.
pub(crate) struct Proposal {
    pub(crate) title: String,
    pub(crate) why: String,
    pub(crate) edits: Vec<Edit>,
}

impl Proposal {
    /// A proposal, unless there is nothing to edit.
    pub(crate) fn of(
        title: impl Into<String>,
        why: impl Into<String>,
        edits: Vec<Edit>,
    ) -> Option<Proposal> {
        (!edits.is_empty()).then(|| Proposal {
            title: title.into(),
            why: why.into(),
            edits,
        })
    }
}
