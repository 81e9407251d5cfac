//! What can be done about a finding: its edit, or a comment that allows it.

use std::collections::BTreeMap;
use std::ops::Range;

use base::{Applicability, Edit, FileId, Finding, Fix, Span};
use serde_json::{Map, Value, json};

use super::diagnostics::of_finding;
use super::world::{See, prose};

/// The actions for what is found in a range.
pub(crate) fn actions(see: &See<'_>, file: FileId, range: &Range<usize>) -> Value {
    let meets = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        span.file == file && start <= range.end && range.start <= end
    };
    let findings = see.world.findings.iter();
    let here: Vec<&Finding> = findings.filter(|f| meets(f.primary.span)).collect();
    let fixes = here
        .iter()
        .filter_map(|finding| fix_action(see, finding, finding.fix.as_ref()?));
    let allows = here.iter().filter_map(|finding| allow_action(see, finding));
    Value::Array(fixes.chain(allows).collect())
}

fn fix_action(see: &See<'_>, finding: &Finding, fix: &Fix) -> Option<Value> {
    let title = prose(&fix.title);
    let (title, is_safe) = match fix.applicability {
        Applicability::Safe => (title, true),
        Applicability::Unsafe => (format!("{title} (unsafe: may change behaviour)"), false),
        Applicability::DisplayOnly => return None,
    };
    Some(json!({
        "title": title,
        "kind": "quickfix",
        "diagnostics": [of_finding(see, finding)],
        "isPreferred": is_safe,
        "edit": workspace_edit(see, &fix.edits)?,
    }))
}

/// A comment on a line of its own above the finding. The reason is for a person to write.
fn allow_action(see: &See<'_>, finding: &Finding) -> Option<Value> {
    let sources = &see.world.model.sources;
    let span = finding.primary.span;
    let source = sources.get(span.file);
    let is_nginx = see.world.model.nginx.iter();
    let is_nginx = is_nginx
        .clone()
        .any(|nginx| nginx.config.tree_of(span.file).is_some());
    let sign = if is_nginx { '#' } else { ';' };
    let (start, end) = source.line_range(sources.line_column(span).line)?;
    let line = &source.bytes[start as usize..end as usize];
    let blanks = line
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let indent = String::from_utf8_lossy(&line[..blanks]);
    let feed = if line.ends_with(b"\r") { "\r\n" } else { "\n" };
    let rule = finding.rule;
    let text = format!("{indent}{sign} badgateway: allow({rule}) TODO: say why{feed}");
    let edit = Edit {
        span: Span::new(span.file, start, start),
        text: text.into_bytes(),
    };
    Some(json!({
        "title": format!("Allow this {rule} finding, with a reason"),
        "kind": "quickfix",
        "diagnostics": [of_finding(see, finding)],
        "edit": workspace_edit(see, &[edit])?,
    }))
}

/// Edits by file; nothing when one of them is not text or not in a file.
fn workspace_edit(see: &See<'_>, edits: &[Edit]) -> Option<Value> {
    let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in edits {
        let text = std::str::from_utf8(&edit.text).ok()?;
        let edit_of = json!({"range": see.range(edit.span), "newText": text});
        let list = by_file.entry(see.uri(edit.span.file)?).or_default();
        if !list.contains(&edit_of) {
            list.push(edit_of);
        }
    }
    if !see.options.document_changes {
        let changes: Map<String, Value> = by_file
            .into_iter()
            .map(|(uri, list)| (uri, Value::Array(list)))
            .collect();
        return Some(json!({"changes": changes}));
    }
    let documents = &see.documents.0;
    let changes = by_file.into_iter().map(|(uri, list)| {
        let version = documents.get(&uri).map(|document| document.version.clone());
        json!({"textDocument": {"uri": uri, "version": version}, "edits": list})
    });
    Some(json!({"documentChanges": changes.collect::<Vec<_>>()}))
}
