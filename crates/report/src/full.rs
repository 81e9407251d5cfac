//! Code frames with reasons and help, for people at a terminal.
//!
//! What kept us from judging comes first: it makes everything below it less certain.

use std::io;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Padding, Patch, Renderer, Snippet,
};
use base::{Applicability, FileId, Finding, Fix, Place, Problem, ProblemKind, Severity, Span};

use crate::excerpt::{Excerpt, excerpts};
use crate::place::locate;
use crate::text::{first_of, line, wrap};
use crate::{Report, Style, summary};

/// Routes that are named; the others are counted.
const ROUTES: usize = 3;

/// Writes problems, findings and the summary.
pub(crate) fn render(
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    problems(report, style, out)?;
    for finding in report.findings {
        writeln!(out, "{}\n", self::finding(report, finding, style))?;
    }
    for text in summary::lines(report, style) {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Writes the problems, each with an empty line behind it.
pub(crate) fn problems(
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for problem in report.problems {
        writeln!(out, "{}\n", self::problem(report, problem, style))?;
    }
    Ok(())
}

fn problem(report: &Report<'_>, problem: &Problem, style: &Style) -> String {
    let level = match problem.kind {
        ProblemKind::Unreadable | ProblemKind::Syntax => Level::ERROR,
        ProblemKind::Unknown => Level::WARNING,
    };
    let title = level
        .with_name(problem.kind.word())
        .primary_title(line(&problem.message));
    let mut group = Group::with_title(title);
    if let Some(span) = problem.span {
        let place = Place {
            span,
            label: String::new(),
        };
        group = frames(group, report, &[&place], style);
    }
    if let Some(help) = &problem.help {
        group = note(group, Level::HELP, "help", help, style);
    }
    drawn(&[group], style)
}

fn finding(report: &Report<'_>, finding: &Finding, style: &Style) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(line(&finding.message)).id(finding.rule);
    let mut group = Group::with_title(title);
    let places: Vec<&Place> = std::iter::once(&finding.primary)
        .chain(&finding.related)
        .collect();
    group = frames(group, report, &places, style);
    for step in &finding.because {
        let text = match step.span {
            Some(span) => format!("{} ({})", step.text, locate(report.sources, span).short()),
            None => step.text.clone(),
        };
        group = note(group, Level::NOTE, "because", &text, style);
    }
    if let Some(help) = &finding.help {
        group = note(group, Level::HELP, "help", help, style);
    }
    match finding.routes.len() {
        0 => {}
        1 => group = note(group, Level::NOTE, "in route", &finding.routes[0], style),
        _ => {
            let routes = first_of(&finding.routes, ROUTES);
            group = note(group, Level::NOTE, "in routes", &routes, style);
        }
    }
    let mut groups = vec![group];
    groups.extend(
        finding
            .fix
            .as_ref()
            .map(|fix| fix_group(report, fix, style)),
    );
    drawn(&groups, style)
}

/// One frame for each stretch of lines, the one with the first place on top.
fn frames<'a>(
    mut group: Group<'a>,
    report: &Report<'_>,
    places: &[&Place],
    style: &Style,
) -> Group<'a> {
    let mut files: Vec<FileId> = Vec::new();
    for place in places {
        if !files.contains(&place.span.file) {
            files.push(place.span.file);
        }
    }
    for file in files {
        let source = report.sources.get(file);
        let here: Vec<(usize, &Place)> = places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.span.file == file)
            .map(|(index, place)| (index, *place))
            .collect();
        let spans: Vec<Span> = here.iter().map(|(_, place)| place.span).collect();
        for excerpt in excerpts(source, &spans, style.show_secrets) {
            group = frame(group, report, &here, excerpt);
        }
        // A file of an image has the image in its name.
        let shown = source.shown().as_bytes();
        let via = source.via.as_ref();
        if let Some(via) = via.filter(|via| !shown.starts_with(via.as_bytes())) {
            let text = format!("{} is taken from {via}", source.shown());
            group = note(group, Level::NOTE, "note", &text, style);
        }
    }
    group
}

