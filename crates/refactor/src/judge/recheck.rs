//! What the rules say of the result, against what they said before.

use std::collections::BTreeMap;

use base::{Problem, Severity, Unjudged};
use fix::Key;
use model::Model;
use rules::Context;

use crate::ask::World;
use crate::papers::key_of;

/// What is to be compared of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) findings: Vec<SeenFinding>,
    /// What keeps us from knowing, without places.
    problems: Vec<String>,
    unjudged: Vec<Unjudged>,
    /// Every route with where it sends requests, sorted.
    routes: Vec<(String, String)>,
    /// Every pool with where it listens, sorted.
    pools: Vec<(String, String)>,
    /// The limits of each route.
    limits: BTreeMap<String, Vec<String>>,
}

/// A finding as far as it can be found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenFinding {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) key: Key,
    pub(crate) start: usize,
    pub(crate) routes: Vec<String>,
}

/// Why a result is not taken: for people, and for the model, who must not see values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Worse {
    pub(crate) words: String,
    pub(crate) told: String,
}

impl Worse {
    fn plain(words: impl Into<String>) -> Self {
        let words = words.into();
        Self {
            told: words.clone(),
            words,
        }
    }
}

impl Seen {
    /// Looks at a model as the team judges it.
    pub(crate) fn of(world: &World<'_>, model: &Model, options: &rules::Options) -> Seen {
        let mut options = options.clone();
        options.strict = true;
        let cx = Context::with(model, options);
        let judged = rules::judge(&cx);
        let findings = judged.findings.into_iter().map(|finding| SeenFinding {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message,
            key: key_of(world, &model.sources, finding.primary.span.file),
            start: finding.primary.span.start as usize,
            routes: finding.routes,
        });
        let unknown = cx.unknowns();
        let message = |problem: &Problem| problem.message.clone();
        let problems = model.problems.iter().chain(&unknown).map(message);
        let ladders = cx.ladders();
        let limits = ladders.iter().map(|ladder| {
            let rungs = ladder.rungs.iter();
            let rungs = rungs.map(|rung| match &rung.limit {
                Ok(limit) => format!("{}={limit}", rung.name),
                Err(why) => format!("{}:{why}", rung.name),
            });
            (ladder.route.clone(), rungs.collect())
        });
        let routes = model.routes().map(|(nginx, route)| {
            let word = |at| {
                nginx
                    .config
                    .word(route.pass, at)
                    .unwrap_or_default()
                    .into_owned()
            };
            let target = [word(0), b" ".to_vec(), word(1)].concat();
            let target = String::from_utf8_lossy(&target).into_owned();
            (route.label.clone(), target)
        });
        let pools = model.pools().map(|(_, pool)| {
            let listen = match pool.listen_address() {
                Some(address) => address.to_string(),
                None => "unknown".to_owned(),
            };
            (pool.shown_name(), listen)
        });
        Seen {
            findings: findings.collect(),
            problems: sorted(problems),
            routes: sorted(routes),
            pools: sorted(pools),
            limits: limits.collect(),
            unjudged: judged.unjudged,
        }
    }
}

fn sorted<T: Ord>(list: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = list.collect();
    list.sort();
    list
}

/// A finding that was asked about.
pub(crate) struct Sought<'s> {
    /// Its index among the findings before.
    pub(crate) index: usize,
    /// Its routes: the limits of these may change.
    pub(crate) routes: &'s [String],
}

