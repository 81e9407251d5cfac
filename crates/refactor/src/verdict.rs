//! How a session ended.

use std::collections::BTreeMap;

use fix::{Change, Changed, Fixed, Key, Store};

use crate::judge::{Accepted, Refused};
use crate::look::Refusal;
use crate::papers::Paper;
use crate::wire::Trouble;

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its rule.
    pub rule: &'static str,
    /// What it said.
    pub message: String,
}

/// How it ended.
#[derive(Debug, Default)]
pub struct Verdict {
    /// How many answers were judged.
    pub rounds: usize,
    /// Findings that were asked about.
    pub asked: usize,
    /// Edits of the model that are right: they are in `files`.
    pub accepted: Vec<Accepted>,
    /// Edits of the model that are not.
    pub refused: Vec<Refused>,
    /// Findings that the model's edits end.
    pub ended: Vec<Ended>,
    /// Why there is no answer, or none that could be read.
    pub reasons: Vec<String>,
    /// What went wrong on the way.
    pub trouble: Option<Trouble>,
    /// Why nothing, or nothing more, was sent.
    pub refusal: Option<Refusal>,
    /// What badgateway itself changes, on top of the model's edits.
    pub fixed: Fixed,
    /// The files that change, from what they are to what they become.
    pub files: Vec<Changed>,
}

impl Verdict {
    /// Changes of badgateway's own.
    pub fn own(&self) -> &[Change] {
        &self.fixed.changes
    }
}

/// The files that change: by the edits of the model, then by those of our own on top.
pub(crate) fn files(papers: &[Paper], store: &Store, fixed: &Fixed) -> Vec<Changed> {
    let mut out: BTreeMap<Key, Changed> = BTreeMap::new();
    for (key, new) in &store.0 {
        if let Some(paper) = papers.iter().find(|paper| paper.key == *key) {
            let changed = Changed {
                via: key.0.clone(),
                path: key.1.clone(),
                shown: paper.shown.clone(),
                old: paper.old.clone(),
                new: new.clone(),
            };
            out.insert(key.clone(), changed);
        }
    }
    for changed in &fixed.files {
        let key = (changed.via.clone(), changed.path.clone());
        match out.get_mut(&key) {
            Some(known) => known.new = changed.new.clone(),
            None => drop(out.insert(key, changed.clone())),
        }
    }
    let differs = |changed: &Changed| changed.old != changed.new;
    out.into_values().filter(differs).collect()
}