fn frame<'a>(
    group: Group<'a>,
    report: &Report<'_>,
    here: &[(usize, &Place)],
    excerpt: Excerpt,
) -> Group<'a> {
    let first = excerpt.marks.iter().map(|(index, _)| *index).min();
    let (_, head) = here[first.unwrap_or(0)];
    let at = locate(report.sources, head.span);
    let annotations = excerpt.marks.into_iter().map(|(index, range)| {
        let (index, place) = here[index];
        annotation(index == 0, range, &place.label)
    });
    let snippet = Snippet::source(excerpt.text)
        .line_start(excerpt.first_line as usize)
        .annotations(annotations);
    // The frame's own column would count in the cut and masked line.
    let origin = Origin::path(at.path)
        .line(at.line as usize)
        .char_column(at.column as usize);
    let group = match first {
        Some(index) if here[index].0 == 0 => group,
        _ => group.element(Padding),
    };
    group.element(origin).element(snippet)
}

fn annotation<'a>(primary: bool, range: std::ops::Range<usize>, label: &str) -> Annotation<'a> {
    let kind = if primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let label = Some(line(label)).filter(|label| !label.is_empty());
    kind.span(range).label(label)
}

/// The edit as a patch.
fn fix_group<'a>(report: &Report<'_>, fix: &Fix, style: &Style) -> Group<'a> {
    let trust = match fix.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "may change more than the flagged value",
        Applicability::DisplayOnly => "for you to decide",
    };
    let title = format!("{} ({trust})", line(&fix.title));
    let mut group = Group::with_title(Level::HELP.with_name("fix").secondary_title(title));
    let mut files: Vec<FileId> = Vec::new();
    for edit in &fix.edits {
        if !files.contains(&edit.span.file) {
            files.push(edit.span.file);
        }
    }
    for file in files {
        let source = report.sources.get(file);
        let edits: Vec<_> = fix.edits.iter().filter(|e| e.span.file == file).collect();
        let spans: Vec<Span> = edits.iter().map(|e| e.span).collect();
        for excerpt in excerpts(source, &spans, style.show_secrets) {
            let patches = excerpt.marks.into_iter().map(|(index, range)| {
                let text = base::source::printable_same_length(&edits[index].text);
                Patch::new(range, text)
            });
            let snippet = Snippet::source(excerpt.text)
                .line_start(excerpt.first_line as usize)
                .path(source.shown().to_string())
                .patches(patches);
            group = group.element(snippet);
        }
    }
    group
}

/// A line under the frames, broken at the width of the terminal.
fn note<'a>(
    group: Group<'a>,
    level: Level<'a>,
    name: &'a str,
    text: &str,
    style: &Style,
) -> Group<'a> {
    // Line number, ` = `, name, `: `.
    let taken = 8 + name.len();
    let lines = wrap(&line(text), style.width.saturating_sub(taken).max(30));
    group.element(level.with_name(name).message(lines.join("\n")))
}

fn drawn(groups: &[Group<'_>], style: &Style) -> String {
    let renderer = if style.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let text = renderer.term_width(style.width).render(groups);
    // A frame whose path was given apart from it is headed by a path of nothing.
    let lines: Vec<&str> = text.lines().filter(|line| !is_empty_path(line)).collect();
    lines.join("\n")
}

/// Whether a line says `:::` and nothing else, colours aside. No source line can: each has its
/// number in front.
fn is_empty_path(line: &str) -> bool {
    let Some((before, after)) = line.split_once(":::") else {
        return false;
    };
    let bare = |text: &str| {
        text.split('\u{1b}').enumerate().all(|(at, part)| {
            let part = match at {
                0 => Some(part),
                _ => part.split_once('m').map(|(_, behind)| behind),
            };
            part.is_some_and(|part| part.trim().is_empty())
        })
    };
    bare(before) && bare(after)
}
