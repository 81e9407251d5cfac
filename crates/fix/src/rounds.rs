//! Applying changes in rounds, until nothing is left to do.

use std::sync::Arc;

use base::outer::Part;
use base::{Edit, FilePath, Finding, Outer, Problem, ProblemKind, SortedMap, SortedSet, Sources};
use model::{Files, Model, ReadError, chain};

use crate::change::{Change, Wants};
use crate::edit::apply;
use crate::sealed::Sealed;
use crate::table::{Stage, staged};

/// More rounds than any chain of consequences has links.
const MOST_ROUNDS: usize = 10;

/// Where a file is from (a dump's name, or nothing for the disk) and its real path.
pub type Key = (Option<String>, FilePath);

/// Contents that stand for those of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store(pub SortedMap<Key, Arc<[u8]>>);

/// Files with some contents replaced.
pub struct Overlay<'a> {
    /// What is below.
    pub files: &'a dyn Files,
    /// Where they are from.
    pub via: Option<String>,
    /// What stands for their contents.
    pub store: &'a Store,
}

impl Overlay<'_> {
    /// What stands for a file: by its own path, or, of a machine's files, by that of a link to it.
    fn stored(&self, path: &FilePath) -> Option<&Arc<[u8]>> {
        if self.store.0.is_empty() {
            return None;
        }
        let real = self.files.resolve(path).unwrap_or_else(|| path.clone());
        let of = |path: FilePath| self.store.0.get(&(self.via.clone(), path));
        of(real).or_else(|| of(path.clone()).filter(|_| self.via.is_some()))
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        match self.stored(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.files.read(path),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        self.files.list(dir)
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        self.files.resolve(path)
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        self.files.shown(path)
    }

    fn outer(&self, path: &FilePath) -> Option<Outer> {
        // What was replaced stands nowhere yet.
        let is_replaced = self.stored(path).is_some();
        (!is_replaced).then(|| self.files.outer(path)).flatten()
    }

    fn parts(&self, path: &FilePath) -> Vec<Part> {
        match self.stored(path) {
            Some(_) => Vec::new(),
            None => self.files.parts(path),
        }
    }
}

/// One file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where it is from; nothing for the disk.
    pub via: Option<String>,
    /// Its real path, links followed.
    pub path: FilePath,
    /// Its path for people.
    pub shown: FilePath,
    /// What it was.
    pub old: Arc<[u8]>,
    /// What it becomes.
    pub new: Arc<[u8]>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that change.
    pub files: Vec<Changed>,
    /// What was done, in order.
    pub changes: Vec<Change>,
    /// What is still found.
    pub left: Vec<Finding>,
    /// Changes that were tried and made things worse, with what they did.
    pub rejected: Vec<(Change, String)>,
    /// Whether nothing more was to be done in the end.
    is_settled: bool,
    /// What could not be read or known, before any change.
    pub problems: Vec<Problem>,
}

/// Loads the model with some contents replaced.
pub type Load<'a> = dyn Fn(&Store) -> Model + 'a;
/// The real path of a source.
pub type Resolve<'a> = dyn Fn(Option<&str>, &FilePath) -> FilePath + 'a;

/// The models before and after; nothing for the second when nothing changed.
pub type Models = (Model, Option<Model>);

/// Changes what was found until nothing more is to be done.
pub fn run(load: &Load<'_>, resolve: &Resolve<'_>, wants: &Wants) -> (Fixed, Models) {
    let runner = Runner {
        load,
        resolve,
        wants,
    };
    let mut rejected: Vec<(Change, String)> = Vec::new();
    loop {
        let (fixed, models) = runner.rounds(&mut rejected);
        let before = rules::check(&wants.context(&models.0));
        let unsettled = || {
            let last = fixed.changes.last().filter(|_| !fixed.is_settled)?;
            Some((last.clone(), "another change undoes it again".to_owned()))
        };
        let joined = joined(&models.0);
        match worse(&before, &fixed, &joined).or_else(unsettled) {
            Some(culprit) => rejected.push(culprit),
            None => return (Fixed { rejected, ..fixed }, models),
        }
    }
}

/// The routes of which it is known who answers.
fn joined(model: &Model) -> SortedSet<String> {
    let chains = chain::chains(model).into_iter();
    chains.map(|chain| chain.route.label.clone()).collect()
}

/// Whether a finding was there before and could not be seen: nobody answered its routes, so their
/// limits met none. It is not about the way to the pool, which was changed, and nothing else on
/// these routes was.
fn is_uncovered(finding: &Finding, fixed: &Fixed, joined: &SortedSet<String>) -> bool {
    let is_of_the_way = |rule: &str| rules::by_id(rule).is_none_or(|rule| rule.group == "sockets");
    let is_changed = |route: &String| {
        let mut others = fixed.changes.iter();
        others.any(|change| !is_of_the_way(change.rule) && change.routes.contains(route))
    };
    let was_hidden = |route: &String| !joined.contains(route) && !is_changed(route);
    !finding.routes.is_empty()
        && !is_of_the_way(finding.rule)
        && finding.routes.iter().all(was_hidden)
}

