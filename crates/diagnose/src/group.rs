//! Verdicts gathered into what is shown: incidents of one cause, worst first.

use base::SortedMap;
use base::diagnosis::{
    Candidate, Confidence, ConfigPlace, Counted, Diagnosis, EvidenceLine, Group, Harm, Incident,
    LogSource, Snippet, Timeline, ZoneKnown, ZoneSaid,
};

use crate::advice;
use crate::cascade;
use crate::cause::Cause;
use crate::facts::{Facts, Seen};
use crate::judge::{UNDETERMINED, Verdict, judge, was_noticed};
use crate::stack::Stack;
use crate::state::{At, State};

/// Columns of a timeline.
const COLUMNS: i64 = 48;
/// Names in a table of a group.
const MOST_NAMES: usize = 10;
/// Lines of evidence of a group.
const MOST_LINES: usize = 8;

/// What is wanted besides the groups.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Single incidents too.
    pub incidents: bool,
    /// Seconds east of UTC in which times are to be shown.
    pub shown_offset: i32,
}

/// Judges a state in the light of a configuration.
pub fn diagnose(state: &State, stack: &Stack, wanted: Wanted) -> Diagnosis {
    let facts = Facts::new(state, stack);
    let verdicts = judge(&facts);
    let window = window(state);
    let timeline = timeline(&verdicts);
    let mut groups: SortedMap<Sort, Vec<&Verdict<'_>>> = SortedMap::new();
    for verdict in &verdicts {
        groups.entry(Sort::of(verdict)).or_default().push(verdict);
    }
    let led = cascade::led_by(&verdicts);
    let mut groups: Vec<Group> = groups
        .into_values()
        .map(|members| {
            let mut group = group(&facts, &members, timeline);
            group.led_by = led.get(group.cause).cloned().unwrap_or_default();
            group
        })
        .collect();
    groups.sort_by_key(|group| {
        let noticed: u64 = (group.harms.iter())
            .filter(|(harm, _)| was_noticed(*harm))
            .map(|(_, count)| count)
            .sum();
        (
            std::cmp::Reverse((noticed, group.count)),
            group.cause,
            group.candidates.clone(),
        )
    });
    let incidents = match wanted.incidents {
        true => verdicts.iter().map(|one| incident(&facts, one)).collect(),
        false => Vec::new(),
    };
    Diagnosis {
        window,
        sources: state.sources.values().map(source).collect(),
        groups,
        incidents,
        timeline,
        shown_offset: wanted.shown_offset,
    }
}

/// What makes two incidents one group.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sort {
    cause: &'static str,
    confidence: Confidence,
    candidates: Vec<&'static str>,
}

impl Sort {
    fn of(verdict: &Verdict<'_>) -> Self {
        Sort {
            cause: verdict.id(),
            confidence: verdict.confidence,
            candidates: verdict.candidates.iter().map(|cause| cause.id).collect(),
        }
    }
}

fn window(state: &State) -> Option<(i64, i64)> {
    let first = state
        .sources
        .values()
        .filter_map(|source| source.first)
        .min()?;
    let last = state
        .sources
        .values()
        .filter_map(|source| source.last)
        .max()?;
    Some((first, last))
}

fn timeline(verdicts: &[Verdict<'_>]) -> Option<Timeline> {
    let times = || verdicts.iter().filter_map(|one| one.failure.time());
    let (first, last) = (times().min()?, times().max()?);
    // Steps that people can count with.
    const STEPS: [i64; 14] = [
        1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800,
    ];
    let needed = (last - first) / 1000 / COLUMNS + 1;
    let seconds = STEPS
        .into_iter()
        .find(|step| *step >= needed)
        .unwrap_or(needed);
    let step = seconds * 1000;
    let start = first - first.rem_euclid(step);
    let columns = usize::try_from((last - start) / step + 1).unwrap_or(1);
    Some(Timeline {
        start,
        step,
        columns,
    })
}

fn group(facts: &Facts<'_>, members: &[&Verdict<'_>], timeline: Option<Timeline>) -> Group {
    let one = members[0];
    let count = members.iter().map(|one| one.failure.count).sum();
    let first = members.iter().filter_map(|one| one.failure.time()).min();
    let last = members.iter().filter_map(|one| one.failure.line.last).max();
    let seen = first
        .zip(last)
        .map(|(first, last)| (first, last.max(first)));
    let mut harms: SortedMap<Harm, u64> = SortedMap::new();
    for member in members {
        *harms.entry(member.failure.harm).or_default() += member.failure.count;
    }
    let mut columns = vec![0; timeline.map_or(0, |line| line.columns)];
    for member in members {
        let column = timeline
            .zip(member.failure.time())
            .and_then(|(line, time)| {
                let at = usize::try_from((time - line.start) / line.step).ok()?;
                columns.get_mut(at)
            });
        if let Some(column) = column {
            *column += member.failure.count;
        }
    }
    let hours = seen.map_or(0.0, |(first, last)| hours(first, last));
    let mut because: Vec<String> = Vec::new();
    for member in members {
        let said = &member.why.because;
        if !said.is_empty() && !because.contains(said) && because.len() < 4 {
            because.push(said.clone());
        }
    }
    Group {
        cause: one.id(),
        title: title(one),
        confidence: one.confidence,
        harm: harms.keys().copied().max().unwrap_or(Harm::Unknown),
        candidates: one
            .candidates
            .iter()
            .map(|cause| candidate(cause))
            .collect(),
        count,
        harms: harms
            .iter()
            .rev()
            .map(|(harm, count)| (*harm, *count))
            .collect(),
        seen,
        per_hour: if hours > 0.0 {
            to_float(count) / hours
        } else {
            0.0
        },
        timeline: columns,
        routes: counted(members, |one| route(facts, one)),
        pools: counted(members, |one| pool(facts, one)),
        scripts: counted(members, script),
        statuses: counted(members, |one| status(one.failure.status)),
        because,
        evidence: evidence_of_group(facts, members),
        places: places(facts, members),
        advice: advice::advice(one),
        make_decidable: make_decidable(facts, one),
        make_sure: advice::make_sure(one),
        diff: String::new(),
        led_by: Vec::new(),
    }
}

