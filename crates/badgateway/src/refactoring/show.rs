//! What came of it: for people on standard error, the diff or a document on standard output.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use base::source::printable;
use fix::Store;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use intake::label;
use model::Model;
use refactor::{Accepted, Refusal, Refused, Trouble, Verdict, Wire};
use report::{EndedFinding, ModelEdit, Refactoring};

use crate::applying::counted;
use crate::cli::{ListFormat, RefactorArgs};
use crate::fixing::to_report;
use crate::load::Prepared;
use crate::run::style;
use crate::talk;

/// Characters of an edit that are shown in a line.
const MOST_SHOWN: usize = 120;

/// A line on the terminal while an answer comes.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn begin(wire: Wire, sent: usize) -> Progress {
        let target = match io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(format!("{}: {sent} bytes sent, waiting", wire.name()));
        Progress(bar)
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.0.set_message(format!("{bytes} bytes received"));
    }

    pub(crate) fn end(self) {
        self.0.finish_and_clear();
    }
}

/// Writes everything.
pub(crate) fn verdict(
    args: &RefactorArgs,
    wire: Option<Wire>,
    prepared: &Prepared,
    before: Model,
    verdict: &Verdict,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut store = Store::default();
    for file in &verdict.files {
        let key = (file.via.clone(), file.path.clone());
        store.0.insert(key, file.new.clone());
    }
    let after = (!verdict.files.is_empty()).then(|| prepared.model(&store));
    let show_secrets = args.look.show_secrets;
    let diffs = prepared.diffs(&verdict.files, (before, after), show_secrets);
    match args.format {
        ListFormat::Full => {
            report::diff(&diffs, style(&args.look, true).colour, out)?;
            summary(verdict, args);
        }
        ListFormat::Json => report::refactor_json(&session(verdict, args, wire), &diffs, out)?,
    }
    verdict.trouble.iter().for_each(trouble);
    verdict.refusal.iter().for_each(refusal);
    Ok(())
}

/// Why nothing was sent.
pub(crate) fn refusal(refusal: &Refusal) {
    talk(&format!("error: not sent: {}", refusal.words));
    if let Some(help) = &refusal.help {
        talk(&format!("    {help}"));
    }
}

fn trouble(trouble: &Trouble) {
    talk(&format!("error: {}", trouble.words));
    if let Some(quoted) = &trouble.quoted {
        talk(&format!("    it says: {quoted}"));
    }
    if let Some(help) = &trouble.help {
        talk(&format!("    {help}"));
    }
}

fn summary(verdict: &Verdict, args: &RefactorArgs) {
    for edit in &verdict.accepted {
        let (old, new) = (short(&edit.proposal.old), short(&edit.proposal.new));
        let place = format!("{}:{}", edit.shown, edit.line);
        talk(&format!("model: {place}: `{old}` becomes `{new}`"));
        if !edit.proposal.why.is_empty() {
            talk(&format!("    it says: {}", edit.proposal.why));
        }
    }
    for ended in &verdict.ended {
        let message = redact::masked_text(&ended.message);
        talk(&format!("    ends [{}]: {message}", ended.rule));
    }
    for refused in &verdict.refused {
        let (file, old) = (short(&refused.proposal.file), short(&refused.proposal.old));
        let why = redact::masked_text(&refused.words);
        let word = refused.why.word();
        talk(&format!("not taken [{word}]: {file}: `{old}`: {why}"));
    }
    for reason in &verdict.reasons {
        talk(&format!("not taken: {reason}"));
    }
    for change in verdict.own() {
        let (label, rule) = (label(change), change.rule);
        talk(&format!(
            "badgateway, {label} [{rule}]: {}; {}",
            change.title, change.why
        ));
    }
    if verdict.files.is_empty() {
        talk("nothing to edit");
        return;
    }
    let how = match args.write {
        true => "to be written",
        false => "shown, not written (--write writes)",
    };
    let own = counted(verdict.own().len(), "change");
    let who = match verdict.rounds {
        0 => format!("{own} of badgateway's own"),
        _ => {
            let model = counted(verdict.accepted.len(), "edit");
            format!("{model} of the model and {own} of badgateway's own")
        }
    };
    let files = counted(verdict.files.len(), "file");
    talk(&format!("{who} in {files} {how}"));
}

/// One line that no terminal stumbles over.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = printable(words.join(" ").as_bytes());
    match line.chars().count() > MOST_SHOWN {
        true => line.chars().take(MOST_SHOWN).chain(['…']).collect(),
        false => line,
    }
}

fn session(verdict: &Verdict, args: &RefactorArgs, wire: Option<Wire>) -> Refactoring {
    let ended = verdict.ended.iter().map(|ended| EndedFinding {
        rule: ended.rule,
        message: redact::masked_text(&ended.message),
    });
    let trouble = verdict.trouble.iter().map(|trouble| trouble.words.clone());
    let refusal = verdict.refusal.iter().map(|refusal| refusal.words.clone());
    let reasons = verdict.reasons.iter().cloned();
    Refactoring {
        provider: wire.map(Wire::word),
        model: args.ask.model.clone(),
        rounds: verdict.rounds,
        asked: verdict.asked,
        accepted: verdict.accepted.iter().map(accepted).collect(),
        refused: verdict.refused.iter().map(refused).collect(),
        ended: ended.collect(),
        reasons: reasons.chain(trouble).chain(refusal).collect(),
        changes: to_report(&verdict.fixed),
    }
}

fn accepted(edit: &Accepted) -> ModelEdit {
    ModelEdit {
        file: edit.shown.clone(),
        line: Some(edit.line),
        old: edit.proposal.old.clone(),
        new: edit.proposal.new.clone(),
        why: edit.proposal.why.clone(),
        refused: None,
        reason: None,
    }
}

fn refused(edit: &Refused) -> ModelEdit {
    ModelEdit {
        file: edit.proposal.file.clone(),
        line: edit.proposal.line,
        old: edit.proposal.old.clone(),
        new: edit.proposal.new.clone(),
        why: edit.proposal.why.clone(),
        refused: Some(edit.why.word()),
        reason: Some(redact::masked_text(&edit.words)),
    }
}