/// A change that brought something as bad as what was ended, and what that is.
fn worse(
    before: &[Finding],
    fixed: &Fixed,
    joined: &SortedSet<String>,
) -> Option<(Change, String)> {
    let worst = fixed.changes.iter().map(|change| change.severity).max()?;
    let count = |list: &[Finding], rule: &str| list.iter().filter(|f| f.rule == rule).count();
    let is_new = |finding: &&Finding| {
        finding.severity >= worst && count(&fixed.left, finding.rule) > count(before, finding.rule)
    };
    let is_caused = |finding: &&Finding| !is_uncovered(finding, fixed, joined);
    let new = fixed.left.iter().filter(is_new).find(is_caused)?;
    let about = |change: &&Change| new.routes.iter().any(|route| change.routes.contains(route));
    let mut changes = fixed.changes.iter().rev();
    let culprit = changes.find(about).or(fixed.changes.last())?;
    let why = format!("it would bring {}: {}", new.rule, new.message);
    Some((culprit.clone(), why))
}

/// Applies changes that nothing has to be found for: the files that change, and their contents.
pub(crate) fn apply_changes(
    model: &Model,
    resolve: &Resolve<'_>,
    changes: &[Change],
) -> Result<(Vec<Changed>, Store), String> {
    let mut originals: SortedMap<Key, Changed> = SortedMap::new();
    remember(&model.sources, resolve, changes, &mut originals);
    let mut edits: Edits = SortedMap::new();
    for change in changes {
        edits = with(&edits, &model.sources, resolve, change);
    }
    let mut store = Store::default();
    for (key, (bytes, list)) in edits {
        let new: Arc<[u8]> = apply(&bytes, &list)
            .map_err(|_| "the edits touch the same bytes".to_owned())?
            .into();
        if let Some(changed) = originals.get_mut(&key) {
            changed.new = new.clone();
        }
        store.0.insert(key, new);
    }
    let files = originals.into_values();
    Ok((files.filter(|file| file.new != file.old).collect(), store))
}

struct Runner<'a> {
    load: &'a Load<'a>,
    resolve: &'a Resolve<'a>,
    wants: &'a Wants,
}

impl Runner<'_> {
    fn rounds(&self, rejected: &mut Vec<(Change, String)>) -> (Fixed, Models) {
        let mut first: Option<Model> = None;
        let mut fixed = Fixed::default();
        let mut store = Store::default();
        let mut model = (self.load)(&store);
        fixed.problems.clone_from(&model.problems);
        let mut originals: SortedMap<Key, Changed> = SortedMap::new();
        // What the server itself cannot read is a matter for a person.
        let is_whole = fixed
            .problems
            .iter()
            .all(|p| p.kind == ProblemKind::Unknown);
        let mut sealed = Sealed::of(&model.sources, self.resolve);
        for _ in 0..MOST_ROUNDS {
            let mut todo = match is_whole {
                true => look(&model, self.wants, rejected),
                false => Vec::new(),
            };
            if todo.is_empty() {
                fixed.is_settled = true;
                break;
            }
            todo.retain(
                |change| match sealed.refuses(&model.sources, self.resolve, change) {
                    Some(why) => {
                        rejected.push((change.clone(), why));
                        false
                    }
                    None => true,
                },
            );
            if todo.is_empty() {
                continue;
            }
            remember(&model.sources, self.resolve, &todo, &mut originals);
            let mut tried = self.attempt(&model, &store, &todo);
            if tried.is_err() {
                // Together they do not fit: the first that does, and look again.
                tried = todo
                    .into_iter()
                    .find_map(|change| {
                        match self.attempt(&model, &store, std::slice::from_ref(&change)) {
                            Ok(tried) => Some(Ok(tried)),
                            Err(why) => {
                                rejected.push((change, why));
                                None
                            }
                        }
                    })
                    .unwrap_or_else(|| Err(String::new()));
            }
            if let Ok((next, after, applied)) = tried {
                let edits = applied.iter().fold(Edits::new(), |edits, change| {
                    with(&edits, &model.sources, self.resolve, change)
                });
                sealed.follow(&edits);
                applied
                    .into_iter()
                    .for_each(|change| note(&mut fixed.changes, change));
                store = next;
                let old = std::mem::replace(&mut model, after);
                first.get_or_insert(old);
            }
        }
        fixed.left = rules::check(&self.wants.context(&model));
        let files = originals.into_iter().filter_map(|(key, mut changed)| {
            changed.new = store.0.get(&key)?.clone();
            (changed.new != changed.old).then_some(changed)
        });
        fixed.files = files.collect();
        match first {
            Some(first) => (fixed, (first, Some(model))),
            None => (fixed, (model, None)),
        }
    }

    /// Applies changes and looks whether everything can still be read. Of changes that touch the
    /// same bytes the first is made; the others get their turn in the next round.
    fn attempt(&self, model: &Model, store: &Store, changes: &[Change]) -> Result<Tried, String> {
        let overlap = || "its edits overlap".to_owned();
        let mut edits: Edits = SortedMap::new();
        let mut applied = Vec::new();
        for change in changes {
            let next = with(&edits, &model.sources, self.resolve, change);
            if next
                .values()
                .all(|(bytes, list)| apply(bytes, list).is_ok())
            {
                edits = next;
                applied.push(change.clone());
            }
        }
        if applied.is_empty() {
            return Err(overlap());
        }
        let mut next = store.clone();
        for (key, (bytes, list)) in edits {
            let new = apply(&bytes, &list).map_err(|_| overlap())?;
            next.0.insert(key, new.into());
        }
        let after = (self.load)(&next);
        if after.problems.len() <= model.problems.len() {
            return Ok((next, after, applied));
        }
        let is_new = |problem: &&Problem| {
            model
                .problems
                .iter()
                .all(|old| old.message != problem.message)
        };
        let new = after.problems.iter().find(is_new);
        Err(new.map_or_else(
            || "something can no longer be read".to_owned(),
            |p| p.message.clone(),
        ))
    }
}

