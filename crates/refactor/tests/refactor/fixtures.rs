//! Every bad case of every rule as a question: it can be asked, and what badgateway's own fixer
//! would answer is taken, unless a model may not touch it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::FilePath;
use fix::{Changed, Store, Wants};
use model::{Files, MemoryFiles};
use refactor::{Ask, Paper, Session, Step, Verdict, Why, Wire, World};

use crate::world::{FPM, INI, NGINX, load};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/fixtures")
}

/// The files of a case, over those of the sound stack.
fn files(case: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    for folder in [fixtures().join("sound"), case.to_owned()] {
        for (name, path) in [
            ("nginx.conf", NGINX),
            ("php-fpm.conf", FPM),
            ("php.ini", INI),
        ] {
            if let Ok(bytes) = fs::read(folder.join(name)) {
                files.insert(path, bytes);
            }
        }
        let root = folder.join("root");
        let mut open = vec![root.clone()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if let (Ok(inside), Ok(bytes)) = (path.strip_prefix(&root), fs::read(&path))
                {
                    files.insert(format!("/{}", inside.display()), bytes);
                }
            }
        }
    }
    files
}

/// All bad cases with the rule they are of.
fn cases() -> Vec<(String, PathBuf)> {
    let mut out = Vec::new();
    let list = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| path.is_dir());
        paths.sort();
        paths
    };
    for group in list(&fixtures()) {
        for rule in list(&group) {
            for case in list(&rule) {
                let name = |path: &Path| {
                    path.file_name()
                        .expect("it has one")
                        .to_string_lossy()
                        .into_owned()
                };
                if name(&case).starts_with("bad") {
                    out.push((name(&rule), case));
                }
            }
        }
    }
    assert!(out.len() > 200, "{}", out.len());
    out
}

/// What the fixer does to a file, as the edit of a model: the lines that differ.
fn as_edit(paper: &Paper, changed: &Changed) -> serde_json::Value {
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.split_inclusive('\n').map(str::to_owned).collect()
    };
    let (old, new) = (lines(&changed.old), lines(&changed.new));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tail.take_while(|(a, b)| a == b).count();
    // An insertion needs a line to hold on to.
    let head = if old.len() == head + tail {
        head.saturating_sub(1)
    } else {
        head
    };
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    serde_json::json!({
        "file": paper.label, "old": old.concat(), "new": new.concat(), "line": head + 1, "why": "",
    })
}

fn ask(rule: &str, identity: bool) -> Ask<'static> {
    let mut ask = Ask::new(Wire::Local, "m");
    ask.redact.identity = identity;
    ask.wants = Wants {
        unsafe_too: true,
        rules: vec![rule.to_owned()],
        ..Wants::default()
    };
    ask
}

/// Asks about a case and answers as the fixer would, in the words of the file.
fn run(rule: &str, case: &Path, identity: bool) -> (bool, bool, Verdict) {
    let files = files(case);
    let fixed = |load: &fix::Load<'_>, resolve: &fix::Resolve<'_>| {
        let (fixed, _) = fix::run(load, resolve, &ask(rule, identity).wants);
        fixed.files
    };
    answered(&files, ask(rule, identity), &fixed)
}

type Answer<'a> = dyn Fn(&fix::Load<'_>, &fix::Resolve<'_>) -> Vec<Changed> + 'a;

/// Asks about files and answers with changes.
fn answered(files: &MemoryFiles, ask: Ask<'_>, changes: &Answer<'_>) -> (bool, bool, Verdict) {
    let load = |store: &Store| load(files, store);
    let resolve =
        |_: Option<&str>, path: &FilePath| files.resolve(path).unwrap_or_else(|| path.clone());
    let world = World {
        load: &load,
        resolve: &resolve,
    };
    let changes = changes(&load, &resolve);
    let mut session = Session::begin(world, ask);
    let is_asked = matches!(session.next(), Step::Send(_));
    for paper in session.papers() {
        let back = redact::restore(&paper.hidden, session.map());
        assert_eq!(back.bytes, *paper.old, "{} comes back", paper.shown);
        let slips = redact::compare(paper.label.as_bytes(), &back, session.map());
        assert!(slips.is_empty(), "{}: {slips:?}", paper.shown);
    }
    let papers: BTreeMap<_, &Paper> = session
        .papers()
        .iter()
        .map(|paper| (paper.key.1.clone(), paper))
        .collect();
    let edits = changes.iter();
    let edits = edits.filter_map(|changed| Some(as_edit(papers.get(&changed.path)?, changed)));
    let answer = serde_json::Value::from(edits.collect::<Vec<_>>()).to_string();
    session.answer(Ok(answer.clone()));
    session.answer(Ok(answer));
    session.stop();
    let verdict = session.into_verdict().expect("it is stopped");
    (is_asked, !changes.is_empty(), verdict)
}

