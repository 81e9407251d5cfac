//! Comments that allow a finding: `# badgateway: allow(rule-id) reason` (`;` in ini files).
//!
//! At the end of a line it speaks of that line, on a line of its own of the next line that is not
//! a comment. The reason is required, and an allow that matches nothing is itself reported.

use base::source::printable;
use base::{FileId, Finding, SortedMap, Sources, Span};

use crate::context::Context;
use crate::findings::Findings;
use crate::rules::UNUSED_ALLOW;

/// One allow-comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The rule it names.
    pub rule: String,
    /// Why; empty when nobody said.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The 1-based line it speaks of.
    pub line: u32,
}

/// All allow-comments of the configuration, and of what was judged beside it.
pub fn find(cx: &Context<'_>) -> Vec<Allow> {
    let mut out = Vec::new();
    let beside = cx.beside.comments.iter();
    let beside = beside.map(|(file, comments)| (*file, comments.as_slice()));
    for (file, comments) in cx.model.comments().chain(beside) {
        for &(start, end) in comments {
            parse(&cx.model.sources, Span::new(file, start, end), &mut out);
        }
    }
    out
}

/// Drops the findings that a comment allows, and reports the comments that allow nothing.
pub(crate) fn apply(cx: &Context<'_>, found: Vec<Finding>) -> Vec<Finding> {
    let allows = find(cx);
    if allows.is_empty() {
        return found;
    }
    // Of two comments that say the same, the first is the one that is used.
    let mut by_place: SortedMap<(FileId, u32, &str), usize> = SortedMap::new();
    let reasoned = allows.iter().enumerate();
    for (index, allow) in reasoned.filter(|(_, allow)| !allow.reason.is_empty()) {
        let place = (allow.span.file, allow.line, allow.rule.as_str());
        if !by_place.contains_key(&place) {
            by_place.insert(place, index);
        }
    }
    let mut used = vec![false; allows.len()];
    let mut kept = Vec::with_capacity(found.len());
    for finding in found {
        let key = cx.beside.key(finding.primary.span);
        let related = finding.related.iter().map(|place| place.span);
        let spans = std::iter::once(finding.primary.span)
            .chain(related)
            .chain(key);
        let by = spans.filter_map(|span| {
            let line = cx.model.sources.line_column(span).line;
            by_place.get(&(span.file, line, finding.rule)).copied()
        });
        match by.min() {
            Some(index) => used[index] = true,
            None => kept.push(finding),
        }
    }
    let mut sink = Findings::of(&UNUSED_ALLOW);
    for (allow, _) in allows.iter().zip(used).filter(|(allow, used)| {
        // One without a reason is reported as such. What a template decides was not found.
        !used && cx.model.holes.is_empty() && !allow.reason.is_empty()
    }) {
        let is_beside = cx.beside.rules.contains(&allow.rule.as_str());
        let what = match is_beside || crate::by_id(&allow.rule).is_some() {
            true => "nothing on its line is found by this rule",
            false => "there is no such rule",
        };
        sink.report(
            allow.span,
            what,
            format!("`allow({})` allows nothing: {what}", allow.rule),
        )
        .help("remove the comment, or correct the rule's name: `badgateway rules` lists them");
    }
    kept.extend(sink.merged());
    kept
}

fn parse(sources: &Sources, span: Span, out: &mut Vec<Allow>) {
    let text = sources.text(span);
    let body = text.trim_ascii_start();
    let body = body.trim_ascii();
    let body = match body.iter().position(|b| !matches!(b, b'#' | b';' | b' ')) {
        Some(at) => &body[at..],
        None => return,
    };
    let Some(rest) = body.strip_prefix(b"badgateway:") else {
        return;
    };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"allow(") else {
        return;
    };
    let Some(close) = rest.iter().position(|&b| b == b')') else {
        return;
    };
    let reason = printable(rest[close + 1..].trim_ascii());
    for rule in rest[..close].split(|&b| b == b',') {
        out.push(Allow {
            rule: printable(rule.trim_ascii()),
            reason: reason.clone(),
            span,
            line: target_line(sources, span),
        });
    }
}

/// The comment's own line when something stands before it, else the next line with content.
fn target_line(sources: &Sources, span: Span) -> u32 {
    let source = sources.get(span.file);
    let own = source.line_column(span.start).line;
    let text_of = |line: u32| {
        let (start, end) = source.line_range(line)?;
        Some(source.bytes[start as usize..end as usize].trim_ascii())
    };
    let (line_start, _) = source.line_range(own).unwrap_or((0, 0));
    let before = &source.bytes[line_start as usize..span.start as usize];
    if !before.trim_ascii().is_empty() {
        return own;
    }
    (own + 1..)
        .map_while(|line| Some((line, text_of(line)?)))
        .find(|(_, text)| !matches!(text.first(), None | Some(b'#' | b';')))
        .map_or(own, |(line, _)| line)
}
