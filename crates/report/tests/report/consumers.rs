//! What CI systems read is what they take: each format is read back as its consumer reads it.

use std::collections::BTreeSet;

use report::{Format, Report};
use roxmltree::{Document, Node};
use serde_json::Value;

use crate::fixture::{Fixture, PLAIN, fixture, rendered};
use crate::hostile::{hostile, many, report, shown};
use crate::schemas::{assert_valid, schema};

/// Something of everything: a usual report, a hostile one, a large one, and an empty one.
fn fixtures() -> Vec<Fixture> {
    let mut empty = fixture();
    empty.findings.clear();
    empty.problems.clear();
    let mut nowhere = fixture();
    nowhere.sources = base::Sources::default();
    nowhere.findings.clear();
    nowhere.problems.truncate(1);
    vec![fixture(), hostile(), many(), empty, nowhere]
}

fn each(format: Format, mut check: impl FnMut(&Report<'_>, &str)) {
    for fixture in fixtures() {
        let report = report(&fixture);
        check(&report, &rendered(&report, format, &PLAIN));
    }
}

fn paths(report: &Report<'_>) -> BTreeSet<String> {
    let paths = report.sources.iter().map(|(_, source)| shown(source));
    paths.chain([".".to_owned()]).collect()
}

/// A command as the runner of GitHub Actions reads it (`ActionCommand.TryParseV2`).
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    data: String,
}

fn command(line: &str) -> Command {
    let rest = line.trim_start().strip_prefix("::");
    let (head, data) = rest
        .and_then(|rest| rest.split_once("::"))
        .unwrap_or_else(|| panic!("no command: {line}"));
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = data.replace("%0D", "\r").replace("%0A", "\n");
    let property = |text: &str| {
        let (key, value) = text.split_once('=').expect("a property has a value");
        let value = value.replace("%0D", "\r").replace("%0A", "\n");
        let value = value.replace("%3A", ":").replace("%2C", ",");
        (key.to_owned(), value.replace("%25", "%"))
    };
    let properties = properties.split(',').filter(|text| !text.is_empty());
    Command {
        name: name.to_owned(),
        properties: properties.map(property).collect(),
        data: data.replace("%25", "%"),
    }
}

#[test]
fn github() {
    each(Format::Github, |report, text| {
        let commands: Vec<Command> = text.lines().map(command).collect();
        // One line each: nothing in a message begins a command of its own.
        let entries = report.findings.len() + report.problems.len();
        assert_eq!(commands.len(), entries);
        let paths = paths(report);
        for command in &commands {
            let names = ["error", "warning", "notice"];
            assert!(names.contains(&command.name.as_str()), "{}", command.name);
            assert!(!command.data.is_empty());
            let mut seen = BTreeSet::new();
            for (key, value) in &command.properties {
                assert!(seen.insert(key.as_str()), "{key} twice");
                match key.as_str() {
                    "file" => assert!(paths.contains(value), "{value}"),
                    "title" => assert!(!value.is_empty()),
                    "line" | "endLine" | "col" | "endColumn" => {
                        assert!(value.parse::<u32>().expect("a number") > 0);
                    }
                    other => panic!("no such property: {other}"),
                }
            }
            // Columns of two lines are refused, and so is a line without a file.
            let columns = seen.contains("col") || seen.contains("endColumn");
            assert!(!(columns && seen.contains("endLine")));
            assert_eq!(seen.contains("file"), seen.contains("line"));
        }
        for (finding, command) in report
            .findings
            .iter()
            .zip(&commands[report.problems.len()..])
        {
            // What was escaped comes back whole.
            if !finding.message.contains(char::is_control) && finding.message.is_ascii() {
                assert!(
                    command.data.starts_with(&finding.message),
                    "{}",
                    command.data
                );
            }
        }
    });
}