/// Compares; the indices of those sought that are gone.
pub(crate) fn compare(
    before: &Seen,
    after: &Seen,
    moved: &dyn Fn(&Key, usize) -> usize,
    sought: &[Sought<'_>],
) -> Result<Vec<usize>, Worse> {
    unchanged(before, after)?;
    let (gone, new) = matched(&before.findings, &after.findings, moved);
    let ends = |sought: &&Sought<'_>| gone.contains(&sought.index);
    let ended: Vec<&Sought<'_>> = sought.iter().filter(ends).collect();
    // A finding about no route may be about all of them.
    let is_about_all = |sought: &&Sought<'_>| sought.routes.is_empty();
    let may_change_all = match ended.is_empty() {
        true => sought.iter().any(|sought| is_about_all(&sought)),
        false => ended.iter().any(is_about_all),
    };
    if !may_change_all {
        limits_unchanged(before, after, sought)?;
    }
    let gone: Vec<usize> = ended.iter().map(|sought| sought.index).collect();
    // What ends is to be worse than what begins.
    let ended = gone.iter().map(|index| before.findings[*index].severity);
    let least = ended.min().unwrap_or(Severity::Info);
    match new.iter().find(|finding| finding.severity >= least) {
        None => Ok(gone),
        Some(finding) => Err(Worse {
            words: format!("it would bring {}: {}", finding.rule, finding.message),
            told: format!(
                "it would bring another finding of the rule {} ({})",
                finding.rule,
                rules::by_id(finding.rule)
                    .map_or("", |rule| rule.summary())
                    .replace('\n', " ")
            ),
        }),
    }
}

/// What an edit of a value leaves alone.
fn unchanged(before: &Seen, after: &Seen) -> Result<(), Worse> {
    if let Some(new) = added(&before.problems, &after.problems) {
        return Err(Worse {
            words: format!("something would be unknown or refused: {new}"),
            told: "a server would refuse the result, or a value could no longer be known"
                .to_owned(),
        });
    }
    if let Some(new) = added(&before.unjudged, &after.unjudged) {
        let words = format!("{} could no longer judge", new.rule);
        return Err(Worse::plain(words));
    }
    if before.routes != after.routes {
        return Err(Worse::plain("it would change where requests are sent"));
    }
    if before.pools != after.pools {
        return Err(Worse::plain(
            "it would change the pools or where they listen",
        ));
    }
    Ok(())
}

/// The limits of routes of which no finding speaks.
fn limits_unchanged(before: &Seen, after: &Seen, sought: &[Sought<'_>]) -> Result<(), Worse> {
    let may_change = |route: &String| sought.iter().any(|sought| sought.routes.contains(route));
    let other = before
        .limits
        .iter()
        .find(|(route, limits)| !may_change(route) && after.limits.get(*route) != Some(limits));
    match other {
        None => Ok(()),
        Some((route, _)) => Err(Worse {
            words: format!("it would change the limits of {route}, of which no finding speaks"),
            told: "it would change the limits of a route of which no finding speaks".to_owned(),
        }),
    }
}

/// The first thing of the second list that is more often there than in the first; both are sorted.
fn added<'l, T: PartialEq>(before: &[T], after: &'l [T]) -> Option<&'l T> {
    let count = |list: &[T], one: &T| list.iter().filter(|other| *other == one).count();
    after
        .iter()
        .find(|one| count(after, one) > count(before, one))
}

/// Whether one finding is another.
type Same<'s> = dyn Fn(&SeenFinding, &SeenFinding) -> bool + 's;

/// Which findings are gone, and which are new. A finding is the same where its rule and its place
/// are, and else where its rule, file and routes are: its place may be another line then.
fn matched<'f>(
    before: &[SeenFinding],
    after: &'f [SeenFinding],
    moved: &dyn Fn(&Key, usize) -> usize,
) -> (Vec<usize>, Vec<&'f SeenFinding>) {
    let mut old: Vec<usize> = (0..before.len()).collect();
    let mut new: Vec<&SeenFinding> = after.iter().collect();
    let in_place = |old: &SeenFinding, new: &SeenFinding| {
        old.rule == new.rule && old.key == new.key && moved(&old.key, old.start) == new.start
    };
    let alike = |old: &SeenFinding, new: &SeenFinding| {
        let shares = old.routes.iter().any(|route| new.routes.contains(route));
        old.rule == new.rule && (shares || old.routes.is_empty() && old.key == new.key)
    };
    let ways: [&Same<'_>; 2] = [&in_place, &alike];
    for way in ways {
        old.retain(|index| {
            let same = new.iter().position(|new| way(&before[*index], new));
            same.map(|at| new.remove(at)).is_none()
        });
    }
    (old, new)
}
