//! How a verdict is shown.

use ::refactor::{Accepted, Refused};
use fix::Store;
use intake::{Given, Tray};
use redact::masked_text;
use serde::Serialize;

use crate::{Answer, FileOut};

#[derive(Serialize)]
struct Taken<'a> {
    path: &'a str,
    line: usize,
    why: &'a str,
    old: &'a str,
    new: &'a str,
    start_byte: usize,
    end_byte: usize,
    text: String,
}

#[derive(Serialize)]
struct Left<'a> {
    path: &'a str,
    line: Option<usize>,
    why: &'a str,
    old: &'a str,
    new: &'a str,
    kind: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Ended {
    rule: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Why<'a> {
    kind: &'static str,
    words: &'a str,
    help: Option<&'a str>,
    quoted: Option<&'a str>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    rounds: usize,
    asked: usize,
    accepted: Vec<Taken<'a>>,
    refused: Vec<Left<'a>>,
    ended: Vec<Ended>,
    reasons: &'a [String],
    trouble: Option<Why<'a>>,
    refusal: Option<Why<'a>>,
    changes: Vec<report::ChangeMeta>,
}

pub(super) fn done(verdict: &::refactor::Verdict, given: &Given, tray: &Tray) -> Answer {
    let trouble = verdict.trouble.as_ref().map(|trouble| Why {
        kind: trouble.kind.word(),
        words: &trouble.words,
        help: trouble.help.as_deref(),
        quoted: trouble.quoted.as_deref(),
    });
    let refusal = verdict.refusal.as_ref().map(|refusal| Why {
        kind: "refusal",
        words: &refusal.words,
        help: refusal.help.as_deref(),
        quoted: None,
    });
    let ended = verdict.ended.iter().map(|ended| Ended {
        rule: ended.rule,
        message: masked_text(&ended.message),
    });
    let shown = Verdict {
        rounds: verdict.rounds,
        asked: verdict.asked,
        accepted: verdict.accepted.iter().map(taken).collect(),
        refused: verdict.refused.iter().map(left).collect(),
        ended: ended.collect(),
        reasons: &verdict.reasons,
        trouble,
        refusal,
        changes: verdict.own().iter().map(intake::change).collect(),
    };
    let mut store = Store::default();
    for file in &verdict.files {
        let key = (file.via.clone(), file.path.clone());
        store.0.insert(key, file.new.clone());
    }
    let before = given.model(tray, &Store::default());
    let after = (!verdict.files.is_empty()).then(|| given.model(tray, &store));
    // What the user has given may be shown to the user.
    let diffs = given.diffs(tray, &verdict.files, (before, after), true);
    let files = verdict.files.iter().zip(&diffs).map(|(changed, diff)| {
        let mut file = FileOut::new(changed.shown.to_string(), &changed.new);
        file.diff = Some(report::diff_text(diff));
        file
    });
    Answer::new(true)
        .field("step", &"done")
        .field("verdict", &shown)
        .list("files", files)
}

fn taken(edit: &Accepted) -> Taken<'_> {
    Taken {
        path: &edit.shown,
        line: edit.line,
        why: &edit.proposal.why,
        old: &edit.proposal.old,
        new: &edit.proposal.new,
        start_byte: edit.range.start,
        end_byte: edit.range.end,
        text: String::from_utf8_lossy(&edit.text).into_owned(),
    }
}

fn left(edit: &Refused) -> Left<'_> {
    Left {
        path: &edit.proposal.file,
        line: edit.proposal.line,
        why: &edit.proposal.why,
        old: &edit.proposal.old,
        new: &edit.proposal.new,
        kind: edit.why.word(),
        reason: masked_text(&edit.words),
    }
}
