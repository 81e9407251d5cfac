//! SARIF 2.1.0, as code scanning services read it.
//!
//! What kept us from judging is a notification of a run that did not succeed: an empty list of
//! results then means "not known", not "well".

mod shapes;

use std::io;

use base::source::printable_same_length;
use base::{Finding, Fix, Problem, ProblemKind, Severity, Span};

use self::shapes::{
    Artifact, ArtifactChange, Configuration, Content, Driver, Fingerprints, FixShape, Help,
    Invocation, Location, Log, Message, Notification, PhysicalLocation, Reference, Region,
    Replacement, ResultShape, Routes, Rule, RuleProperties, Run, Tool,
};
use crate::excerpt::line_of;
use crate::json::write_pretty;
use crate::place::locate;
use crate::rules::fix_word;
use crate::text::{block, line};
use crate::{Report, RuleMeta, Style, fingerprint};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one log with one run.
pub(crate) fn render(
    report: &Report<'_>,
    rules: &[RuleMeta],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let results = report.findings.iter().zip(fingerprint::of_findings(report));
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "badgateway",
                version: report.summary.version,
                rules: rules.iter().map(rule).collect(),
                notifications: notification_kinds(),
            },
        },
        invocations: vec![Invocation {
            execution_successful: report.problems.is_empty(),
            tool_execution_notifications: report
                .problems
                .iter()
                .map(|problem| notification(report, problem, style))
                .collect(),
        }],
        results: results
            .map(|(finding, print)| result(report, rules, finding, print, style))
            .collect(),
        column_kind: "unicodeCodePoints",
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![run],
    };
    write_pretty(&log, out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(rule: &RuleMeta) -> Rule<'_> {
    let doc = block(&rule.doc);
    // Both forms of the help must not be empty.
    let doc = Some(doc).filter(|doc| !doc.trim().is_empty());
    let doc = doc.unwrap_or_else(|| rule.summary.to_owned());
    Rule {
        id: rule.id,
        name: pascal_case(rule.id),
        short_description: Message::new(rule.summary.to_owned()),
        help: Help {
            text: doc.clone(),
            markdown: doc,
        },
        default_configuration: Configuration {
            level: level(rule.severity),
        },
        properties: RuleProperties {
            tags: vec![rule.group],
            fix: fix_word(rule.fix),
        },
    }
}

/// SARIF wants a name that is readable and an id that is opaque; ours is both.
fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (head, tail) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        head.to_uppercase() + tail
    });
    words.collect()
}

fn notification_kinds() -> Vec<Reference> {
    let kinds = [
        ProblemKind::Unreadable,
        ProblemKind::Syntax,
        ProblemKind::Unknown,
    ];
    kinds
        .into_iter()
        .map(|kind| Reference { id: kind.word() })
        .collect()
}

fn notification(report: &Report<'_>, problem: &Problem, style: &Style) -> Notification {
    let help = problem.help.as_deref();
    let help = help.map_or(String::new(), |help| format!("\nhelp: {}", line(help)));
    let places = problem.span.iter();
    Notification {
        descriptor: Reference {
            id: problem.kind.word(),
        },
        level: "error",
        message: Message::new(format!("{}{help}", line(&problem.message))),
        locations: places
            .map(|span| location(report, *span, None, style))
            .collect(),
    }
}

fn result(
    report: &Report<'_>,
    rules: &[RuleMeta],
    finding: &Finding,
    print: String,
    style: &Style,
) -> ResultShape {
    let label = Some(line(&finding.primary.label)).filter(|label| !label.is_empty());
    let label = label.map(Message::new);
    ResultShape {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule),
        level: level(finding.severity),
        message: message(finding),
        locations: vec![location(report, finding.primary.span, label, style)],
        related_locations: related(report, finding, style),
        partial_fingerprints: Fingerprints { primary: print },
        fixes: finding.fix.iter().map(|f| fix(report, f)).collect(),
        properties: Routes {
            routes: finding.routes.iter().map(|route| line(route)).collect(),
        },
    }
}

/// The message stands alone in most viewers, so the reasons and the help are part of it.
fn message(finding: &Finding) -> Message {
    let mut lines = vec![line(&finding.message)];
    let because = finding.because.iter();
    lines.extend(because.map(|step| format!("because: {}", line(&step.text))));
    lines.extend(
        finding
            .help
            .iter()
            .map(|help| format!("help: {}", line(help))),
    );
    Message::new(lines.join("\n"))
}

/// The other marks, then the places of the reasons.
fn related(report: &Report<'_>, finding: &Finding, style: &Style) -> Vec<Location> {
    let marks = finding.related.iter().map(|p| (p.span, p.label.as_str()));
    let reasons = finding.because.iter();
    let reasons = reasons.filter_map(|b| b.span.map(|span| (span, b.text.as_str())));
    let mut out = Vec::new();
    for (id, (span, text)) in marks.chain(reasons).enumerate() {
        let text = Message::new(line(text));
        out.push(Location {
            id: Some(id),
            ..location(report, span, Some(text), style)
        });
    }
    out
}

fn location(report: &Report<'_>, span: Span, text: Option<Message>, style: &Style) -> Location {
    let at = locate(report.sources, span);
    let source = report.sources.get(span.file);
    let shown = line_of(source, span, style.show_secrets);
    Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(report, span),
            region: region(report, span),
            context_region: Region {
                start_line: at.line,
                start_column: None,
                end_line: None,
                end_column: None,
                snippet: Some(Content { text: shown }),
            },
        },
        message: text,
    }
}

fn region(report: &Report<'_>, span: Span) -> Region {
    let at = locate(report.sources, span);
    Region {
        start_line: at.line,
        start_column: Some(at.column),
        end_line: Some(at.end_line),
        end_column: Some(at.end_column),
        snippet: None,
    }
}

fn artifact(report: &Report<'_>, span: Span) -> Artifact {
    Artifact {
        uri: uri(report.sources.get(span.file).shown().as_bytes()),
    }
}

/// A path as a URI: absolute ones as `file:`, relative ones as they are.
fn uri(path: &[u8]) -> String {
    let mut out = String::new();
    if path.starts_with(b"/") {
        out.push_str("file://");
    }
    for &byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn fix(report: &Report<'_>, fix: &Fix) -> FixShape {
    let mut changes: Vec<(base::FileId, ArtifactChange)> = Vec::new();
    for edit in &fix.edits {
        let replacement = Replacement {
            deleted_region: region(report, edit.span),
            inserted_content: Content {
                text: printable_same_length(&edit.text),
            },
        };
        match changes.iter_mut().find(|(file, _)| *file == edit.span.file) {
            Some((_, change)) => change.replacements.push(replacement),
            None => changes.push((
                edit.span.file,
                ArtifactChange {
                    artifact_location: artifact(report, edit.span),
                    replacements: vec![replacement],
                },
            )),
        }
    }
    FixShape {
        description: Message::new(line(&fix.title)),
        artifact_changes: changes.into_iter().map(|(_, change)| change).collect(),
    }
}
