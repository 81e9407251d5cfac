//! From places in files that lie in others to places in those that people can open.

use base::ladder::Ladder;
use base::mask::masked;
use base::{
    Because, Edit, FileId, Finding, Origin, Problem, SortedMap, SortedSet, Source, Sources, Span,
};
use fix::Changed;
use model::Model;
use redact::masked_text;
use report::Diff;

/// Moves everything that was said outwards. What two machines say of one file is said once.
pub(crate) fn outward(sources: &Sources, findings: &mut Vec<Finding>, problems: &mut Vec<Problem>) {
    let is_plain = |source: &Source| source.outer.is_none() && source.parts.is_empty();
    if sources.iter().all(|(_, source)| is_plain(source)) {
        return;
    }
    for finding in findings.iter_mut() {
        variables(sources, finding);
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

/// Where a value is that of a variable which nobody has set, or which has other uses: what to do
/// about it.
fn variables(sources: &Sources, finding: &mut Finding) {
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    let spans = edits.map(|edit| edit.span);
    let help = match spans.clone().next() {
        Some(_) => spans.clone().find_map(|span| sources.help(span)),
        None => sources.help(finding.primary.span),
    };
    let Some(help) = help else {
        return;
    };
    finding.help = match finding.help.take() {
        Some(own) => Some(format!("{own}; {help}")),
        None => Some(help.to_owned()),
    };
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
    let within = |source: &Source| source.stands_in(file);
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

/// Files that lie in others, as changes of those.
#[derive(Debug, Default)]
pub struct Outward {
    /// The files that people can open, before and after.
    pub files: Vec<Changed>,
    /// The same for people.
    pub diffs: Vec<Diff>,
    /// What cannot be written, and why; for people.
    pub left: Vec<String>,
}

/// Moves changes outwards; those of other files come back. `before` is the model that they were
/// planned on.
pub fn changes(
    before: &mut Model,
    files: Vec<Changed>,
    show_secrets: bool,
) -> (Vec<Changed>, Outward) {
    let mut out = Outward::default();
    let mut plain = Vec::new();
    let mut edits: SortedMap<FileId, Vec<Edit>> = SortedMap::new();
    for changed in files {
        let is_it = |source: &Source| {
            // Of a link the path is another than that of its file.
            let is_file = source.path == changed.path
                || source.via.is_none() && *source.shown() == changed.shown;
            source.via == changed.via && is_file
        };
        let found = before.sources.iter().find(|(_, source)| is_it(source));
        // A dump is no machine, and its files lie in none that could be written.
        let via = changed.via.as_ref();
        let is_machine = via.is_some_and(|via| before.machines.iter().any(|one| one.via == *via));
        let lies_in =
            |id: &FileId| is_machine || via.is_none() && before.sources.get(*id).outer.is_some();
        let Some(id) = found.map(|(id, _)| id).filter(lies_in) else {
            plain.push(changed);
            continue;
        };
        let source = before.sources.get(id);
        if source.outer.is_none() && source.parts.is_empty() {
            let via = changed.via.unwrap_or_default();
            out.left.push(format!(
                "{} comes with an image ({via}): put a changed one in its place",
                changed.shown
            ));
            continue;
        }
        let wanted = report::edits(&changed.old, &changed.new).into_iter();
        let wanted: Vec<Edit> = wanted
            .map(|(range, text)| Edit {
                span: Span::new(id, base::offset(range.start), base::offset(range.end)),
                text,
            })
            .collect();
        let sources = &before.sources;
        let all = wanted.iter().map(|edit| {
            let whole = || sources.outward_edit(&widened(sources, edit));
            sources.outward_edit(edit).or_else(whole)
        });
        match all.collect::<Option<Vec<Edit>>>() {
            Some(all) => {
                for edit in all {
                    let known = edits.entry(edit.span.file).or_default();
                    // Several machines may have the same file.
                    if !known.contains(&edit) {
                        known.push(edit);
                    }
                }
            }
            None => out.left.push(left(&before.sources, id, &changed, &wanted)),
        }
    }
    for (file, edits) in edits {
        mark(&mut before.sources, file);
        let source = before.sources.get(file);
        let shown = source.shown().clone();
        let hidden = match show_secrets {
            true => source.bytes.to_vec(),
            false => masked(&source.bytes, 0..source.bytes.len(), &source.secrets),
        };
        let safe: Vec<Edit> = edits
            .iter()
            .map(|edit| covered(edit, show_secrets))
            .collect();
        match (
            fix::apply(&source.bytes, &edits),
            fix::apply(&hidden, &safe),
        ) {
            (Ok(new), Ok(new_shown)) => {
                out.diffs.push(Diff {
                    path: shown.to_string(),
                    old: hidden,
                    new: new_shown,
                });
                out.files.push(Changed {
                    via: None,
                    path: source.path.clone(),
                    shown,
                    old: source.bytes.clone(),
                    new: new.into(),
                });
            }
            _ => out.left.push(format!(
                "{shown}: two machines want it changed in different ways"
            )),
        }
    }
    (plain, out)
}

/// The same edit with all of what stands for the bytes that it touches: what differs may be less
/// than a variable's value.
fn widened(sources: &Sources, edit: &Edit) -> Edit {
    let source = sources.get(edit.span.file);
    let Some((_, map)) = &source.outer else {
        return edit.clone();
    };
    let (start, end) = (edit.span.start, edit.span.end);
    let whole = map.widened(start..end);
    let bytes = |from: u32, to: u32| source.bytes.get(from as usize..to as usize);
    let head = bytes(whole.start, start).unwrap_or_default();
    let tail = bytes(end, whole.end).unwrap_or_default();
    Edit {
        span: Span::new(edit.span.file, whole.start, whole.end),
        text: [head, &edit.text, tail].concat(),
    }
}

/// Why a file is not edited, and where to do it.
fn left(sources: &Sources, id: FileId, changed: &Changed, wanted: &[Edit]) -> String {
    let locked = wanted.iter().find_map(|edit| {
        let (_, map) = sources.get(id).outer.as_ref()?;
        let why = map.why_not(edit.span.start..edit.span.end)?;
        Some((edit.span, why))
    });
    match locked {
        Some((span, why)) => format!(
            "{} cannot be edited where it stands ({}): {why}: change it there",
            changed.shown,
            sources.place(span)
        ),
        None => {
            let help = wanted.iter().find_map(|edit| sources.help(edit.span));
            format!(
                "{} cannot be edited where it stands ({}): {}",
                changed.shown,
                sources.place(Span::new(id, 0, 0)),
                help.unwrap_or("change it by hand")
            )
        }
    }
}

/// New text may quote what is hidden.
fn covered(edit: &Edit, show_secrets: bool) -> Edit {
    let text = match (show_secrets, std::str::from_utf8(&edit.text)) {
        (false, Ok(text)) => masked_text(text).into_bytes(),
        _ => edit.text.clone(),
    };
    Edit {
        span: edit.span,
        text,
    }
}
