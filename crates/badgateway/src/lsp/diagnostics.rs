//! What is wrong, as the editor marks it.

use std::collections::BTreeMap;

use base::{FileId, Finding, Problem, ProblemKind, Severity, Span};
use serde_json::{Value, json};

use super::wire::notify;
use super::worker::State;
use super::world::{See, Worlds, prose};

/// What the editor was told.
#[derive(Default)]
pub(crate) struct Published(BTreeMap<String, Value>);

impl Published {
    /// The messages that bring the editor from what it was told to what is so.
    pub(crate) fn update(&mut self, worlds: &Worlds, state: &State) -> Vec<Value> {
        let open = state.documents.0.keys();
        let mut new: BTreeMap<String, Vec<Value>> =
            open.map(|uri| (uri.clone(), Vec::new())).collect();
        for world in &worlds.list {
            let see = world.see(&state.documents, &state.options);
            for (uri, diagnostic) in of_world(&see) {
                let list = new.entry(uri).or_default();
                // One file may have been read twice.
                if !list.contains(&diagnostic) {
                    list.push(diagnostic);
                }
            }
        }
        for uri in self.0.keys() {
            new.entry(uri.clone()).or_default();
        }
        let mut out = Vec::new();
        for (uri, list) in new {
            let is_empty = list.is_empty() && !state.documents.0.contains_key(&uri);
            let mut params = json!({"uri": uri, "diagnostics": list});
            if let Some(document) = state.documents.0.get(&uri) {
                params["version"] = document.version.clone();
            }
            if self.0.get(&uri) != Some(&params) {
                out.push(notify("textDocument/publishDiagnostics", params.clone()));
            }
            match is_empty {
                true => self.0.remove(&uri),
                false => self.0.insert(uri, params),
            };
        }
        out
    }
}

fn of_world(see: &See<'_>) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for finding in &see.world.findings {
        let uri = see.uri(finding.primary.span.file);
        out.extend(uri.map(|uri| (uri, of_finding(see, finding))));
    }
    for problem in &see.world.problems {
        out.extend(of_problem(see, problem));
    }
    out
}

/// One finding with everything that belongs to it.
pub(crate) fn of_finding(see: &See<'_>, finding: &Finding) -> Value {
    let mut message = prose(&finding.message);
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {}", prose(help)));
    }
    let severity = match finding.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Info => 3,
    };
    let because = finding.because.iter();
    let because = because.filter_map(|step| Some((step.span?, step.text.as_str())));
    let related = finding.related.iter();
    let related = related.map(|place| (place.span, place.label.as_str()));
    let places: Vec<(Span, &str)> = because.chain(related).collect();
    let mut seen = Vec::new();
    let mut shown = Vec::new();
    for (span, text) in places {
        if seen.contains(&span) || text.is_empty() {
            continue;
        }
        seen.push(span);
        if let Some(location) = see.location(span) {
            shown.push(json!({"location": location, "message": prose(text)}));
        }
    }
    let mut out = json!({
        "range": see.range(finding.primary.span),
        "severity": severity,
        "code": finding.rule,
        "source": "badgateway",
        "message": message,
        "relatedInformation": shown,
    });
    if let Some(href) = reference(finding.rule) {
        out["codeDescription"] = json!({"href": href});
    }
    out
}

/// The first page that a rule's own page refers to: rules have no page on the net.
pub(crate) fn reference(rule: &str) -> Option<String> {
    let text = rules::by_id(rule)?.section("References")?;
    let at = text.find("https://")?;
    let end = text[at..].find(|c: char| c.is_whitespace() || ">)]`".contains(c));
    Some(text[at..end.map_or(text.len(), |end| at + end)].to_owned())
}

/// A problem at its place. One without a place stands at the top of the first file: it is about
/// the whole.
fn of_problem(see: &See<'_>, problem: &Problem) -> Option<(String, Value)> {
    let span = problem.span.unwrap_or(Span::new(FileId(0), 0, 0));
    let mut message = prose(&problem.message);
    if let Some(help) = &problem.help {
        message.push_str(&format!("\nhelp: {}", prose(help)));
    }
    let severity = match problem.kind {
        ProblemKind::Syntax => 1,
        ProblemKind::Unreadable => 2,
        ProblemKind::Unknown => 3,
    };
    let diagnostic = json!({
        "range": see.range(span),
        "severity": severity,
        "code": problem.kind.word(),
        "source": "badgateway",
        "message": message,
    });
    Some((see.uri(span.file)?, diagnostic))
}
