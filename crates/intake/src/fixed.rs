//! What edits do to files, and as diffs.

use base::mask::masked;
use base::source::printable;
use base::{Applicability, Edit, FileId, FilePath, Millis, SortedMap, Span};
use fix::{Change, Changed, EditError, Fixed, Models, Store, Wants};
use model::nginx::value::time_msec;
use model::{Files, Model};
use report::{ChangeMeta, Diff};

use crate::given::Given;
use crate::tray::{Tray, path_of};

impl Given {
    /// Plans edits until nothing is left to do.
    pub fn fix(&self, tree: &dyn Files, wants: &Wants) -> (Fixed, Models) {
        let load = |store: &Store| self.model(tree, store);
        let resolve = |via: Option<&str>, path: &_| self.resolve(tree, via, path);
        fix::run(&load, &resolve, wants)
    }

    /// Old and new as they may be shown.
    pub fn diffs(
        &self,
        tree: &dyn Files,
        files: &[Changed],
        (mut before, after): Models,
        show_secrets: bool,
    ) -> Vec<Diff> {
        let Some(mut after) = after else {
            return Vec::new();
        };
        let shown = |model: &mut Model, changed: &Changed, bytes: &[u8]| {
            if show_secrets {
                return bytes.to_vec();
            }
            let is_it = |source: &base::Source| {
                source.via == changed.via
                    && self.resolve(tree, source.via.as_deref(), &source.path) == changed.path
            };
            let found = model
                .sources
                .iter()
                .find(|(_, source)| is_it(source))
                .map(|(id, _)| id);
            let Some(id) = found else {
                // Never shown unmasked.
                return Vec::new();
            };
            redact::mark(&mut model.sources, id);
            masked(bytes, 0..bytes.len(), &model.sources.get(id).secrets)
        };
        files
            .iter()
            .map(|changed| Diff {
                path: changed.shown.to_string(),
                old: shown(&mut before, changed, &changed.old),
                new: shown(&mut after, changed, &changed.new),
            })
            .collect()
    }

    /// The edits that end what these rules found, as a masked diff; empty when there are none.
    pub fn planned(&self, tree: &dyn Files, rules: &[&str], options: rules::Options) -> String {
        if rules.is_empty() {
            return String::new();
        }
        let wants = Wants {
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            options,
            ..Wants::default()
        };
        let (fixed, models) = self.fix(tree, &wants);
        let shown = self.diffs(tree, &fixed.files, models, false);
        shown.iter().map(report::diff_text).collect()
    }
}

/// How far a change can be trusted, in a word.
pub fn label(change: &Change) -> &'static str {
    match change.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::DisplayOnly => "shown only",
    }
}

/// A change as reports have it.
pub fn change(change: &Change) -> ChangeMeta {
    ChangeMeta {
        rule: change.rule,
        title: change.title.clone(),
        why: change.why.clone(),
        applicability: label(change),
        routes: change.routes.clone(),
    }
}

/// How long a request may take, as people write it: a second or more.
///
/// # Errors
/// What to write instead.
pub fn request_time(text: &str) -> Result<Millis, String> {
    match time_msec(text.as_bytes()) {
        Ok(ms) if ms >= 1000 => Ok(Millis(ms)),
        _ => Err("write a time such as 90s or 2m".to_owned()),
    }
}

/// One edit: the name of the file, the bytes that go, and what comes.
pub type NamedEdit<'e> = (&'e str, (u32, u32), &'e str);

/// Applies edits to the files of a tray: the names and new bytes of those that change.
///
/// # Errors
/// When a file is not there, or an edit does not fit.
pub fn apply<'t, 'e>(
    tray: &'t Tray,
    edits: impl Iterator<Item = NamedEdit<'e>>,
) -> Result<Vec<(&'t str, Vec<u8>)>, String> {
    let mut by_path: SortedMap<FilePath, (&str, Vec<Edit>)> = SortedMap::new();
    for (name, (start, end), text) in edits {
        let edit = Edit {
            span: Span {
                file: FileId(0),
                start,
                end,
            },
            text: text.as_bytes().to_vec(),
        };
        let file = by_path.entry(path_of(name)).or_insert((name, Vec::new()));
        file.1.push(edit);
    }
    let mut changed = Vec::new();
    for (path, (named, edits)) in by_path {
        let shown = printable(named.as_bytes());
        let (Some(name), Ok(old)) = (tray.name(&path), tray.read(&path)) else {
            return Err(format!("there is no file `{shown}` to edit"));
        };
        let new = fix::apply(&old, &edits).map_err(|error| match error {
            EditError::Overlap => format!("two edits of `{shown}` touch the same bytes"),
            EditError::Outside => format!("an edit is outside of `{shown}`"),
        })?;
        if new != *old {
            changed.push((name, new));
        }
    }
    Ok(changed)
}