#[test]
fn every_case_can_be_asked_about() {
    let (mut asked, mut fixable, mut taken) = (0, 0, 0);
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for (rule, case) in cases() {
        let place = case.display();
        let (_, _, verdict) = run(&rule, &case, true);
        if let Some(refusal) = &verdict.refusal {
            assert!(
                refusal.words.contains("a server would refuse"),
                "{place}: {refusal:?}"
            );
        }
        let (is_asked, has_fix, verdict) = run(&rule, &case, false);
        asked += usize::from(is_asked);
        if !(has_fix && is_asked) {
            continue;
        }
        fixable += 1;
        if !verdict.accepted.is_empty() {
            taken += 1;
            assert!(!verdict.ended.is_empty(), "{place}");
            continue;
        }
        let why = verdict
            .refused
            .first()
            .map_or("-", |refused| refused.why.word());
        *left.entry(format!("{why} {rule}")).or_default() += 1;
        // Sockets, parameters of PHP and files are for badgateway's own fixer.
        let mut refused = verdict.refused.iter();
        let known = refused.all(|refused| refused.why == Why::Forbidden);
        assert!(known, "{place}: {:#?}", verdict.refused);
    }
    let counts = format!("{asked} asked, {fixable} with a fix, {taken} taken\n{left:#?}");
    assert!(asked > 240 && fixable >= 60 && taken >= 40, "{counts}");
}

/// What a page changes from its bad example to its good one.
fn page_changes(rule: &rules::Rule) -> (MemoryFiles, Vec<Changed>) {
    let example = |section: &str| {
        let text = rule.section(section).unwrap_or_default();
        let example = rules::example::Example::from_markdown(&text);
        example.expect("its fences are right").files()
    };
    let (bad, good) = (example("Bad"), example("Good"));
    let mut files = MemoryFiles::default();
    let mut changes = Vec::new();
    for (path, text) in &bad {
        files.insert(path, text.as_bytes());
        if let Some(new) = good.get(path).filter(|new| *new != text) {
            changes.push(Changed {
                via: None,
                path: FilePath::new(path),
                shown: FilePath::new(path),
                old: text.as_bytes().into(),
                new: new.as_bytes().into(),
            });
        }
    }
    (files, changes)
}

/// The good example of each rule's page, as the answer to its bad one.
#[test]
fn what_the_pages_say() {
    let (mut asked, mut taken, mut alone) = (0, 0, 0);
    let mut left: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in rules::all() {
        let (files, changes) = page_changes(rule);
        let answer = |_: &fix::Load<'_>, _: &fix::Resolve<'_>| changes.clone();
        let (is_asked, has_answer, verdict) = answered(&files, ask(rule.id, false), &answer);
        if !(is_asked && has_answer) {
            continue;
        }
        asked += 1;
        if !verdict.accepted.is_empty() {
            taken += 1;
            alone += usize::from(rule.fix < base::FixLevel::Unsafe);
            continue;
        }
        let refused = verdict.refused.first();
        let why = refused.map_or("-", |refused| refused.why.word());
        let words = refused.map_or("", |refused| refused.words.as_str());
        let words: String = words.chars().take(110).collect();
        left.entry(why)
            .or_default()
            .push(format!("{}: {words}", rule.id));
    }
    let counts =
        format!("{asked} pages, {taken} taken, {alone} without a fix of our own\n{left:#?}");
    assert!(asked > 120 && taken >= 60 && alone >= 45, "{counts}");
}
