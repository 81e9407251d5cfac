//! From places in files that lie in others to places in those that people can open.

use base::ladder::Ladder;
use base::{Because, FileId, Finding, Origin, Problem, SortedSet, Sources, Span};

/// Moves everything that was said outwards. What two machines say of one file is said once.
pub(crate) fn outward(sources: &Sources, findings: &mut Vec<Finding>, problems: &mut Vec<Problem>) {
    if sources.iter().all(|(_, source)| source.outer.is_none()) {
        return;
    }
    for finding in findings.iter_mut() {
        let places = std::iter::once(&mut finding.primary).chain(&mut finding.related);
        for place in places {
            place.span = sources.outward(place.span);
        }
        for Because { span, .. } in &mut finding.because {
            *span = span.map(|span| sources.outward(span));
        }
        let Some(fix) = &mut finding.fix else {
            continue;
        };
        let edits = fix.edits.iter().map(|edit| sources.outward_edit(edit));
        match edits.collect::<Option<Vec<_>>>() {
            Some(edits) => fix.edits = edits,
            None => finding.fix = None,
        }
    }
    let mut all: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let same = all.iter_mut().find(|known| {
            (known.rule, known.primary.span, &known.message)
                == (finding.rule, finding.primary.span, &finding.message)
        });
        match same {
            Some(known) => {
                let new = finding.routes.into_iter();
                let new: Vec<_> = new.filter(|one| !known.routes.contains(one)).collect();
                known.routes.extend(new);
            }
            None => all.push(finding),
        }
    }
    *findings = all;
    for problem in problems.iter_mut() {
        problem.span = problem.span.map(|span| sources.outward(span));
    }
    let mut all: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems.drain(..) {
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
    *problems = all;
}

/// The same for the places of limits.
pub(crate) fn ladders(sources: &Sources, ladders: &mut [Ladder]) {
    let rungs = ladders.iter_mut().flat_map(|ladder| &mut ladder.rungs);
    for origin in rungs.filter_map(|rung| rung.origin.as_mut()) {
        match origin {
            Origin::Here(at) | Origin::Inherited(at) => *at = sources.outward(*at),
            Origin::Overriding { at, over } => {
                *at = sources.outward(*at);
                for place in over {
                    *place = sources.outward(*place);
                }
            }
            Origin::Default { .. } => {}
        }
    }
}

/// Marks the secrets of a file, and those of the files that lie in it.
pub(crate) fn mark(sources: &mut Sources, file: FileId) {
    redact::mark(sources, file);
    let within = |source: &base::Source| source.outer.as_ref().is_some_and(|(at, _)| *at == file);
    let inner: Vec<FileId> = sources
        .iter()
        .filter(|(_, source)| within(source))
        .map(|(id, _)| id)
        .collect();
    if inner.is_empty() {
        return;
    }
    let mut secrets: SortedSet<(u32, u32)> = sources.get(file).secrets.iter().copied().collect();
    for id in inner {
        mark(sources, id);
        for (start, end) in sources.get(id).secrets.clone() {
            let shown = sources.outward(Span::new(id, start, end));
            if shown.file == file {
                secrets.insert((shown.start, shown.end));
            }
        }
    }
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (start, end) in secrets {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    sources.get_mut(file).secrets = merged;
}
