//! Every fixture as a template: values behind holes of every syntax, and the same values given
//! back. What is found must be the same, at the same lines.

use std::collections::BTreeSet;

use base::source::printable;
use model::MemoryFiles;
use model::filled::{FilledFiles, Set};
use syntax::{ini, nginx};

use crate::fixtures::cases;
use crate::stack::{Stack, check_machines};

/// How a hole of a number is written, and the name that fills it; whether ini files may have it.
type Form = (fn(usize) -> String, fn(usize) -> String, bool);

const FORMS: [Form; 8] = [
    (|n| format!("{{{{ v{n} }}}}"), |n| format!("v{n}"), true),
    (
        |n| format!("{{{{- .Values.v{n} | default 7 -}}}}"),
        |n| format!(".Values.v{n}"),
        true,
    ),
    (|n| format!("<%= @v{n} %>"), |n| format!("v{n}"), true),
    (|n| format!("__V{n}__"), |n| format!("V{n}"), true),
    (|n| format!("@V{n}@"), |n| format!("V{n}"), true),
    (|n| format!("%v{n}%"), |n| format!("v{n}"), true),
    (|n| format!("<V-{n}>"), |n| format!("V-{n}"), true),
    (|n| format!("${{V{n}:-x}}"), |n| format!("V{n}"), false),
];

/// The places of values that may stand behind a hole.
fn values(path: &str, text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let places: Vec<(u32, u32)> = match is_ini(path) {
        true => {
            let dialect = match path.ends_with(".ini") {
                true => ini::Dialect::PhpIni,
                false => ini::Dialect::Fpm,
            };
            let tree = ini::parse(bytes, dialect);
            let entries = tree.entries().iter();
            let pairs = entries.filter(|entry| entry.kind == ini::EntryKind::Pair);
            pairs.map(|entry| entry.value.span).collect()
        }
        false => {
            let tree = nginx::parse(bytes);
            let ids = (0..u32::try_from(tree.len()).unwrap()).map(nginx::NodeId);
            let simple = ids.filter(|id| tree.kind(*id) == nginx::NodeKind::Simple);
            let last = |id| {
                let words = tree.words(id);
                let word = words.last().filter(|_| words.len() > 1)?;
                Some((word.start, word.end))
            };
            simple.filter_map(last).collect()
        }
    };
    let is_plain = |(start, end): &(usize, usize)| {
        let text = &text[*start..*end];
        !text.is_empty() && !text.contains(['"', '\'', '\\', '{', '}', '<', '%', '@', '_', '$'])
    };
    let places = places.into_iter();
    places
        .map(|(start, end)| (start as usize, end as usize))
        .filter(is_plain)
        .collect()
}

fn is_ini(path: &str) -> bool {
    path.ends_with(".ini") || path.contains("/fpm") || path.ends_with("php-fpm.conf")
}

/// The text with holes, and what fills them.
fn templated(path: &str, text: &str, form: Form, given: &mut Vec<(String, String)>) -> String {
    let (hole, name, in_ini) = form;
    if is_ini(path) && !in_ini {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in values(path, text) {
        let number = given.len();
        // Every third stands for a part of a word.
        let start = if number % 3 == 0 && end - start > 1 {
            start + 1
        } else {
            start
        };
        out.push_str(&text[at..start]);
        out.push_str(&hole(number));
        given.push((name(number), text[start..end].to_owned()));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

type Told = BTreeSet<(String, String, String)>;

fn told(stack: &Stack, form: Option<Form>) -> (Told, usize) {
    let mut files = MemoryFiles::default();
    let mut given = Vec::new();
    for (path, text) in stack.files() {
        let text = match form {
            Some(form) if !path.ends_with(".user.ini") => templated(&path, &text, form, &mut given),
            _ => text,
        };
        files.insert(&path, text.into_bytes());
    }
    let holes = given.len();
    let set = Set::new(given);
    let filled = FilledFiles {
        files: &files,
        set: &set,
    };
    let facts = settings::host::facts("host.toml", &stack.0.facts).expect("host.toml is right");
    let (model, findings) = check_machines(&filled, facts, &stack.0.policy, &stack.1);
    let mut out = Told::new();
    for finding in &findings {
        let place = model.sources.place(finding.primary.span);
        out.insert((finding.rule.to_owned(), finding.message.clone(), place));
    }
    for problem in &model.problems {
        let place = problem.span.map(|span| model.sources.place(span));
        let message = printable(problem.message.as_bytes());
        out.insert(("problem".to_owned(), message, place.unwrap_or_default()));
    }
    (out, holes)
}

#[test]
fn a_filled_template_is_judged_as_the_file_it_makes() {
    let mut wrong = Vec::new();
    let mut holes = 0;
    for (number, (_, case, _)) in cases().into_iter().enumerate() {
        let stack = Stack::from_folder(&case);
        let (plain, _) = told(&stack, None);
        // Each syntax gets its turn in every eighth case, Jinja in all.
        for form in [FORMS[0], FORMS[1 + number % (FORMS.len() - 1)]] {
            let (of_template, made) = told(&stack, Some(form));
            holes += made;
            for (rule, message, place) in plain.symmetric_difference(&of_template) {
                let is_lost = plain.contains(&(rule.clone(), message.clone(), place.clone()));
                let how = if is_lost { "lost" } else { "new" };
                wrong.push(format!(
                    "{} {}: {how}: {rule} {place}: {message}",
                    case.display(),
                    form.0(0)
                ));
            }
        }
    }
    assert!(holes > 5000, "only {holes} holes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without values nothing is guessed: what is found is found in the plain file too.
#[test]
fn a_template_without_values_brings_nothing_new() {
    let mut wrong = Vec::new();
    for (number, (_, case, _)) in cases().into_iter().enumerate() {
        let stack = Stack::from_folder(&case);
        let (plain, _) = told(&stack, None);
        let form = FORMS[number % FORMS.len()];
        let mut files = MemoryFiles::default();
        let mut given = Vec::new();
        for (path, text) in stack.files() {
            // One of the files, so that the others still speak.
            let is_it = !path.ends_with(".user.ini") && (number % 2 == 0) == is_ini(&path);
            let text = match is_it {
                true => templated(&path, &text, form, &mut given),
                false => text,
            };
            files.insert(&path, text.into_bytes());
        }
        let facts = settings::host::facts("host.toml", &stack.0.facts).expect("host.toml is right");
        let (model, findings) = check_machines(&files, facts, &stack.0.policy, &stack.1);
        for finding in &findings {
            let place = model.sources.place(finding.primary.span);
            let is_known = plain
                .iter()
                .any(|(rule, _, at)| *rule == finding.rule && *at == place);
            if !is_known {
                wrong.push(format!(
                    "{} {}: {} {place}: {}",
                    case.display(),
                    form.0(0),
                    finding.rule,
                    finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