fn title(verdict: &Verdict<'_>) -> String {
    match verdict.cause {
        Some(cause) => cause.title.to_owned(),
        None => advice::undetermined_title(verdict),
    }
}

fn candidate(cause: &'static Cause) -> Candidate {
    Candidate {
        cause: cause.id,
        title: cause.title,
        decides: cause.decides.to_owned(),
    }
}

/// Between two moments; at least a minute, so that a rate says something.
fn hours(first: i64, last: i64) -> f64 {
    to_float(u64::try_from(last - first).unwrap_or(0).max(60_000)) / 3_600_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "rates are shown with two digits"
)]
fn to_float(number: u64) -> f64 {
    number as f64
}

/// The names with the highest counts; `""` stands for the rest.
fn counted(members: &[&Verdict<'_>], name: impl Fn(&Verdict<'_>) -> String) -> Vec<Counted> {
    let mut counts: SortedMap<String, u64> = SortedMap::new();
    for member in members {
        *counts.entry(name(member)).or_default() += member.failure.count;
    }
    counts.remove("");
    let mut all: Vec<Counted> = counts
        .into_iter()
        .map(|(name, count)| Counted { name, count })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.count));
    if all.len() > MOST_NAMES {
        let rest = all.split_off(MOST_NAMES).iter().map(|one| one.count).sum();
        all.push(Counted {
            name: String::new(),
            count: rest,
        });
    }
    all
}

fn status(status: u16) -> String {
    match status {
        0 => String::new(),
        known => known.to_string(),
    }
}

/// The route's label, or the server that the log names.
pub(crate) fn route(facts: &Facts<'_>, verdict: &Verdict<'_>) -> String {
    let failure = &verdict.failure;
    let server = match (&*failure.line.words.server, &failure.access) {
        ("", Some(access)) => &*access.words.server,
        (server, _) => server,
    };
    let known = facts
        .stack
        .route_of(server, failure.upstream(), failure.path());
    match known {
        Some(route) => route.label.clone(),
        None => server.to_owned(),
    }
}

/// The pool's name, or the upstream's address.
pub(crate) fn pool(facts: &Facts<'_>, verdict: &Verdict<'_>) -> String {
    let failure = &verdict.failure;
    let named = failure.pool.map(|at| facts.stack.pools[at].name.clone());
    let of_lines = || {
        let run = verdict.found.run.map(|run| run.line.words.pool.to_string());
        let own = failure.line.words.pool.to_string();
        run.into_iter().chain([own]).find(|name| !name.is_empty())
    };
    (named.or_else(of_lines)).unwrap_or_else(|| failure.upstream().to_owned())
}

fn script(verdict: &Verdict<'_>) -> String {
    let failure = &verdict.failure;
    let run = verdict
        .found
        .run
        .map(|run| run.line.words.script.to_string());
    let own = failure.line.words.script.to_string();
    let named = run.into_iter().chain([own]).find(|name| !name.is_empty());
    named.unwrap_or_else(|| failure.line.words.path.to_string())
}

/// A line with its text, if it was kept.
fn line(facts: &Facts<'_>, signal: logs::Signal, at: At) -> EvidenceLine {
    let table = facts.state.tables.get(&signal);
    let source = facts.state.sources.get(&at.file);
    EvidenceLine {
        file: source.map_or_else(String::new, |source| source.name.clone()),
        line: at.line,
        text: table.and_then(|table| table.text(at)).map(str::to_owned),
    }
}

