//! Showing the answer, saving states, and telling how far the reading is.

use std::fs::{self, File};
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::Path;

use base::diagnosis::{Confidence, Diagnosis};
use base::{Problem, Sources};
use diagnose::State;
use diagnose::state::SavedState;
use indicatif::{ProgressBar, ProgressStyle};
use report::diagnosis::{Answer, Look};

use crate::cli::{Colour, DiagnoseOutput, ListFormat};
use crate::run::{Outcome, width};
use crate::talk;

use super::configured::Configuration;

/// Judges a state and shows what is said. The first so many problems are of the logs; the others
/// are of the configuration, which only helps: they are said, and do not decide the exit code.
pub(crate) fn answer(
    state: &State,
    configuration: &Configuration,
    (problems, of_logs): (&[Problem], usize),
    shown_offset: i32,
    args: &DiagnoseOutput,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let wanted = diagnose::Wanted {
        incidents: args.incidents,
        shown_offset,
    };
    let configured = &configuration.configured;
    let diagnosis = configured.diagnose(state, wanted, &|rules| configuration.diff(rules));
    let nothing = Sources::default();
    let model = configured.model.as_ref();
    let answer = Answer {
        diagnosis: &diagnosis,
        sources: model.map_or(&nothing, |model| &model.sources),
        problems,
        version: env!("CARGO_PKG_VERSION"),
    };
    let look = Look {
        colour: colour(args.color),
        width: width(),
        ascii: is_ascii(),
    };
    if let Some(path) = &args.html {
        let mut page = Vec::new();
        report::diagnosis::html(&answer, &mut page)?;
        if let Err(error) = fs::write(path, page) {
            talk(&format!("error: cannot write {}: {error}", shown(path)));
            return Ok(Outcome::Undecided);
        }
    }
    match args.format {
        ListFormat::Json => report::diagnosis::json(&answer, args.incidents, out)?,
        ListFormat::Full if args.stats => report::diagnosis::stats(&answer, &look, out)?,
        ListFormat::Full => report::diagnosis::full(&answer, &look, out)?,
    }
    Ok(outcome(&diagnosis, of_logs > 0))
}

fn outcome(diagnosis: &Diagnosis, is_unread: bool) -> Outcome {
    let undetermined = |one: &base::diagnosis::Group| one.confidence == Confidence::Undetermined;
    let is_open = diagnosis.groups.iter().any(undetermined);
    let unread = diagnosis
        .sources
        .iter()
        .any(|source| source.not_understood > 0);
    match (diagnosis.groups.is_empty(), is_open) {
        _ if is_unread => Outcome::Undecided,
        (true, _) if unread => Outcome::Undecided,
        (true, _) => Outcome::Clean,
        (false, true) => Outcome::Undecided,
        (false, false) => Outcome::Findings,
    }
}

fn colour(colour: Colour) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
            io::stdout().is_terminal() && !no_color
        }
    }
}

/// A terminal whose locale says that it knows no UTF-8.
fn is_ascii() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.iter().filter_map(|name| std::env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty());
    locale.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        !value.contains("utf-8") && !value.contains("utf8")
    })
}

fn shown(path: &Path) -> String {
    base::source::printable(path.as_os_str().as_encoded_bytes())
}

/// Saves a state.
pub(crate) fn save(path: &Path, state: &State) -> Result<(), String> {
    let saved = SavedState::from(state);
    let write = || -> io::Result<()> {
        let mut file = io::BufWriter::new(File::create(path)?);
        serde_json::to_writer(&mut file, &saved)?;
        file.flush()
    };
    write().map_err(|error| format!("cannot write {}: {error}", shown(path)))
}

/// Loads a saved state.
pub(crate) fn load(path: &Path) -> Result<State, String> {
    let (file, _) = agent::open::readable(path)
        .map_err(|error| format!("cannot read {}: {error}", shown(path)))?;
    let saved: SavedState = serde_json::from_reader(BufReader::new(file))
        .map_err(|error| format!("{}: this is no saved state: {error}", shown(path)))?;
    State::try_from(saved).map_err(|broken| format!("{}: {broken}", shown(path)))
}

/// How far the reading is, for people at a terminal.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar over all logs, when somebody looks at standard error.
    pub(crate) fn new(sizes: impl Iterator<Item = Option<u64>>) -> Self {
        if !io::stderr().is_terminal() {
            return Progress { bar: None };
        }
        let total: u64 = sizes.flatten().sum();
        let bar = ProgressBar::new(total);
        let style = "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}, {eta} left  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_draw_target(indicatif::ProgressDrawTarget::stderr_with_hz(5));
        Progress { bar: Some(bar) }
    }

    /// Names the log that is read now.
    pub(crate) fn begin(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
        }
    }

    /// So many more bytes, as they lie on the disk, were read.
    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    /// Ends the bar.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
