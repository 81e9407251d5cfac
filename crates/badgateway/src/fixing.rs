//! `fix`: plan the edits, show them, prove them, write them.

use std::io::{self, Write};
use std::path::PathBuf;

use base::Problem;
use base::source::printable;
use fix::{Fixed, Wants};
use intake::label;
use redact::masked_text;

use crate::applying::{Manner, Proof, counted, files_of, write};
use crate::cli::{FixArgs, ListFormat};
use crate::load::{Prepared, prepare};
use crate::run::{Outcome, style};
use crate::write::{Recovered, recover};
use crate::{no_such_rule, talk};

/// Runs the command.
pub(crate) fn fix(args: &FixArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    if args.recover {
        return Ok(finish_interrupted());
    }
    let Some(mut wants) = wants(args) else {
        return Ok(Outcome::Undecided);
    };
    let Some(prepared) = prepare(&args.input) else {
        return Ok(Outcome::Undecided);
    };
    wants.options = prepared.project.options();
    let (mut fixed, mut models) = prepared.given.fix(&prepared.disk, &wants);
    let read = files_of(&models.0);
    // What a template fills in is not known, but nothing is written there.
    let filled = models.0.unknown_holes();
    let planned = fixed.files.clone();
    let is_filter = args.input.inputs == [PathBuf::from("-")];
    if is_filter && !prepared.given.set.is_empty() {
        talk("error: with `--set` values, name the file: its holes must stay in what comes out");
        return Ok(Outcome::Undecided);
    }
    if is_filter && !args.write {
        return filter(&fixed, &prepared, out);
    }
    let show_secrets = args.look.show_secrets;
    // What lies in other files is shown and written there.
    let files = std::mem::take(&mut fixed.files);
    let (files, outward) = intake::changes(&mut models.0, files, show_secrets);
    let mut diffs = prepared.diffs(&files, models, show_secrets);
    diffs.extend(outward.diffs);
    fixed.files = files;
    fixed.files.extend(outward.files);
    for left in &outward.left {
        talk(&format!("not written: {left}"));
    }
    match args.format {
        ListFormat::Full => {
            report::diff(&diffs, style(&args.look, true).colour, out)?;
            summary(&fixed, args);
        }
        ListFormat::Json => report::fix_json(&to_report(&fixed), &diffs, out)?,
    }
    let problems = prepared.given.found.problems.len() + fixed.problems.len();
    if problems > 0 {
        say_problems(prepared.given.found.problems.iter().chain(&fixed.problems));
    }
    if fixed.files.is_empty() {
        return Ok(outcome(problems, Outcome::Clean));
    }
    if !args.write {
        return Ok(outcome(problems, Outcome::Findings));
    }
    let manner = Manner {
        backup: args.backup,
        no_verify: args.no_verify,
    };
    let proof = Proof {
        planned: &planned,
        read: &read,
    };
    let in_the_way = problems - filled.min(problems);
    let written = write(manner, &prepared, &fixed.files, proof, in_the_way);
    // A part of the plan is missing in the files.
    Ok(match outward.left.is_empty() {
        true => match written {
            Outcome::Clean => outcome(problems, written),
            written => written,
        },
        false => Outcome::Undecided,
    })
}

pub(crate) fn outcome(problems: usize, otherwise: Outcome) -> Outcome {
    match problems {
        0 => otherwise,
        _ => Outcome::Undecided,
    }
}

fn finish_interrupted() -> Outcome {
    match recover() {
        Ok(Recovered::Nothing) => talk("no run was interrupted"),
        Ok(Recovered::Undone(paths)) => {
            talk(&format!(
                "undone: {} as before",
                counted(paths.len(), "file")
            ));
        }
        Ok(Recovered::Finished(paths)) => {
            talk(&format!(
                "finished: {} written",
                counted(paths.len(), "file")
            ));
        }
        Err((path, error)) => {
            talk(&format!("error: {}: {error}", path.display()));
            return Outcome::Undecided;
        }
    }
    Outcome::Clean
}

fn wants(args: &FixArgs) -> Option<Wants> {
    if let Some(unknown) = args.rules.iter().find(|id| !crate::registry::is_rule(id)) {
        no_such_rule(unknown);
        return None;
    }
    let request_time = match &args.request_time {
        None => None,
        Some(text) => match intake::request_time(text) {
            Ok(time) => Some(time),
            Err(why) => {
                let shown = printable(text.as_bytes());
                talk(&format!("error: `--request-time {shown}`: {why}"));
                return None;
            }
        },
    };
    Some(Wants {
        request_time,
        unsafe_too: args.unsafe_too,
        rules: args.rules.clone(),
        route: args.route.clone(),
        pool: args.pool.clone(),
        options: rules::Options::default(),
    })
}

/// One file through standard input: its text comes out again, edited.
fn filter(fixed: &Fixed, prepared: &Prepared, out: &mut dyn Write) -> io::Result<Outcome> {
    let dumps = prepared
        .given
        .found
        .nginx_dumps
        .iter()
        .map(|(path, files, _)| (path, files));
    let pools = prepared.given.found.fpm_dumps.iter();
    let pools = pools.filter_map(|(input, files, _)| Some((input.files.first()?, files)));
    let Some((path, files)) = dumps.chain(pools).next() else {
        say_problems(prepared.given.found.problems.iter().chain(&fixed.problems));
        return Ok(Outcome::Undecided);
    };
    let changed = fixed.files.iter().find(|changed| changed.path == *path);
    match changed {
        Some(changed) => out.write_all(&changed.new)?,
        None => {
            if let Ok(bytes) = model::Files::read(files, path) {
                out.write_all(&bytes)?;
            }
        }
    }
    say_problems(prepared.given.found.problems.iter().chain(&fixed.problems));
    let problems = fixed.problems.len() + prepared.given.found.problems.len();
    Ok(outcome(problems, Outcome::Clean))
}

pub(crate) fn say_problems<'p>(problems: impl IntoIterator<Item = &'p Problem>) {
    for problem in problems {
        let message = masked_text(&problem.message);
        talk(&format!("{}: {message}", problem.kind.word()));
    }
}

/// What was done and why, for people; the diff is data and goes to the other stream.
fn summary(fixed: &Fixed, args: &FixArgs) {
    for change in &fixed.changes {
        talk(&format!(
            "{} [{}]: {}; {}",
            label(change),
            change.rule,
            change.title,
            change.why
        ));
        if let [first, rest @ ..] = change.routes.as_slice() {
            let more = match rest.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            talk(&format!("    for {first}{more}"));
        }
    }
    for (change, why) in &fixed.rejected {
        talk(&format!(
            "left out [{}]: {}; {why}",
            change.rule, change.title
        ));
    }
    let left = fixed
        .left
        .iter()
        .filter(|f| f.severity > base::Severity::Info)
        .count();
    let left = counted(left, "finding");
    if fixed.files.is_empty() {
        talk(&format!(
            "nothing to edit; left for a person or `--unsafe`: {left}"
        ));
        return;
    }
    let (changes, files) = (
        counted(fixed.changes.len(), "change"),
        counted(fixed.files.len(), "file"),
    );
    let how = match args.write {
        true => "to be written",
        false => "shown, not written (--write writes)",
    };
    talk(&format!(
        "{changes} in {files} {how}; left of severity warning or above: {left}"
    ));
}

pub(crate) fn to_report(fixed: &Fixed) -> Vec<report::ChangeMeta> {
    fixed.changes.iter().map(intake::change).collect()
}
