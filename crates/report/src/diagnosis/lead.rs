//! The first sentences of an answer: how many, when, why, and what to change first.

use base::diagnosis::{Confidence, Diagnosis, Group, Harm};

use super::Answer;
use super::said::said;
use super::time::{Zone, duration};
use super::words::{failed, gaps, harm, many, number, of_harm, share};

/// The sentences; what is not there is not to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    /// How many failed requests.
    pub headline: String,
    /// In which window.
    pub when: Option<String>,
    /// What joins the two to a sentence.
    pub joint: &'static str,
    /// What else happened, and how bad the failures were.
    pub besides: Option<String>,
    /// The dominant cause and how sure it is.
    pub cause: Option<String>,
    /// What to change first.
    pub change: Option<String>,
    /// What makes all of it less certain.
    pub gaps: Vec<String>,
    /// Nothing happened, and everything was read and understood.
    pub is_well: bool,
    /// The group that the cause is about and the one to begin with, by index.
    pub groups: Option<(usize, usize)>,
}

/// What the answer says first.
pub(super) fn lead(answer: &Answer<'_>) -> Lead {
    let diagnosis = answer.diagnosis;
    let mut gaps: Vec<String> = gaps(answer.problems).into_iter().collect();
    let unknown: u64 = diagnosis.sources.iter().map(|s| s.not_understood).sum();
    if unknown > 0 {
        let were = if unknown == 1 { "was" } else { "were" };
        gaps.push(format!(
            "{} {were} not understood",
            many(unknown, "log line")
        ));
    }
    let Some(groups) = dominant(&diagnosis.groups) else {
        let is_well = gaps.is_empty() && answered_5xx(diagnosis) == 0 && understood(diagnosis) > 0;
        return Lead {
            headline: nothing(diagnosis),
            when: None,
            joint: "",
            besides: None,
            cause: None,
            change: None,
            gaps,
            is_well,
            groups: None,
        };
    };
    let (headline, joint, when) = headline(diagnosis);
    Lead {
        headline,
        when: Some(when),
        joint,
        besides: besides(diagnosis),
        cause: Some(cause(diagnosis, groups)),
        change: change(&diagnosis.groups[groups.1]),
        gaps,
        is_well: false,
        groups: Some(groups),
    }
}

fn understood(diagnosis: &Diagnosis) -> u64 {
    let lines = diagnosis.sources.iter().map(|s| s.matched + s.irrelevant);
    lines.sum()
}

/// Answers that an access log counts as failed, whatever we made of them.
fn answered_5xx(diagnosis: &Diagnosis) -> u64 {
    let statuses = diagnosis.sources.iter().flat_map(|s| &s.statuses);
    statuses
        .filter(|(status, _)| (500..600).contains(status))
        .map(|(_, n)| n)
        .sum()
}

/// Never "clean": how much was looked at is all that can be said.
fn nothing(diagnosis: &Diagnosis) -> String {
    let logs = many(diagnosis.sources.len() as u64, "log");
    let read: u64 = diagnosis.sources.iter().map(|s| s.lines).sum();
    let outside: u64 = diagnosis.sources.iter().map(|s| s.outside).sum();
    if diagnosis.sources.is_empty() {
        return "no log was read, so nothing can be said".to_owned();
    }
    if read == 0 {
        return format!("nothing to judge: {logs} read, and not a line in them");
    }
    let lines = many(understood(diagnosis), "line");
    let found = match answered_5xx(diagnosis) {
        0 => "no failures".to_owned(),
        n => format!(
            "{} with status 5xx, but no reason for them",
            many(n, "answer")
        ),
    };
    match outside {
        0 => format!("{found} in {lines} of {logs}"),
        n => format!(
            "{found} in {lines} of {logs}; {} outside of the asked time",
            many(n, "line")
        ),
    }
}