#[test]
fn gitlab() {
    let schema = schema("tests/fixtures/gitlab-code-quality.schema.json");
    each(Format::Gitlab, |report, text| {
        let list = assert_valid(&schema, text);
        let list = list.as_array().expect("a list");
        assert_eq!(list.len(), report.findings.len() + report.problems.len());
        let of = |issue: &Value| issue["fingerprint"].to_string();
        let unique: BTreeSet<String> = list.iter().map(of).collect();
        assert_eq!(unique.len(), list.len(), "of equal ones GitLab shows one");
        let paths = paths(report);
        for issue in list {
            assert!(paths.contains(issue["location"]["path"].as_str().expect("a path")));
            let lines = &issue["location"]["lines"];
            assert!(lines["begin"].as_u64() <= lines["end"].as_u64());
        }
    });
    let wrong = serde_json::json!([{ "description": "a" }]);
    assert!(!schema.is_valid(&wrong), "the schema bites");
}

/// The schema is that of OASIS; `schemas.rs` has the usual report.
#[test]
fn sarif() {
    let schema = schema("tests/fixtures/sarif-schema-2.1.0.json");
    let fixture = hostile();
    let report = report(&fixture);
    let value = assert_valid(&schema, &rendered(&report, Format::Sarif, &PLAIN));
    let results = value["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), report.findings.len());
}

fn number(node: Node<'_, '_>, name: &str) -> usize {
    let text = node.attribute(name);
    let text = text.unwrap_or_else(|| panic!("<{}> without {name}", node.tag_name().name()));
    text.parse().expect("a number")
}

fn named<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Vec<Node<'a, 'i>> {
    let found = node.descendants().filter(|child| child.has_tag_name(name));
    found.collect()
}

/// The lab asks xmllint and Jenkins' schema; this asks what a schema cannot.
#[test]
fn junit() {
    each(Format::Junit, |report, text| {
        let document = Document::parse(text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let suite = root.first_element_child().expect("a suite");
        let cases = named(suite, "testcase");
        for counted in [root, suite] {
            assert_eq!(number(counted, "tests"), cases.len());
            assert_eq!(number(counted, "failures"), named(suite, "failure").len());
            assert_eq!(number(counted, "errors"), named(suite, "error").len());
        }
        assert_eq!(number(suite, "skipped"), named(suite, "skipped").len());
        assert_eq!(named(suite, "error").len(), report.problems.len());
        for case in cases {
            assert!(case.attribute("name").is_some_and(|name| !name.is_empty()));
            let outcomes = case.children().filter(Node::is_element).count();
            assert!(outcomes <= 1, "a case ends once");
        }
    });
}

/// As Jenkins' and reviewdog's readers have it: `file/@name`, and on `error` the line, the
/// column, the severity, the message and the source.
#[test]
fn checkstyle() {
    each(Format::Checkstyle, |report, text| {
        let document = Document::parse(text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "checkstyle");
        assert!(root.attribute("version").is_some());
        // XML has no way to write these two.
        let paths = paths(report).into_iter();
        let paths: BTreeSet<String> = paths
            .map(|path| path.replace(['\u{FFFE}', '\u{FFFF}'], "?"))
            .collect();
        let mut seen = BTreeSet::new();
        for file in root.children().filter(Node::is_element) {
            assert_eq!(file.tag_name().name(), "file");
            let name = file.attribute("name").expect("a name");
            assert!(paths.contains(name), "{name}");
            assert!(seen.insert(name.to_owned()), "{name} twice");
            let errors: Vec<_> = file.children().filter(Node::is_element).collect();
            assert!(!errors.is_empty());
            for error in errors {
                assert_eq!(error.tag_name().name(), "error");
                assert!(number(error, "line") > 0 && number(error, "column") > 0);
                let severity = error.attribute("severity").expect("a severity");
                assert!(["error", "warning", "info"].contains(&severity));
                let source = error.attribute("source").expect("a source");
                assert!(source.starts_with("badgateway."));
                assert!(!error.attribute("message").expect("a message").is_empty());
            }
        }
        let entries = report.findings.len() + report.problems.len();
        assert_eq!(named(root, "error").len(), entries);
    });
}
