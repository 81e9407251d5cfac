//! The pages of rules and causes by their names.

use std::fmt;

use diagnose::cause::Cause;
use rules::Rule;

/// A rule and a cause of one name: `protocol-mixup` is both. `rule:ID` and `cause:ID` mean one.
pub fn named(id: &str) -> (Option<&'static Rule>, Option<&'static Cause>) {
    if let Some(id) = id.strip_prefix("rule:") {
        return (rules::by_id(id), None);
    }
    if let Some(id) = id.strip_prefix("cause:") {
        return (None, diagnose::causes::by_id(id));
    }
    (rules::by_id(id), diagnose::causes::by_id(id))
}

/// A page.
pub struct Page {
    /// The name of what it explains.
    pub title: &'static str,
    /// What stands below the title, in Markdown.
    pub text: String,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "# {}\n\n{}", self.title, self.text)
    }
}

/// The pages of this name: of a rule, of a cause, or of both.
pub fn pages(id: &str) -> Vec<Page> {
    let (rule, cause) = named(id);
    let rule = rule.map(page_of_rule);
    rule.into_iter().chain(cause.map(page_of_cause)).collect()
}

fn page_of_rule(rule: &'static Rule) -> Page {
    let text = format!(
        "{} · {} · fix: {} · since {}\n\n{}",
        rule.group,
        rule.severity.word(),
        rule.fix.word(),
        rule.since,
        rule.page().trim_end()
    );
    Page {
        title: rule.id,
        text,
    }
}

fn page_of_cause(cause: &'static Cause) -> Page {
    let text = format!(
        "cause · {} · since {}\n\n{}\n\n## What decides it\n\n{}",
        cause.title,
        cause.since,
        cause.page().trim_end(),
        cause.decides
    );
    Page {
        title: cause.id,
        text,
    }
}

/// The rule or cause that was most likely meant: it shares the most words, whole or begun.
pub fn nearest(id: &str) -> Option<&'static str> {
    let shared = |rule: &str| -> usize {
        let of_word = |word: &str| {
            let common = |other: &str| {
                let pairs = word.bytes().zip(other.bytes());
                pairs.take_while(|(a, b)| a == b).count()
            };
            rule.split('-').map(common).max().unwrap_or(0)
        };
        id.split('-').map(of_word).sum()
    };
    // Of equal ones the shortest: nothing in it was left unsaid.
    let score = |rule: &str| (shared(rule), usize::MAX - rule.len());
    let of_rules = rules::all().iter().map(|rule| rule.id);
    let of_causes = diagnose::causes::ALL.iter().map(|cause| cause.id);
    let best = of_rules.chain(of_causes).max_by_key(|id| score(id))?;
    (shared(best) >= 3).then_some(best)
}