/// A value that is set twice was set once, to what it became in the end.
fn note(changes: &mut Vec<Change>, new: Change) {
    let name = |title: &str| Some(title.strip_prefix("set `")?.split_once('`')?.0.to_owned());
    let same = |old: &Change| {
        let shares = old.routes.iter().any(|route| new.routes.contains(route));
        name(&old.title).is_some() && name(&old.title) == name(&new.title) && shares
    };
    match changes.iter().position(same) {
        Some(at) => {
            let old = &mut changes[at];
            old.title = new.title;
            old.why = new.why;
            old.edits.extend(new.edits);
            let more = new
                .routes
                .into_iter()
                .filter(|route| !old.routes.contains(route));
            let more: Vec<_> = more.collect();
            old.routes.extend(more);
        }
        None => changes.push(new),
    }
}

pub(crate) type Edits = SortedMap<Key, (Arc<[u8]>, Vec<Edit>)>;
type Tried = (Store, Model, Vec<Change>);

/// The edits with those of one more change.
fn with(edits: &Edits, sources: &Sources, resolve: &Resolve<'_>, change: &Change) -> Edits {
    let mut out = edits.clone();
    for edit in &change.edits {
        let key = key_of(sources, resolve, edit);
        let bytes = sources.get(edit.span.file).bytes.clone();
        let (_, list) = out.entry(key).or_insert_with(|| (bytes, Vec::new()));
        // One file may have been read by two names.
        let span = base::Span::new(base::FileId(0), edit.span.start, edit.span.end);
        let edit = Edit {
            span,
            text: edit.text.clone(),
        };
        if !list.contains(&edit) {
            list.push(edit);
        }
    }
    out
}

/// The changes of the first stage that has any, without those that were rejected.
fn look(model: &Model, wants: &Wants, rejected: &[(Change, String)]) -> Vec<Change> {
    let cx = wants.context(model);
    let findings = rules::check(&cx);
    let mut all: Vec<(Stage, Change)> = staged(&cx, &findings, wants);
    all.retain(|(_, change)| {
        let same = |other: &Change| other.rule == change.rule && other.routes == change.routes;
        !rejected.iter().any(|(other, _)| same(other))
    });
    let first = all.iter().map(|(stage, _)| *stage).min();
    let mut out: Vec<Change> = Vec::new();
    for (_, change) in all.into_iter().filter(|(stage, _)| Some(*stage) == first) {
        // Several findings, one cure.
        match out.iter_mut().find(|other| other.edits == change.edits) {
            Some(known) => {
                let new = |route: &String| !known.routes.contains(route);
                let more: Vec<_> = change.routes.into_iter().filter(new).collect();
                known.routes.extend(more);
            }
            None => out.push(change),
        }
    }
    out
}

pub(crate) fn key_of(sources: &Sources, resolve: &Resolve<'_>, edit: &Edit) -> Key {
    let source = sources.get(edit.span.file);
    let via = source.via.clone();
    let path = resolve(via.as_deref(), &source.path);
    (via, path)
}

/// Keeps the first content of each file that is about to change.
fn remember(
    sources: &Sources,
    resolve: &Resolve<'_>,
    changes: &[Change],
    originals: &mut SortedMap<Key, Changed>,
) {
    for edit in changes.iter().flat_map(|change| &change.edits) {
        let key = key_of(sources, resolve, edit);
        let source = sources.get(edit.span.file);
        originals.entry(key.clone()).or_insert_with(|| Changed {
            via: key.0,
            path: key.1,
            shown: source.shown().clone(),
            old: source.bytes.clone(),
            new: source.bytes.clone(),
        });
    }
}
