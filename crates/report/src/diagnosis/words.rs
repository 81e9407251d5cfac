//! Counts, harms and rates in words, the same in every output for people.

use base::Problem;
use base::diagnosis::{Confidence, Counted, Diagnosis, Group, Harm, LogSource};

use super::said::said;
use crate::text::{count, thousands};

/// `1 request`, `1,998 requests`.
pub(super) fn many(n: u64, one: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), one)
}

/// `1,998`.
pub(super) fn number(n: u64) -> String {
    thousands(usize::try_from(n).unwrap_or(usize::MAX))
}

/// How many of a group had which harm.
pub(super) fn harms(group: &Group) -> Vec<(Harm, u64)> {
    if group.harms.is_empty() {
        return vec![(group.harm, group.count)];
    }
    group.harms.clone()
}

/// Requests of a group that failed: somebody saw an error or half a page.
pub(super) fn failed(group: &Group) -> u64 {
    let failed = |harm: &Harm| matches!(harm, Harm::ErrorPage | Harm::BrokenPage);
    let counts = harms(group).into_iter().filter(|(harm, _)| failed(harm));
    counts.map(|(_, n)| n).sum()
}

/// How many there are of a harm in all groups.
pub(super) fn of_harm(diagnosis: &Diagnosis, wanted: Harm) -> u64 {
    let all = diagnosis.groups.iter().flat_map(harms);
    all.filter(|(harm, _)| *harm == wanted)
        .map(|(_, n)| n)
        .sum()
}

/// What a harm is, after a number.
pub(super) fn harm(harm: Harm, n: u64) -> String {
    let shown = number(n);
    let one = n == 1;
    match harm {
        Harm::ErrorPage => format!("{shown} got an error page"),
        Harm::BrokenPage => format!("{shown} got a broken page with status 200"),
        Harm::Unknown if one => "1 log line names no known request".to_owned(),
        Harm::Unknown => format!("{shown} log lines name no known request"),
        Harm::ClientLeft => format!("{shown} had a client that left before the answer"),
        Harm::Hidden if one => "1 was hidden by a retry that got a good answer".to_owned(),
        Harm::Hidden => format!("{shown} were hidden by a retry that got a good answer"),
    }
}

/// The same as a label.
pub(super) fn harm_label(harm: Harm) -> &'static str {
    match harm {
        Harm::ErrorPage => "error page",
        Harm::BrokenPage => "broken page, status 200",
        Harm::Unknown => "request not known",
        Harm::ClientLeft => "client had left",
        Harm::Hidden => "hidden by a retry",
    }
}

/// What a confidence means.
pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "every link of the proof is in the logs",
        Confidence::Likely => "the evidence fits, but a link is missing",
        Confidence::Undetermined => "several causes fit",
    }
}

/// `1,615 per hour`; nothing where a rate would be made up from one or two moments.
pub(super) fn rate(group: &Group) -> Option<String> {
    let (first, last) = group.seen?;
    if group.count < 2 || last.saturating_sub(first) < 60_000 || !group.per_hour.is_finite() {
        return None;
    }
    let rate = group.per_hour.max(0.0);
    let shown = match rate {
        // Below 2^53 by far; a rate is no index.
        r if r >= 10.0 => number(r.round() as u64),
        r if r >= 0.1 => format!("{r:.1}"),
        r => format!("{r:.3}"),
    };
    Some(format!("{shown} per hour"))
}

/// `71 %`; all and none only when it is so.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    match percent {
        0 if part > 0 => "under 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// The name of a route, pool or script; the empty one stands for the rest.
pub(super) fn name(counted: &Counted) -> String {
    match counted.name.as_str() {
        "" => "others".to_owned(),
        name => said(name),
    }
}

/// What is known of the clock of a log, as a clause; the second tells whether to doubt it.
pub(super) fn zone(source: &LogSource) -> (String, bool) {
    use base::diagnosis::ZoneKnown;
    let zone = said(&source.zone.name);
    match source.zone.how {
        ZoneKnown::Written if zone.is_empty() => ("each line names its zone".to_owned(), false),
        ZoneKnown::Written => (format!("zone {zone}, as its lines say"), false),
        ZoneKnown::Given => (format!("zone {zone}, as given"), false),
        ZoneKnown::Inferred => (format!("zone {zone}, inferred from another log"), false),
        ZoneKnown::Assumed => (
            format!("zone {zone} is assumed: no line says it; say it with --timezone"),
            true,
        ),
    }
}

/// `1 thing could not be read or decided`, when there are any.
pub(super) fn gaps(problems: &[Problem]) -> Option<String> {
    let n = problems.len();
    let things = count(n, "thing");
    (n > 0)
        .then(|| format!("not everything could be judged: {things} could not be read or decided"))
}
