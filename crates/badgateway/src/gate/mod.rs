//! `ci`: what is new against the base of a change, in the words of the CI that asks; and
//! `policy`: where the numbers of a team hold.

mod base;
mod git;
mod policy;
mod told;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ::base::source::printable;
use ::base::{Finding, Span};
use intake::Judged;
use report::Report;

use crate::cli::{CiArgs, Format, InputArgs};
use crate::load::load_all;
use crate::run::{Outcome, Verdict, fail_on, format_of, is_known, outcome, style, verdict};
use crate::{baseline, project, registry, talk};
use base::{Base, Known};
use git::{Refusal, Repository};
pub(crate) use policy::policy;

/// Judges what is new.
pub(crate) fn ci(args: &CiArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    if !is_known(&args.judging.choice) {
        return Ok(Outcome::Undecided);
    }
    let mut input = args.input.clone();
    if input.inputs.is_empty() && input.root.is_none() {
        input.inputs.push(PathBuf::from("."));
    }
    match compared(args, &mut input) {
        Ok(old) => judge(args, &input, &old, out),
        Err(refusal) => {
            talk(&format!("error: {}", refusal.message));
            talk(&format!("\nhint: {}", refusal.help));
            Ok(Outcome::Undecided)
        }
    }
}

/// What is old, and in which words to say so.
struct Old {
    /// What the base had; `None` when everything is judged.
    known: Option<Known>,
    /// Where the top of the repository is, and which files below it were changed.
    changed: Option<(PathBuf, BTreeSet<PathBuf>)>,
    /// Against what it is compared.
    said: String,
}

fn compared(args: &CiArgs, input: &mut InputArgs) -> Result<Old, Refusal> {
    let everything = |why: &str| Old {
        known: None,
        changed: None,
        said: format!("everything was judged: {why}"),
    };
    if args.all {
        return Ok(everything("--all"));
    }
    let repository = Repository::here()?;
    base::inside(&repository, input)?;
    let (commit, name) = match base::find(&repository, args.base.as_deref())? {
        Base::Commit { commit, name } => (commit, name),
        Base::Everything(why) => return Ok(everything(why)),
    };
    let changed = repository.changed(&commit)?;
    let is_head = repository.commit("HEAD").as_ref() == Some(&commit);
    if is_head && repository.is_clean() {
        return Ok(everything("nothing was changed since the base"));
    }
    let scratch = repository.files_of(&commit)?;
    let dir = scratch.tree().join(&repository.below);
    let known = base::known(&dir, &scratch.tree(), &repository.top, args, input)?;
    let short = commit.get(..12).unwrap_or(&commit);
    let name = printable(name.as_bytes());
    let files = changed.len();
    Ok(Old {
        known: Some(known),
        changed: Some((repository.top, changed)),
        said: format!("compared with {short} ({name}); files changed: {files}"),
    })
}

fn judge(args: &CiArgs, input: &InputArgs, old: &Old, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some((loaded, beside)) = load_all(input) else {
        return Ok(Outcome::Undecided);
    };
    let edits = matches!(args.format, Some(Format::Json | Format::Sarif));
    let Verdict {
        project,
        judged,
        strict,
    } = verdict(loaded, beside, &args.judging, edits);
    let notes = strict || !args.judging.choice.rules.is_empty();
    let Some((new, counts)) = sort_out(args, &project, old, &judged, notes) else {
        return Ok(Outcome::Undecided);
    };
    let mut report = judged.report();
    report.findings = &new;
    report.summary.known = counts.old;
    let summary = format!("ci: {}; {}", counts.words(&judged), old.said);
    let style = style(&args.look, strict);
    let told = match args.format {
        Some(format) => {
            let metas = registry::metas();
            report::render(&report, &metas, format_of(format), &style, out)?;
            true
        }
        None => told::as_the_ci_reads(&report, &summary, &style, out)?,
    };
    // The last word, also where the streams are shown together.
    out.flush()?;
    talk(&summary);
    let fail_on = fail_on(&args.judging, &project);
    Ok(match outcome(&new, &judged.problems, fail_on) {
        outcome if told => outcome,
        _ => Outcome::Undecided,
    })
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    new: usize,
    old: usize,
    ended: usize,
}

impl Counts {
    fn words(self, judged: &Judged) -> String {
        let Counts { new, old, ended } = self;
        let unknown = judged.problems.len();
        format!("{new} new, {old} old and hidden, {ended} ended, {unknown} unknown")
    }
}

/// The findings that are to be said. `None` when the baseline cannot be read.
fn sort_out(
    args: &CiArgs,
    project: &project::Found,
    old: &Old,
    judged: &Judged,
    notes: bool,
) -> Option<(Vec<Finding>, Counts)> {
    let report = judged.report();
    let baseline = match &project.project.baseline {
        Some(name) => baseline::read(&project.beside(name))?,
        None => BTreeSet::new(),
    };
    let mut counts = Counts::default();
    let mut new = Vec::new();
    let mut met = BTreeSet::new();
    let prints = report::fingerprints(&report);
    for (finding, print) in report.findings.iter().zip(prints) {
        let key = base::key(&print, finding);
        let was_there = old.known.as_ref().is_some_and(|known| known.has(&key));
        met.insert(key);
        let is_touched = || args.touched && has_changed_place(&report, finding, old);
        if baseline.contains(&print) || was_there && !is_touched() {
            counts.old += 1;
        } else {
            new.push(finding.clone());
        }
    }
    counts.new = new.len();
    counts.ended = old
        .known
        .as_ref()
        .map_or(0, |known| known.without(&met, notes));
    Some((new, counts))
}

/// Whether a place of a finding is in a file that was changed.
fn has_changed_place(report: &Report<'_>, finding: &Finding, old: &Old) -> bool {
    let Some((top, changed)) = &old.changed else {
        return true;
    };
    let related = finding.related.iter().map(|place| place.span);
    let because = finding.because.iter().filter_map(|step| step.span);
    let mut spans = std::iter::once(finding.primary.span)
        .chain(related)
        .chain(because);
    spans.any(|span| is_changed(report, span, top, changed))
}

fn is_changed(report: &Report<'_>, span: Span, top: &Path, changed: &BTreeSet<PathBuf>) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let source = report.sources.get(span.file);
    let shown = Path::new(std::ffi::OsStr::from_bytes(source.shown().as_bytes()));
    // By its own name and by what a link leads to: a change of either is one.
    let plain = std::path::absolute(shown).ok();
    let real = std::fs::canonicalize(shown).ok();
    [plain, real].iter().flatten().any(|path| {
        let below = path.strip_prefix(top);
        below.is_ok_and(|below| changed.contains(below))
    })
}
