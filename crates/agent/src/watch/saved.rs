//! The state file: counters, the window of the logs, and how far they were read, all of one
//! moment. Whatever ends the agent, the next one goes on from there, and counts nothing twice.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::diagnosis::{Confidence, EvidenceLine, Harm, Incident};
use diagnose::live::SavedLive;
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::disk::{beside, hold, replace};
use crate::snapshot::Counted;

/// What the first field must say.
const FORMAT: &str = "badgateway-agent-1";

/// What is saved; `P` says how far logs were read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved<P> {
    format: String,
    /// The counters.
    pub(super) counts: Counts,
    /// The window of the logs.
    pub(super) live: SavedLive,
    /// How far they were read.
    pub(super) positions: P,
    recent: Vec<SavedIncident>,
}

/// Where the state is, held by one agent.
pub(super) struct Store {
    path: PathBuf,
    /// Whoever holds it is the only agent with this state.
    _lock: File,
}

impl Store {
    /// Takes hold of a state file; its folder is made.
    ///
    /// # Errors
    /// When another agent has it, or it cannot be used; for people.
    pub(super) fn open(path: &Path) -> Result<Store, String> {
        let shown = base::source::printable(path.as_os_str().as_encoded_bytes());
        let wrong = |error: io::Error| format!("the state file {shown}: {error}");
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            fs::create_dir_all(dir).map_err(wrong)?;
        }
        let Some(lock) = hold(&beside(path, "lock")).map_err(wrong)? else {
            return Err(format!(
                "the state file {shown} is in use by another agent; each needs its own (--state)"
            ));
        };
        Ok(Store {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// What was saved; nothing when there is no file yet.
    ///
    /// # Errors
    /// When there is one that cannot be used; for people.
    pub(super) fn load<P: for<'d> Deserialize<'d>>(&self) -> Result<Option<Saved<P>>, String> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.wrong(&error)),
        };
        let saved: Saved<P> = serde_json::from_slice(&text).map_err(|error| self.wrong(&error))?;
        if saved.format != FORMAT {
            let found = base::source::printable(saved.format.as_bytes());
            return Err(self.wrong(&format!("it says `{found}` where `{FORMAT}` is expected")));
        }
        Ok(Some(saved))
    }

    /// Moves a file that cannot be used out of the way, to be looked at.
    pub(super) fn set_aside(&self) -> io::Result<PathBuf> {
        let aside = beside(&self.path, "unusable");
        fs::rename(&self.path, &aside)?;
        Ok(aside)
    }

    /// Replaces the file: it is the old one or the new one, never a part.
    ///
    /// # Errors
    /// Why it could not be written; for people.
    pub(super) fn save<P: Serialize>(&self, saved: &Saved<P>) -> Result<(), String> {
        let text = serde_json::to_vec(saved).map_err(|error| self.wrong(&error))?;
        replace(&self.path, &text).map_err(|error| self.wrong(&error))
    }

    fn wrong(&self, why: &dyn std::fmt::Display) -> String {
        let shown = base::source::printable(self.path.as_os_str().as_encoded_bytes());
        format!("the state file {shown}: {why}")
    }
}

impl<P> Saved<P> {
    /// All of one moment.
    pub(super) fn new<'c>(
        counts: &Counts,
        live: SavedLive,
        positions: P,
        recent: impl Iterator<Item = &'c Counted>,
    ) -> Saved<P> {
        Saved {
            format: FORMAT.to_owned(),
            counts: counts.clone(),
            live,
            positions,
            recent: recent.map(SavedIncident::of).collect(),
        }
    }

    /// The latest incidents; those of causes that this version does not know are left out.
    pub(super) fn take_recent(&mut self) -> impl Iterator<Item = Counted> {
        let recent = std::mem::take(&mut self.recent).into_iter();
        recent.filter_map(SavedIncident::back)
    }
}

/// An incident as it is saved.
#[derive(Debug, Serialize, Deserialize)]
struct SavedIncident {
    number: u64,
    counted: i64,
    cause: String,
    confidence: String,
    candidates: Vec<String>,
    harm: String,
    time: Option<i64>,
    count: u64,
    status: u16,
    request: String,
    route: String,
    pool: String,
    script: String,
    upstream: String,
    evidence: Vec<(String, u64, Option<String>)>,
}

impl SavedIncident {
    fn of(counted: &Counted) -> SavedIncident {
        let one = &*counted.incident;
        let line = |line: &EvidenceLine| (line.file.clone(), line.line, line.text.clone());
        SavedIncident {
            number: counted.number,
            counted: counted.counted,
            cause: one.cause.to_owned(),
            confidence: one.confidence.word().to_owned(),
            candidates: one.candidates.iter().map(|id| (*id).to_owned()).collect(),
            harm: one.harm.word().to_owned(),
            time: one.time,
            count: one.count,
            status: one.status,
            request: one.request.clone(),
            route: one.route.clone(),
            pool: one.pool.clone(),
            script: one.script.clone(),
            upstream: one.upstream.clone(),
            evidence: one.evidence.iter().map(line).collect(),
        }
    }

    fn back(self) -> Option<Counted> {
        let text = |text: &str| diagnose::state::text(text.as_bytes());
        let line = |(file, line, text): (String, u64, Option<String>)| EvidenceLine {
            file: base::source::printable(file.as_bytes()),
            line,
            text: text.map(|text| diagnose::state::text(text.as_bytes())),
        };
        let candidates = self.candidates.iter().filter_map(|id| cause(id));
        let incident = Incident {
            cause: cause(&self.cause)?,
            confidence: word(
                [
                    Confidence::Undetermined,
                    Confidence::Likely,
                    Confidence::Certain,
                ],
                |one| one.word() == self.confidence,
            )?,
            candidates: candidates.collect(),
            harm: word(
                [
                    Harm::Hidden,
                    Harm::ClientLeft,
                    Harm::Unknown,
                    Harm::BrokenPage,
                    Harm::ErrorPage,
                ],
                |one| one.word() == self.harm,
            )?,
            time: self.time,
            count: self.count,
            status: self.status,
            request: text(&self.request),
            route: text(&self.route),
            pool: text(&self.pool),
            script: text(&self.script),
            upstream: text(&self.upstream),
            evidence: self.evidence.into_iter().map(line).collect(),
        };
        Some(Counted {
            number: self.number,
            counted: self.counted,
            incident: Arc::new(incident),
        })
    }
}

/// The id of a cause that this version knows.
fn cause(id: &str) -> Option<&'static str> {
    const UNDETERMINED: &str = "undetermined";
    let known = diagnose::causes::by_id(id).map(|cause| cause.id);
    known.or_else(|| (id == UNDETERMINED).then_some(UNDETERMINED))
}

fn word<T, const N: usize>(all: [T; N], is: impl Fn(&T) -> bool) -> Option<T> {
    all.into_iter().find(is)
}
