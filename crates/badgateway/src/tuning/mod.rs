//! `tune`: measure the pools of this host, reckon, show it with the arithmetic, and write it.

mod json;
mod measure;
mod now;
mod show;
mod words;

use std::io::{self, Write};
use std::time::Duration;

use base::source::printable;
use fix::tune::{Advice, Kept, advise, change_of, changed};
use fix::{Change, Changed, Store};
use model::nginx::value::{offset, time_msec};
use model::{Model, PoolId};
use report::Diff;

use crate::applying::{Manner, Proof, counted, files_of, write};
use crate::cli::{ListFormat, TuneArgs};
use crate::fixing::{outcome, say_problems};
use crate::load::{Prepared, prepare};
use crate::run::{Outcome, style};
use crate::talk;

use measure::{Look, Seen, measure};

/// A pool that was asked for, and what to do with it.
struct Judged<'s> {
    /// Its index among all pools.
    at: usize,
    id: PoolId,
    advice: &'s Advice,
    /// What cannot be set for it alone.
    kept: Vec<Kept>,
}

/// Runs the command.
pub(crate) fn tune(args: &TuneArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let complain = |why: String| {
        talk(&format!("error: {why}"));
        Ok(Outcome::Undecided)
    };
    let look = match look(args) {
        Ok(look) => look,
        Err(why) => return complain(why),
    };
    if args.input.root.is_some() {
        return complain("--root: only what runs on this host can be measured".to_owned());
    }
    let Some(prepared) = prepare(&args.input) else {
        return Ok(Outcome::Undecided);
    };
    let model = prepared.model(&Store::default());
    let found = &prepared.given.found.problems;
    say_problems(found.iter().chain(&model.problems));
    let problems = found.len() + model.problems.len();
    let chosen = match chosen(&model, args.pool.as_deref()) {
        Ok(chosen) => chosen,
        Err(why) => return complain(why),
    };
    let seen = match measure(&model, &look) {
        Ok(seen) => seen,
        Err(why) => return complain(why),
    };
    let all = advise(&seen.ask);
    let (judged, changes) = judge(&model, &chosen, &all);
    let edited = match edit(&prepared, &model, &changes) {
        Ok(edited) => edited,
        Err(why) => return complain(why),
    };
    let read = files_of(&model);
    let diffs = match &edited {
        Edited { files, .. } if files.is_empty() => Vec::new(),
        Edited { files, after } => {
            let models = (
                prepared.model(&Store::default()),
                Some(prepared.model(after)),
            );
            prepared.diffs(files, models, args.look.show_secrets)
        }
    };
    match args.format {
        ListFormat::Full => {
            show::show(&model, &seen, &all, &judged, out)?;
            if !diffs.is_empty() {
                writeln!(out)?;
                report::diff(&diffs, style(&args.look, true).colour, out)?;
            }
            out.flush()?;
        }
        ListFormat::Json => json::json(&model, &seen, &judged, &diffs, out)?,
    }
    Ok(finish(
        args,
        &prepared,
        &edited.files,
        &read,
        &judged,
        problems,
    ))
}

/// Writes, if that was asked for, and says how it went.
fn finish(
    args: &TuneArgs,
    prepared: &Prepared,
    files: &[Changed],
    read: &[base::FilePath],
    judged: &[Judged<'_>],
    problems: usize,
) -> Outcome {
    let is_unknown = judged.iter().any(|pool| !pool.advice.unknown.is_empty());
    let problems = problems + usize::from(is_unknown);
    let is_finding = |pool: &Judged<'_>| pool.advice.is_finding();
    if files.is_empty() || !args.write {
        if !files.is_empty() {
            let files = counted(files.len(), "file");
            talk(&format!(
                "edits of {files} shown, not written (--write writes)"
            ));
        }
        return match judged.iter().any(is_finding) {
            true => outcome(problems, Outcome::Findings),
            false => outcome(problems, Outcome::Clean),
        };
    }
    let manner = Manner {
        backup: args.backup,
        no_verify: args.no_verify,
    };
    let unread = problems - usize::from(is_unknown);
    let proof = Proof {
        planned: files,
        read,
    };
    let written = write(manner, prepared, files, proof, unread);
    if written != Outcome::Clean {
        return written;
    }
    talk("PHP-FPM goes on with the old numbers until it is reloaded");
    let has_queue = judged.iter().filter_map(|pool| pool.advice.backlog);
    if has_queue
        .into_iter()
        .any(|backlog| backlog.change.is_some())
    {
        talk("listen.backlog needs a restart: a reload keeps the socket as it was opened");
    }
    let is_left = |pool: &Judged<'_>| {
        let is_capped = pool.advice.backlog.is_some_and(|backlog| backlog.is_capped);
        pool.advice.is_short || is_capped || !pool.kept.is_empty()
    };
    match judged.iter().any(is_left) {
        true => outcome(problems, Outcome::Findings),
        false => outcome(problems, Outcome::Clean),
    }
}

