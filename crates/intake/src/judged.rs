//! From a model to a report: the rules asked, edits attached, secrets marked.

use base::ladder::Ladder;
use base::{
    FileId, Finding, Problem, ProblemKind, Severity, SortedMap, SortedSet, Sources, Unjudged,
};
use model::Model;
use report::{Report, Summary};

use crate::outward;

/// Our version, as reports name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is asked for.
pub struct Asked<'a> {
    /// What a team says of its own stack.
    pub options: rules::Options,
    /// Whether a rule's findings are wanted.
    pub wanted: &'a dyn Fn(&str) -> bool,
    /// Notes too, because rules were named.
    pub notes: bool,
    /// The edits that would end each finding.
    pub edits: bool,
    /// What another judge has found in files beside the model's.
    pub beside: rules::Beside,
}

impl Asked<'_> {
    /// Every rule, and the edits.
    pub fn everything(strict: bool) -> Asked<'static> {
        Asked {
            options: rules::Options::strict(strict),
            wanted: &|_| true,
            notes: false,
            edits: true,
            beside: rules::Beside::default(),
        }
    }
}

/// What was found.
pub struct Judged {
    /// The files and what is in force.
    pub model: Model,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What kept us from knowing.
    pub problems: Vec<Problem>,
    /// What was not judged for want of a fact.
    pub unjudged: Vec<Unjudged>,
    /// The limits of every route.
    pub ladders: Vec<Ladder>,
    /// Notes that were left out.
    pub hidden: usize,
}

/// Asks the rules. `problems` are those of finding the files.
pub fn judge(mut model: Model, mut problems: Vec<Problem>, asked: Asked<'_>) -> Judged {
    problems.append(&mut model.problems);
    let strict = asked.options.strict;
    let mut cx = rules::Context::with(&model, asked.options);
    cx.beside = asked.beside;
    let mut judged = rules::judge(&cx);
    judged
        .findings
        .retain(|finding| (asked.wanted)(finding.rule));
    judged
        .unjudged
        .retain(|unjudged| (asked.wanted)(unjudged.rule));
    let mut findings = judged.findings;
    if asked.edits {
        fix::attach(&cx, &mut findings);
    }
    let (mut ladders, unknown) = (cx.ladders(), cx.unknowns());
    drop(cx);
    problems.extend(unknown);
    let hidden = match strict || asked.notes {
        true => 0,
        false => hide_notes(&mut findings),
    };
    outward::outward(&model.sources, &mut findings, &mut problems);
    outward::ladders(&model.sources, &mut ladders);
    say_once(&mut problems);
    mark_shown(&mut model, &findings, &problems);
    Judged {
        model,
        findings,
        problems,
        unjudged: judged.unjudged,
        ladders,
        hidden,
    }
}

/// The ladders alone.
pub fn ladders(mut model: Model, mut problems: Vec<Problem>) -> Judged {
    problems.append(&mut model.problems);
    let cx = rules::Context::new(&model, true);
    let mut ladders = cx.ladders();
    problems.extend(cx.unknowns());
    drop(cx);
    outward::outward(&model.sources, &mut Vec::new(), &mut problems);
    outward::ladders(&model.sources, &mut ladders);
    say_once(&mut problems);
    mark_shown(&mut model, &[], &problems);
    Judged {
        model,
        findings: Vec::new(),
        problems,
        unjudged: Vec::new(),
        ladders,
        hidden: 0,
    }
}

impl Judged {
    /// As a report.
    pub fn report(&self) -> Report<'_> {
        Report {
            sources: &self.model.sources,
            findings: &self.findings,
            problems: &self.problems,
            unjudged: &self.unjudged,
            ladders: &self.ladders,
            summary: summary(&self.model, self.hidden),
        }
    }
}

/// A file that cannot be read is said at the first place that wants it, with how many more there
/// are.
fn say_once(problems: &mut Vec<Problem>) {
    let mut first: SortedMap<String, (usize, usize)> = SortedMap::new();
    let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems.drain(..) {
        if problem.kind == ProblemKind::Unreadable && problem.span.is_some() {
            let next = kept.len();
            let (at, more) = first.entry(problem.message.clone()).or_insert((next, 0));
            if *at != next {
                *more += 1;
                continue;
            }
        }
        kept.push(problem);
    }
    for (at, more) in first.into_values().filter(|(_, more)| *more > 0) {
        let places = if more == 1 {
            "place wants"
        } else {
            "places want"
        };
        let message = format!("{} ({more} more {places} it)", kept[at].message);
        kept[at].message = message;
    }
    *problems = kept;
}

/// Takes the notes out and says how many there were.
fn hide_notes(findings: &mut Vec<Finding>) -> usize {
    let before = findings.len();
    findings.retain(|finding| finding.severity > Severity::Info);
    before - findings.len()
}

/// Secrets are looked for only in files of which something will be shown.
fn mark_shown(model: &mut Model, findings: &[Finding], problems: &[Problem]) {
    let of_finding = |finding: &Finding| {
        let because = finding.because.iter().filter_map(|step| step.span);
        let fixes = finding.fix.iter().flat_map(|fix| &fix.edits);
        std::iter::once(finding.primary.span)
            .chain(finding.related.iter().map(|place| place.span))
            .chain(because)
            .chain(fixes.map(|edit| edit.span))
            .collect::<Vec<_>>()
    };
    let of_problems = problems.iter().filter_map(|problem| problem.span);
    let spans = findings.iter().flat_map(of_finding).chain(of_problems);
    let files: SortedSet<FileId> = spans.map(|span| span.file).collect();
    for file in files {
        outward::mark(&mut model.sources, file);
    }
}

/// Files that were opened: one that lies in another is a part of that.
fn opened(sources: &Sources) -> usize {
    let all = sources.iter().filter(|(_, source)| source.outer.is_none());
    all.count()
}

/// Numbers about a model.
pub fn summary(model: &Model, hidden: usize) -> Summary {
    Summary {
        routes: model.routes().count(),
        pools: model.pools().count(),
        files: opened(&model.sources),
        hidden,
        known: 0,
        gone: 0,
        version: VERSION,
    }
}
