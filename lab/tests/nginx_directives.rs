//! The directive tables and what we refuse by them, against the real nginx: every directive in
//! every context with several numbers of arguments.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::FilePath;
use lab::differential::assert_agreement;
use lab::live::Disk;
use lab::nginx::{Verdict, test};
use lab::scratch::Scratch;
use model::{Inputs, Model, Source, tables};

/// Where a directive is put; `@` stands for it.
const CONTEXTS: [&str; 7] = [
    "@\nevents {}\nhttp {}\n",
    "events { @ }\n",
    "events {}\nhttp { @ }\n",
    "events {}\nhttp { server { @ } }\n",
    "events {}\nhttp { server { location / { @ } } }\n",
    "events {}\nhttp { server { location / { if ($uri) { @ } } } }\n",
    "events {}\nhttp { upstream u { server unix:/x; @ } }\n",
];

/// The classes of nginx's messages that the tables answer for.
#[derive(Debug, PartialEq, Eq)]
enum Class {
    Unknown,
    Place,
    Count,
    Block,
    Flag,
    Value,
    Twice,
    /// Accepted, or refused for a reason of its own.
    Other,
}

fn class_of(message: &str) -> Class {
    let has = |part: &str| message.contains(part);
    if has("unknown directive") {
        Class::Unknown
    } else if has("is not allowed here") {
        Class::Place
    } else if has("invalid number of arguments in") {
        Class::Count
    } else if has("is not terminated by") || has("has no opening \"{\"") {
        Class::Block
    } else if has("it must be \"on\" or \"off\"") {
        Class::Flag
    } else if has("directive invalid value") || has("directive invalid number") {
        Class::Value
    } else if has("directive is duplicate") {
        Class::Twice
    } else {
        Class::Other
    }
}

fn ours(scratch: &Scratch) -> String {
    let path = scratch.path().join("nginx.conf").display().to_string();
    let disk = Disk;
    let mut inputs = Inputs::default();
    inputs.nginx.push(Source {
        input: FilePath::new(path),
        files: &disk,
        via: None,
    });
    let model = Model::load(inputs, &disk);
    let said = model.problems.into_iter().map(|problem| problem.message);
    said.collect::<Vec<_>>().join("\n")
}

fn compare(scratch: &Scratch, text: &str, counts: &[AtomicUsize; 2]) -> Option<String> {
    scratch.write("nginx.conf", text);
    let verdict: Verdict = test(scratch, "nginx.conf");
    let said = verdict.said();
    let theirs = class_of(&said);
    // Modules that this nginx was built without.
    if theirs == Class::Unknown {
        return None;
    }
    let we = ours(scratch);
    let agrees = match theirs {
        // What the tables cannot know: values with a handler of their own.
        Class::Value | Class::Twice => true,
        _ => class_of(&we) == theirs,
    };
    counts[usize::from(theirs == Class::Other)].fetch_add(1, Ordering::Relaxed);
    (!agrees).then(|| format!("{text:?}: nginx: {said}; we: {we}"))
}

/// Each statement for each name in each context.
fn texts(contexts: &[&str], statements: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    // These start something, or read a file, or take the rest of the block with them.
    const LEFT_OUT: [&str; 6] = [
        "include",
        "load_module",
        "daemon",
        "perl_modules",
        "pid",
        "lock_file",
    ];
    let names: BTreeSet<&str> = tables::all().iter().map(|row| row.name).collect();
    let names = names.into_iter().filter(|name| !LEFT_OUT.contains(name));
    let statements: Vec<String> = names.flat_map(statements).collect();
    let in_upstream = |context: &str| context.contains("upstream");
    // There since 1.27.3.
    let is_newer = |s: &str| {
        s.starts_with("resolver;")
            || s.starts_with("resolver ")
            || s.starts_with("resolver_timeout")
    };
    let put = |context: &&str| {
        let fitting = statements
            .iter()
            .filter(|s| !in_upstream(context) || !is_newer(s));
        let texts = fitting.map(|s| context.replacen('@', s, 1));
        texts.collect::<Vec<_>>()
    };
    contexts.iter().flat_map(put).collect()
}

fn run(label: &str, texts: &[String]) {
    let counts = [AtomicUsize::new(0), AtomicUsize::new(0)];
    assert_agreement(label, texts, |scratch, text| {
        compare(scratch, text, &counts)
    });
    let [refused, other] = counts.map(|count| count.load(Ordering::Relaxed));
    assert!(
        refused * 10 > texts.len() && other > 0,
        "{label}: {refused} refused by the tables, {other} not"
    );
}

#[test]
fn places() {
    run(
        "places",
        &texts(&CONTEXTS, |name| vec![format!("{name} on;")]),
    );
}

#[test]
fn numbers_of_arguments() {
    let contexts = [CONTEXTS[2], CONTEXTS[4]];
    let texts = texts(&contexts, |name| {
        vec![format!("{name};"), format!("{name} a b c d e f g h;")]
    });
    run("arguments", &texts);
}

#[test]
fn blocks_and_what_is_none() {
    let texts = texts(&CONTEXTS, |name| vec![format!("{name} on {{ }}")]);
    let sample: Vec<String> = texts.into_iter().step_by(3).collect();
    run("blocks", &sample);
}
