//! Our own JSON. Its shape is written down here and in `schema/report.schema.json`, and nowhere
//! else can change it by accident.

use std::io;

use base::{Applicability, Because, Finding, Fix, Place, Problem, Severity, Span, Unjudged};
use serde::Serialize;

use crate::excerpt::line_of;
use crate::place::locate;
use crate::summary::number;
use crate::text::line;
use crate::{Report, Style};

/// Grows when a reader of the old shape would break.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Writes problems and findings.
pub(crate) fn render(
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let places = Places {
        report,
        reveal: style.show_secrets,
    };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(report),
        complete: report.problems.is_empty(),
        summary: SummaryJson {
            errors: number(report, Severity::Error),
            warnings: number(report, Severity::Warning),
            infos: number(report, Severity::Info),
            hidden: report.summary.hidden,
            routes: report.summary.routes,
            pools: report.summary.pools,
            files: report.summary.files,
            known: report.summary.known,
            gone: report.summary.gone,
        },
        unjudged: report.unjudged.iter().map(UnjudgedJson::from).collect(),
        problems: problems(report, style),
        findings: report.findings.iter().map(|f| places.finding(f)).collect(),
    };
    write_pretty(&document, out)
}

/// Indented, with a line feed at the end.
pub(crate) fn write_pretty(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// Who wrote the document.
pub(crate) fn tool(report: &Report<'_>) -> ToolJson {
    ToolJson {
        name: "badgateway",
        version: report.summary.version,
    }
}

/// What kept us from judging; a drawing of ladders has it too.
pub(crate) fn problems(report: &Report<'_>, style: &Style) -> Vec<ProblemJson> {
    let places = Places {
        report,
        reveal: style.show_secrets,
    };
    report.problems.iter().map(|p| places.problem(p)).collect()
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: ToolJson,
    complete: bool,
    summary: SummaryJson,
    unjudged: Vec<UnjudgedJson>,
    problems: Vec<ProblemJson>,
    findings: Vec<FindingJson>,
}

#[derive(Serialize)]
struct UnjudgedJson {
    rule: &'static str,
    needs: &'static str,
}

impl From<&Unjudged> for UnjudgedJson {
    fn from(unjudged: &Unjudged) -> Self {
        Self {
            rule: unjudged.rule,
            needs: unjudged.needs,
        }
    }
}

/// Name and version.
#[derive(Serialize)]
pub(crate) struct ToolJson {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct SummaryJson {
    errors: usize,
    warnings: usize,
    infos: usize,
    hidden: usize,
    routes: usize,
    pools: usize,
    files: usize,
    known: usize,
    gone: usize,
}

/// A problem.
#[derive(Serialize)]
pub(crate) struct ProblemJson {
    kind: &'static str,
    message: String,
    place: Option<PlaceJson>,
    help: Option<String>,
}

#[derive(Serialize)]
struct FindingJson {
    rule: &'static str,
    severity: &'static str,
    message: String,
    primary: PlaceJson,
    related: Vec<PlaceJson>,
    because: Vec<BecauseJson>,
    help: Option<String>,
    routes: Vec<String>,
    fix: Option<FixJson>,
}

#[derive(Serialize)]
struct BecauseJson {
    text: String,
    place: Option<PlaceJson>,
}

#[derive(Serialize)]
struct PlaceJson {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u32,
    end_byte: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    source_line: String,
}

#[derive(Serialize)]
struct FixJson {
    title: String,
    applicability: &'static str,
    edits: Vec<EditJson>,
}

#[derive(Serialize)]
struct EditJson {
    place: PlaceJson,
    text: String,
}

struct Places<'a> {
    report: &'a Report<'a>,
    reveal: bool,
}

impl Places<'_> {
    fn finding(&self, finding: &Finding) -> FindingJson {
        FindingJson {
            rule: finding.rule,
            severity: finding.severity.word(),
            message: line(&finding.message),
            primary: self.labelled(&finding.primary),
            related: finding.related.iter().map(|p| self.labelled(p)).collect(),
            because: finding.because.iter().map(|b| self.because(b)).collect(),
            help: finding.help.as_deref().map(line),
            routes: finding.routes.iter().map(|route| line(route)).collect(),
            fix: finding.fix.as_ref().map(|fix| self.fix(fix)),
        }
    }

    fn problem(&self, problem: &Problem) -> ProblemJson {
        ProblemJson {
            kind: problem.kind.word(),
            message: line(&problem.message),
            place: problem.span.map(|span| self.place(span)),
            help: problem.help.as_deref().map(line),
        }
    }

    fn because(&self, because: &Because) -> BecauseJson {
        BecauseJson {
            text: line(&because.text),
            place: because.span.map(|span| self.place(span)),
        }
    }

    fn fix(&self, fix: &Fix) -> FixJson {
        let edits = fix.edits.iter().map(|edit| EditJson {
            place: self.place(edit.span),
            text: base::source::printable_same_length(&edit.text),
        });
        FixJson {
            title: line(&fix.title),
            applicability: match fix.applicability {
                Applicability::DisplayOnly => "display-only",
                Applicability::Unsafe => "unsafe",
                Applicability::Safe => "safe",
            },
            edits: edits.collect(),
        }
    }

    fn labelled(&self, place: &Place) -> PlaceJson {
        let label = Some(line(&place.label)).filter(|label| !label.is_empty());
        PlaceJson {
            label,
            ..self.place(place.span)
        }
    }

    fn place(&self, span: Span) -> PlaceJson {
        let source = self.report.sources.get(span.file);
        let at = locate(self.report.sources, span);
        PlaceJson {
            path: at.path,
            line: at.line,
            column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
            start_byte: span.start,
            end_byte: span.end,
            via: source.via.as_deref().map(line),
            label: None,
            source_line: line_of(source, span, self.reveal),
        }
    }
}
