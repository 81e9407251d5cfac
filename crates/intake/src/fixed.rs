//! What edits do to files, as diffs.

use base::Applicability;
use base::mask::masked;
use fix::{Change, Changed, Fixed, Models, Store, Wants};
use model::{Files, Model};
use report::Diff;

use crate::given::Given;

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
        fixed: &Fixed,
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
        let files = fixed.files.iter();
        files
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
        let shown = self.diffs(tree, &fixed, models, false);
        let mut text = Vec::new();
        match report::diff(&shown, false, &mut text) {
            Ok(()) => String::from_utf8_lossy(&text).into_owned(),
            Err(_) => String::new(),
        }
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
