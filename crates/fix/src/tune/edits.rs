//! What was recommended, in the files.

use base::{Applicability, Edit, Severity, Sources, Span};
use model::php::{Assignment, Pool};
use model::{Model, PoolId};

use super::advise::Advice;
use crate::change::Change;
use crate::ini::{added, set_value};
use crate::rounds::{Changed, Resolve, Store, apply_changes};

/// A setting and its new value.
pub type Setting = (&'static str, String);

/// A setting that is left as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: &'static str,
    /// Why, for people.
    pub why: String,
}

impl Advice {
    /// The settings that change, in the order in which people write them.
    pub fn settings(&self) -> Vec<Setting> {
        let mut out = Vec::new();
        let mut put = |name, value: Option<String>| out.extend(value.map(|value| (name, value)));
        let number = |n: Option<u32>| n.map(|n| n.to_string());
        put("pm", self.manager.map(|manager| manager.word().to_owned()));
        put("pm.max_children", number(self.children.map(|(n, _)| n)));
        put("pm.start_servers", number(self.spares.start));
        put("pm.min_spare_servers", number(self.spares.min));
        put("pm.max_spare_servers", number(self.spares.max));
        put(
            "pm.max_requests",
            number(self.growth.map(|growth| growth.requests)),
        );
        put(
            "listen.backlog",
            number(self.backlog.and_then(|backlog| backlog.change)),
        );
        out
    }
}

/// The edits that set these in a pool; and what cannot be set for this pool alone. Is one of the
/// workers' numbers among these, none of them is set: they have to fit together.
pub fn change_of(model: &Model, id: PoolId, settings: &[Setting]) -> (Option<Change>, Vec<Kept>) {
    let pool = model.pool(id);
    let mut edits: Vec<(&'static str, Edit)> = Vec::new();
    let mut kept = Vec::new();
    for (name, value) in settings {
        match edit(model, id, name, value) {
            Ok(edit) => edits.push((name, edit)),
            Err(why) => kept.push(Kept { name, why }),
        }
    }
    let is_of_workers = |name: &str| name.starts_with("pm") && name != "pm.max_requests";
    if kept.iter().any(|kept| is_of_workers(kept.name)) {
        edits.retain(|(name, _)| !is_of_workers(name));
    }
    if edits.is_empty() {
        return (None, kept);
    }
    let names: Vec<&str> = edits.iter().map(|(name, _)| *name).collect();
    let change = Change {
        rule: "tune",
        title: format!(
            "set `{}` of pool `{}`",
            names.join("`, `"),
            pool.shown_name()
        ),
        why: "measured".to_owned(),
        severity: Severity::Info,
        applicability: Applicability::Unsafe,
        routes: Vec::new(),
        edits: edits.into_iter().map(|(_, edit)| edit).collect(),
    };
    (Some(change), kept)
}

/// The files that these change, and their contents as a store.
///
/// # Errors
/// Why the edits do not fit, for people.
pub fn changed(
    model: &Model,
    resolve: &Resolve<'_>,
    changes: &[Change],
) -> Result<(Vec<Changed>, Store), String> {
    apply_changes(model, resolve, changes)
}

fn edit(model: &Model, id: PoolId, name: &'static str, value: &str) -> Result<Edit, String> {
    let pool = model.pool(id);
    let Some(assignment) = pool.settings.get(name) else {
        let anchor = anchor(model, id, pool).ok_or_else(|| {
            "every line of the pool is in a file that other pools include, too: write it into the \
             pool's own file"
                .to_owned()
        })?;
        return Ok(added(&model.sources, anchor, name, value));
    };
    assignment.known()?;
    let others = others(model, id, assignment.span);
    if !others.is_empty() {
        return Err(format!(
            "its line is that of {}, too: write it into the pool's own file, behind the include",
            others.join(", ")
        ));
    }
    Ok(set_value(&model.sources, assignment, value))
}

/// The line behind which a new one is put: `pm`, unless other pools read that line, too.
fn anchor(model: &Model, id: PoolId, pool: &Pool) -> Option<Span> {
    let is_own = |assignment: &&Assignment| others(model, id, assignment.span).is_empty();
    let own = || {
        pool.settings
            .iter()
            .map(|(_, assignment)| assignment)
            .filter(is_own)
    };
    let manager = pool.settings.get("pm").filter(is_own);
    manager
        .or_else(|| own().last())
        .map(|assignment| assignment.span)
}

/// The other pools that read this very line.
fn others(model: &Model, id: PoolId, span: Span) -> Vec<String> {
    let place = |span: Span| (path(&model.sources, span), span.start, span.end);
    let reads = |pool: &Pool| {
        let mut spans = pool.settings.iter().map(|(_, assignment)| assignment.span);
        spans.any(|other| place(other) == place(span))
    };
    let others = model
        .pools()
        .filter(|(other, pool)| *other != id && reads(pool));
    others
        .map(|(_, pool)| format!("pool `{}`", pool.shown_name()))
        .collect()
}

fn path(sources: &Sources, span: Span) -> (&Option<String>, &base::FilePath) {
    let source = sources.get(span.file);
    (&source.via, &source.path)
}
