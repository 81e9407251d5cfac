//! The rules: one file per rule, one plain list of them, and what runs them.
//!
//! A rule asks the model questions and reports; it reads no file, clock, environment or network.

pub mod allow;
mod beside;
pub mod context;
pub mod example;
pub mod findings;
pub mod options;
pub mod policy;
pub mod rule;
mod rules;

use base::{Finding, Severity, Unjudged};

pub use beside::Beside;
pub use context::Context;
pub use findings::{Draft, Findings};
pub use options::{Options, Policy};
pub use rule::Rule;

/// All rules, sorted by id.
pub fn all() -> &'static [&'static Rule] {
    rules::ALL
}

/// The rule of an id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    all().iter().copied().find(|rule| rule.id == id)
}

/// What the rules say.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is wrong: worst first, then by place.
    pub findings: Vec<Finding>,
    /// What was not judged for want of a fact about the machine, sorted.
    pub unjudged: Vec<Unjudged>,
}

/// Runs every rule.
pub fn judge(cx: &Context<'_>) -> Judgement {
    let mut found: Vec<Finding> = Vec::new();
    let mut unjudged = Vec::new();
    let is_off = |rule: &Rule| cx.options.levels.get(rule.id) == Some(&None);
    for rule in all().iter().filter(|rule| !is_off(rule)) {
        let mut sink = Findings::of(rule);
        (rule.check)(cx, &mut sink);
        unjudged.extend(sink.unjudged());
        found.extend(sink.merged());
    }
    let beside = cx.beside.findings.iter();
    let is_silent = |finding: &&Finding| cx.options.levels.get(finding.rule) == Some(&None);
    found.extend(beside.filter(|finding| !is_silent(finding)).cloned());
    for finding in &mut found {
        if let Some(Some(level)) = cx.options.levels.get(finding.rule) {
            finding.severity = *level;
        }
    }
    // What a template decides is not known, and the model has said so.
    found.retain(|finding| !cx.model.holes.touches(finding));
    let mut found = allow::apply(cx, found);
    sort(&mut found);
    unjudged.sort();
    Judgement {
        findings: found,
        unjudged,
    }
}

/// What every rule finds.
pub fn check(cx: &Context<'_>) -> Vec<Finding> {
    judge(cx).findings
}

/// Worst first, then by file and place, then by rule.
pub(crate) fn sort(found: &mut [Finding]) {
    let key = |f: &Finding| {
        (
            std::cmp::Reverse::<Severity>(f.severity),
            f.primary.span,
            f.rule,
        )
    };
    found.sort_by_key(key);
}
