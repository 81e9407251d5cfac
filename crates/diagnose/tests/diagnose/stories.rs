//! Incident stories: a page with configuration, log lines and the verdict that follows from them.
//!
//! Fenced blocks: `log NAME` and `config NAME` hold files, `expect` one line for each incident:
//! `CAUSE CONFIDENCE HARM STATUS REQUEST`, or `undetermined HARM STATUS REQUEST: CANDIDATE, …`.

use std::fs;
use std::path::Path;

use base::diagnosis::{Confidence, Incident};

use crate::reading::{judge, read, stack};
use diagnose::State;

#[derive(Default)]
pub(crate) struct Story {
    pub(crate) logs: Vec<(String, String)>,
    pub(crate) config: Vec<(String, String)>,
    expected: Vec<String>,
}

pub(crate) fn parse(text: &str) -> Story {
    let mut story = Story::default();
    let mut block: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(head)) => block = Some((head.to_owned(), String::new())),
            (None, None) => {}
            (Some(_), Some(_)) => {
                let (head, body) = block.take().expect("a block is open");
                match head.split_once(' ') {
                    Some(("log", name)) => story.logs.push((name.to_owned(), body)),
                    Some(("config", name)) => story.config.push((name.to_owned(), body)),
                    None if head == "expect" => {
                        story.expected = body.lines().map(str::to_owned).collect();
                    }
                    _ => panic!("a block must be `log NAME`, `config NAME` or `expect`: {head}"),
                }
            }
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    assert!(block.is_none(), "a block is not closed");
    story
}

pub(crate) fn said(incident: &Incident) -> String {
    let rest = format!(
        "{} {} {}",
        incident.harm.word(),
        incident.status,
        incident.request
    );
    match incident.confidence {
        Confidence::Undetermined => {
            format!("undetermined {rest}: {}", incident.candidates.join(", "))
        }
        sure => format!("{} {} {rest}", incident.cause, sure.word()),
    }
}

fn verdicts(text: &str) -> (Vec<String>, Vec<String>) {
    let story = parse(text);
    let mut state = State::default();
    for (name, log) in &story.logs {
        read(&mut state, name, log.as_bytes());
    }
    let diagnosis = judge(state, &stack(&story.config));
    let said = diagnosis.incidents.iter().map(said).collect();
    (story.expected, said)
}

pub(crate) fn all() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let mut stories: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(&path).expect("a story"))
        })
        .collect();
    stories.sort();
    stories
}

/// Every story ends as it says. The expectations are written by hand: nothing rewrites them.
#[test]
fn stories_end_as_they_say() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let (expected, said) = verdicts(&text);
        assert!(!expected.is_empty(), "{name} expects nothing");
        if expected != said {
            wrong.push(format!(
                "{name}\n  expected:\n    {}\n  said:\n    {}",
                expected.join("\n    "),
                said.join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Without the other logs and the configuration less is known, and nothing else is claimed: what
/// is said of nginx's error log alone has the cause of the whole story, or it among the
/// candidates.
#[test]
fn less_evidence_never_gives_another_cause() {
    for (name, text) in all() {
        let story = parse(&text);
        let causes: Vec<&str> = (story.expected.iter())
            .filter_map(|line| line.split(' ').next())
            .collect();
        let only = causes.iter().all(|cause| *cause == causes[0]);
        let errors = story.logs.iter().find(|(name, _)| name == "error.log");
        let (Some((_, log)), true) = (errors, only && causes[0] != "undetermined") else {
            continue;
        };
        let mut state = State::default();
        read(&mut state, "error.log", log.as_bytes());
        for incident in judge(state, &stack(&[])).incidents {
            let fits = incident.cause == causes[0] || incident.candidates.contains(&causes[0]);
            assert!(fits, "{name}: {} is {}", incident.request, said(&incident));
        }
    }
}