/// The lines that one verdict rests on, in order of time where it is known.
fn evidence(facts: &Facts<'_>, verdict: &Verdict<'_>) -> Vec<EvidenceLine> {
    let of = |seen: &Seen<'_>| line(facts, seen.signal, seen.at());
    let mut lines = vec![of(&verdict.failure.line)];
    lines.extend(verdict.failure.access.iter().map(of));
    let told = verdict.why.lines.iter();
    lines.extend(told.map(|(signal, at)| line(facts, *signal, *at)));
    let mut seen = base::SortedSet::new();
    lines.retain(|line| seen.insert((line.file.clone(), line.line)));
    lines
}

/// The lines of the best told incidents.
fn evidence_of_group(facts: &Facts<'_>, members: &[&Verdict<'_>]) -> Vec<EvidenceLine> {
    let told = |one: &&&Verdict<'_>| {
        let failure = &one.failure;
        let kept = facts.state.tables.get(&failure.signal);
        let kept = kept.is_some_and(|table| table.text(failure.line.at()).is_some());
        (kept, one.why.lines.len(), failure.access.is_some())
    };
    let mut best: Vec<_> = members.iter().collect();
    best.sort_by_key(|one| std::cmp::Reverse(told(one)));
    let mut lines: Vec<EvidenceLine> = Vec::new();
    for verdict in best.into_iter().take(MOST_LINES) {
        let more = evidence(facts, verdict);
        if !lines.is_empty() && lines.len() + more.len() > MOST_LINES {
            break;
        }
        for one in more {
            if !lines.contains(&one) {
                lines.push(one);
            }
        }
        if lines.len() >= 4 && members.len() > 3 {
            break;
        }
    }
    lines
}

/// Where the configuration has what belongs to the cause, for the routes and pools concerned.
fn places(facts: &Facts<'_>, members: &[&Verdict<'_>]) -> Vec<ConfigPlace> {
    let Some(cause) = members[0].cause else {
        return Vec::new();
    };
    let mut out: Vec<ConfigPlace> = Vec::new();
    for member in members {
        let failure = &member.failure;
        let route = facts.stack.route_of(
            &failure.line.words.server,
            failure.upstream(),
            failure.path(),
        );
        let pool = failure.pool.map(|at| &facts.stack.pools[at]);
        for name in cause.settings {
            let of_route = route.iter().flat_map(|route| &route.places);
            let of_pool = pool.iter().flat_map(|pool| &pool.places);
            for (_, place) in of_route.chain(of_pool).filter(|(known, _)| known == name) {
                if !out.contains(place) && out.len() < MOST_LINES {
                    out.push(place.clone());
                }
            }
        }
    }
    out
}

fn make_decidable(facts: &Facts<'_>, verdict: &Verdict<'_>) -> Vec<Snippet> {
    match verdict.cause {
        Some(_) => Vec::new(),
        None => advice::make_decidable(facts, verdict),
    }
}

/// One verdict as it is shown.
pub(crate) fn incident(facts: &Facts<'_>, verdict: &Verdict<'_>) -> Incident {
    let failure = &verdict.failure;
    let words = match (&*failure.line.words.path, &failure.access) {
        ("", Some(access)) => access.words,
        _ => failure.line.words,
    };
    Incident {
        cause: verdict.cause.map_or(UNDETERMINED, |cause| cause.id),
        confidence: verdict.confidence,
        candidates: verdict.candidates.iter().map(|cause| cause.id).collect(),
        harm: failure.harm,
        time: failure.time(),
        count: failure.count,
        status: failure.status,
        request: words.request(),
        route: route(facts, verdict),
        pool: pool(facts, verdict),
        script: script(verdict),
        upstream: failure.upstream().to_owned(),
        evidence: evidence(facts, verdict),
    }
}

fn source(state: &crate::state::SourceState) -> LogSource {
    let known = [
        ZoneKnown::Written,
        ZoneKnown::Given,
        ZoneKnown::Inferred,
        ZoneKnown::Assumed,
    ];
    let how = known.into_iter().find(|how| how.word() == state.zone_how);
    LogSource {
        file: state.name.clone(),
        kind: state.kind.clone(),
        zone: ZoneSaid {
            name: state.zone.clone(),
            how: how.unwrap_or_default(),
        },
        bytes: state.bytes,
        lines: state.lines,
        matched: state.matched,
        irrelevant: state.irrelevant,
        not_understood: state.unknown,
        outside: state.outside,
        examples: state
            .examples
            .iter()
            .map(|(at, text)| (*at, text.clone()))
            .collect(),
        span: state.first.zip(state.last),
        jumps: state.jumps,
        statuses: state
            .statuses
            .iter()
            .map(|(status, count)| (*status, *count))
            .collect(),
    }
}