fn look(args: &TuneArgs) -> Result<Look, String> {
    let time = |name: &str, text: &str, most: u64| match time_msec(text.as_bytes()) {
        Ok(ms) if (1..=most).contains(&ms) => Ok(Duration::from_millis(ms)),
        _ => {
            let most = words::span(most / 1000);
            Err(format!(
                "{name}: write a time such as 2s or 500ms, at most {most}"
            ))
        }
    };
    let size = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => match offset(text.as_bytes()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err(format!("{name}: write a size such as 512m or 4g")),
        },
    };
    let length = args.length.as_ref();
    Ok(Look {
        length: match length {
            None => Duration::ZERO,
            Some(text) => time("--for", text, 86_400_000)?,
        },
        patience: time("--timeout", &args.timeout, 60_000)?,
        memory: size("--memory", &args.memory)?,
        reserve: size("--reserve", &args.reserve)?,
        wait: time("--wait", &args.wait, 60_000)?.as_secs_f64(),
    })
}

/// The indices of the pools that were asked for.
fn chosen(model: &Model, name: Option<&str>) -> Result<Vec<(usize, PoolId)>, String> {
    let pools = model.pools().enumerate();
    let is_it = |pool: &[u8]| name.is_none_or(|name| name.as_bytes() == pool);
    let chosen: Vec<(usize, PoolId)> = pools
        .filter(|(_, (_, pool))| is_it(&pool.name))
        .map(|(at, (id, _))| (at, id))
        .collect();
    match (chosen.is_empty(), name) {
        (false, _) => Ok(chosen),
        (true, Some(name)) => Err(format!("there is no pool `{}`", printable(name.as_bytes()))),
        (true, None) => Err("no pool was found: name the configuration of PHP-FPM".to_owned()),
    }
}

fn judge<'s>(
    model: &Model,
    chosen: &[(usize, PoolId)],
    all: &'s [Advice],
) -> (Vec<Judged<'s>>, Vec<Change>) {
    let mut judged = Vec::new();
    let mut changes = Vec::new();
    for (at, id) in chosen {
        let advice = &all[*at];
        let (change, kept) = change_of(model, *id, &advice.settings());
        changes.extend(change);
        judged.push(Judged {
            at: *at,
            id: *id,
            advice,
            kept,
        });
    }
    (judged, changes)
}

/// The files that change, and what stands for them.
struct Edited {
    files: Vec<Changed>,
    after: Store,
}

fn edit(prepared: &Prepared, model: &Model, changes: &[Change]) -> Result<Edited, String> {
    let resolve = |via: Option<&str>, path: &_| prepared.resolve(via, path);
    let (files, after) = changed(model, &resolve, changes)?;
    // What FPM would refuse must not even be shown.
    let problems = prepared.model(&after).problems;
    match problems.len() > model.problems.len() {
        true => Err(format!(
            "the edits would bring: {}",
            problems
                .last()
                .map_or("", |problem| problem.message.as_str())
        )),
        false => Ok(Edited { files, after }),
    }
}

/// A diff as text, for programs.
fn diff_text(diffs: &[Diff]) -> String {
    diffs.iter().map(report::diff_text).collect()
}

/// What was reckoned with for one worker, and how many may be, for each pool that runs.
fn claim(seen: &Seen, all: &[Advice], at: usize) -> Option<(u64, u32)> {
    let advice = &all[at];
    let now = seen.ask.pools[at].now.as_ref().ok()?;
    let each = advice
        .worker
        .map(|worker| worker.needs)
        .or(advice.assumed)?;
    let wanted = advice.wanted.map_or(0, |wanted| wanted.workers);
    Some((each, now.children.max(wanted)))
}
