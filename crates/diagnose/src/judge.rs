//! Asks every cause about every failure, and lets the best one speak.

use base::diagnosis::{Confidence, Harm};

use crate::case::Case;
use crate::cause::{Cause, Weight, Why};
use crate::causes;
use crate::deaths::{deaths, runs};
use crate::facts::Facts;
use crate::failures::{Failure, failures};
use crate::found::{Found, find};

/// What is said of a failure.
#[derive(Clone, Debug)]
pub(crate) struct Verdict<'s> {
    /// The failure.
    pub failure: Failure<'s>,
    /// What was found for it.
    pub found: Found<'s>,
    /// The cause; `None` when several fit or none does.
    pub cause: Option<&'static Cause>,
    /// How sure.
    pub confidence: Confidence,
    /// The causes that fit when none is named.
    pub candidates: Vec<&'static Cause>,
    /// Why.
    pub why: Why,
}

impl Verdict<'_> {
    /// Id of the cause.
    pub(crate) fn id(&self) -> &'static str {
        self.cause.map_or(UNDETERMINED, |cause| cause.id)
    }
}

/// What is said when several causes fit.
pub(crate) const UNDETERMINED: &str = "undetermined";

/// Judges everything that was read.
pub(crate) fn judge<'s>(facts: &Facts<'s>) -> Vec<Verdict<'s>> {
    let failures = failures(facts);
    let deaths = deaths(facts);
    let runs = runs(facts);
    let found = find(facts, &failures, &deaths, &runs);
    let mut verdicts = Vec::with_capacity(failures.len());
    for (failure, found) in failures.into_iter().zip(found) {
        let case = Case {
            facts,
            failure: &failure,
            found: &found,
            deaths: &deaths,
        };
        let (cause, confidence, candidates, why) = best(&case);
        verdicts.push(Verdict {
            cause,
            confidence,
            candidates,
            why,
            failure,
            found,
        });
    }
    verdicts
}

type Best = (Option<&'static Cause>, Confidence, Vec<&'static Cause>, Why);

/// The one cause that fits best. Two that fit equally well are two candidates: a wrong cause is
/// worse than none.
fn best(case: &Case<'_, '_>) -> Best {
    let mut fitting: Vec<(Confidence, &'static Cause, Why)> = Vec::new();
    for cause in causes::ALL {
        match (cause.weigh)(case) {
            Weight::No => {}
            Weight::Possible => fitting.push((Confidence::Undetermined, cause, Why::default())),
            Weight::Likely(why) => fitting.push((Confidence::Likely, cause, why)),
            Weight::Certain(why) => fitting.push((Confidence::Certain, cause, why)),
        }
    }
    let surest = fitting.iter().map(|(confidence, ..)| *confidence).max();
    let surest = surest.unwrap_or(Confidence::Undetermined);
    let mut top = fitting
        .iter()
        .filter(|(confidence, ..)| *confidence == surest);
    if let (Some((confidence, cause, why)), None) = (top.next(), top.next())
        && *confidence > Confidence::Undetermined
    {
        return (Some(cause), *confidence, Vec::new(), why.clone());
    }
    let candidates = fitting.iter().map(|(_, cause, _)| *cause).collect();
    (None, Confidence::Undetermined, candidates, Why::default())
}

/// Whether a person who waited noticed.
pub(crate) fn was_noticed(harm: Harm) -> bool {
    matches!(harm, Harm::ErrorPage | Harm::BrokenPage)
}
