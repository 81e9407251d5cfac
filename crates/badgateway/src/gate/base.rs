//! The base of a change: which commit it is, and what was found there.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::source::printable;
use base::{Finding, Severity};
use intake::Asked;

use super::git::{Refusal, Repository};
use crate::cli::{CiArgs, InputArgs};
use crate::load::load_all;
use crate::run::is_chosen;
use crate::talk;
use crate::talking::Silence;

/// Where the change begins.
pub(super) enum Base {
    /// At this commit, which is called so.
    Commit { commit: String, name: String },
    /// Nobody knows, so everything is judged: why.
    Everything(&'static str),
}

/// In which variables a CI names the branch that a change is for, or the commit it is from.
const VARIABLES: [&str; 6] = [
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "CHANGE_TARGET",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
];

/// Where a clone keeps what it calls the main branch of its origin.
const ORIGIN: &str = "refs/remotes/origin/HEAD";

/// Finds the base: what was said, what the CI says, where this branch left that of the origin.
pub(super) fn find(repository: &Repository, said: Option<&str>) -> Result<Base, Refusal> {
    let commit = |revisions: Vec<String>, name: String| {
        let commit = repository.parted(&revisions)?;
        Ok(Base::Commit { commit, name })
    };
    if let Some(said) = said {
        return commit(vec![said.to_owned()], said.to_owned());
    }
    let named = VARIABLES
        .iter()
        .find_map(|name| Some((name, env::var(name).ok().filter(|text| !text.is_empty())?)));
    if let Some((variable, value)) = named {
        let branch = value.strip_prefix("refs/heads/").unwrap_or(&value);
        let revisions = vec![format!("refs/remotes/origin/{branch}"), branch.to_owned()];
        return commit(revisions, format!("{branch}, from {variable}"));
    }
    match repository.commit(ORIGIN) {
        Some(_) => commit(vec![ORIGIN.to_owned()], "origin/HEAD".to_owned()),
        None => Ok(Base::Everything(
            "no base is named, and origin/HEAD is not known",
        )),
    }
}

/// What was found at the base, and whether each is a note.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<Key, bool>);

/// What makes a finding the same: its fingerprint and its words. What became worse has others.
pub(super) type Key = (String, String);

/// The key of a finding.
pub(super) fn key(print: &str, finding: &Finding) -> Key {
    (print.to_owned(), finding.message.clone())
}

impl Known {
    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// How many are not among these; notes only when they are shown.
    pub(super) fn without(&self, keys: &BTreeSet<Key>, notes: bool) -> usize {
        let shown = self.0.iter().filter(|(_, is_note)| notes || !**is_note);
        shown.filter(|(key, _)| !keys.contains(*key)).count()
    }
}

/// Makes sure that all inputs lie in the repository, and makes them relative: what lies elsewhere
/// is the same at the base, and would be old whatever it is.
pub(super) fn inside(repository: &Repository, input: &mut InputArgs) -> Result<(), Refusal> {
    let up: PathBuf = repository.below.iter().map(|_| "..").collect();
    let paths = input.inputs.iter_mut().chain(&mut input.root);
    for path in paths {
        // What is not there is said when it is read.
        let Ok(real) = fs::canonicalize(&*path) else {
            continue;
        };
        let Ok(below) = real.strip_prefix(&repository.top) else {
            let shown = printable(path.as_os_str().as_encoded_bytes());
            return Err(Refusal {
                message: format!(
                    "{shown} lies outside of the repository, so nothing tells what \
                                  is new in it"
                ),
                help: "`badgateway check` judges it as it is, and so does --all",
            });
        };
        if path.is_absolute() {
            *path = up.join(below);
            if path.as_os_str().is_empty() {
                *path = PathBuf::from(".");
            }
        }
    }
    if input.inputs.iter().any(|path| path == Path::new("-")) {
        return Err(Refusal {
            message: "standard input has no base".to_owned(),
            help: "give files of the repository, or use `badgateway check`",
        });
    }
    Ok(())
}

/// Judges the base with its own badgateway.toml, as if we were in its folder.
pub(super) fn known(
    dir: &Path,
    tree: &Path,
    top: &Path,
    args: &CiArgs,
    input: &InputArgs,
) -> Result<Known, Refusal> {
    // The folder is new: nothing was there.
    if !dir.is_dir() {
        return Ok(Known::default());
    }
    let silence = Silence::begin();
    let found = in_folder(dir, || judged(args, input));
    let words = silence.end();
    let found = found.map_err(|error| Refusal {
        message: format!("the base cannot be judged: {error}"),
        help: "judge everything: --all",
    })?;
    let (tree, top) = (tree.to_string_lossy(), top.to_string_lossy());
    match found {
        Some(found) => {
            let moved = found.into_iter().map(|((print, message), is_note)| {
                let message = message.replace(tree.as_ref(), top.as_ref());
                ((print, message), is_note)
            });
            Ok(Known(moved.collect()))
        }
        None => {
            let why = words.first().map_or("", |words| words.as_str());
            let why = why.strip_prefix("error: ").unwrap_or(why);
            talk(&format!(
                "note: the base cannot be judged, so everything counts as new: {why}"
            ));
            Ok(Known::default())
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "`ci` has one thread, and names have to be what they are in the repository: relative"
)]
fn in_folder<T>(dir: &Path, work: impl FnOnce() -> T) -> io::Result<T> {
    let here = env::current_dir()?;
    env::set_current_dir(dir)?;
    let done = work();
    env::set_current_dir(here)?;
    Ok(done)
}

fn judged(args: &CiArgs, input: &InputArgs) -> Option<Vec<(Key, bool)>> {
    let (loaded, beside) = load_all(input)?;
    let mut options = loaded.project.options();
    // A note of the base is known, too, when it is graded up.
    options.strict = true;
    let asked = Asked {
        options,
        wanted: &|rule| is_chosen(&args.judging.choice, rule),
        notes: true,
        edits: false,
        beside,
    };
    let judged = intake::judge(loaded.model, loaded.problems, asked);
    let report = judged.report();
    let prints = report::fingerprints(&report);
    let findings = report.findings.iter().zip(&prints);
    let keys = findings.map(|(finding, print)| {
        let is_note = finding.severity == Severity::Info;
        (key(print, finding), is_note)
    });
    Some(keys.collect())
}