/// How many requests failed, and when that was.
fn headline(diagnosis: &Diagnosis) -> (String, &'static str, String) {
    let total: u64 = diagnosis.groups.iter().map(failed).sum();
    let wanted = |group: &&Group| total == 0 || failed(group) > 0;
    let seen = || {
        diagnosis
            .groups
            .iter()
            .filter(wanted)
            .filter_map(|g| g.seen)
    };
    let first = seen().map(|(first, _)| first).min();
    let last = seen().map(|(_, last)| last).max();
    let zone = Zone(diagnosis.shown_offset);
    let when = match first.zip(last) {
        Some((first, last)) => {
            let length = last.saturating_sub(first);
            let span = format!("{} {}", zone.span(first, last), zone.name());
            match length < 1000 {
                true => format!("at {span}"),
                false => format!("in {}, {span}", duration(length)),
            }
        }
        None => "at times that no line tells".to_owned(),
    };
    match total {
        0 => (
            "no request is known to have failed".to_owned(),
            "; ",
            format!("the trouble below was {when}"),
        ),
        n => (format!("{} failed", many(n, "request")), " ", when),
    }
}

fn besides(diagnosis: &Diagnosis) -> Option<String> {
    let (pages, broken) = (
        of_harm(diagnosis, Harm::ErrorPage),
        of_harm(diagnosis, Harm::BrokenPage),
    );
    let mut parts = Vec::new();
    // With error pages alone the headline has said it.
    if broken > 0 {
        parts.extend((pages > 0).then(|| harm(Harm::ErrorPage, pages)));
        parts.push(harm(Harm::BrokenPage, broken));
    }
    let n = of_harm(diagnosis, Harm::Hidden);
    let more = if pages + broken > 0 {
        "more error"
    } else {
        "error"
    };
    let were = if n == 1 { "was" } else { "were" };
    parts.extend((n > 0).then(|| format!("{} {were} hidden by a retry", many(n, more))));
    let n = of_harm(diagnosis, Harm::ClientLeft);
    parts.extend((n > 0).then(|| format!("{} left before the answer", many(n, "client"))));
    let n = of_harm(diagnosis, Harm::Unknown);
    parts.extend((n > 0).then(|| harm(Harm::Unknown, n)));
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The group that did most harm, and the one that led to it (itself, when none did).
fn dominant(groups: &[Group]) -> Option<(usize, usize)> {
    let weight = |index: &usize| (failed(&groups[*index]), groups[*index].count);
    let first = (0..groups.len()).rev().max_by_key(weight)?;
    let mut seen = vec![first];
    let mut root = first;
    while let Some(next) = led_by(groups, root).filter(|next| !seen.contains(next)) {
        seen.push(next);
        root = next;
    }
    Some((first, root))
}

/// The cause that explains most of a group, if it explains more than half.
fn led_by(groups: &[Group], index: usize) -> Option<usize> {
    let (cause, n) = groups[index].led_by.iter().max_by_key(|(_, n)| *n)?;
    let found = groups.iter().position(|group| group.cause == *cause)?;
    (n.saturating_mul(2) > groups[index].count && found != index).then_some(found)
}

fn cause(diagnosis: &Diagnosis, (index, root): (usize, usize)) -> String {
    let groups = &diagnosis.groups;
    let group = &groups[index];
    let total: u64 = groups.iter().map(failed).sum();
    let (part, whole) = match total {
        0 => (group.count, groups.iter().map(|g| g.count).sum()),
        total => (failed(group), total),
    };
    let which = match (part == whole, whole) {
        (true, 1) => "its cause".to_owned(),
        (true, _) => "the cause of all of them".to_owned(),
        _ => format!(
            "the cause of {} of them ({})",
            number(part),
            share(part, whole)
        ),
    };
    let mut text = format!("{which} is {}", group.confidence.word());
    match group.confidence {
        Confidence::Undetermined if !group.candidates.is_empty() => {
            let names: Vec<&str> = group.candidates.iter().map(|c| c.cause).collect();
            text.push_str(&format!("; what fits is {}", or(&names)));
        }
        _ => text.push_str(&format!(": {}", said(&group.title))),
    }
    if root != index {
        text.push_str(&format!("; it follows from: {}", said(&groups[root].title)));
    }
    text
}

fn or(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn change(group: &Group) -> Option<String> {
    if let Some(advice) = group.advice.first() {
        return Some(said(advice));
    }
    let snippet = group.make_decidable.first()?;
    Some(format!(
        "so that the next one can be decided, write {}: {}",
        said(&snippet.into),
        said(snippet.text.trim())
    ))
}
