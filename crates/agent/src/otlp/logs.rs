//! Incidents as log records (`opentelemetry/proto/logs/v1/logs.proto`).

use base::diagnosis::{Confidence, Harm, Incident};
use serde_json::{Value, json};

use super::value::{moment, number, scope, text, text_if, texts};
use crate::snapshot::Counted;

/// A payload for `/v1/logs`.
pub(super) fn payload(incidents: &[Counted], host: &str, resource: &Value) -> Vec<u8> {
    let records: Vec<Value> = incidents.iter().map(|one| record(one, host)).collect();
    let document = json!({"resourceLogs": [{
        "resource": resource,
        "scopeLogs": [{"scope": scope(), "logRecords": records}],
    }]});
    document.to_string().into_bytes()
}

fn record(counted: &Counted, host: &str) -> Value {
    let one = &*counted.incident;
    let (severity, word) = severity(one.harm);
    let time = one.time.unwrap_or(0);
    json!({
        "timeUnixNano": moment(time),
        "observedTimeUnixNano": moment(counted.counted),
        "severityNumber": severity,
        "severityText": word,
        "eventName": "badgateway.incident",
        "body": {"stringValue": title(one)},
        "attributes": attributes(counted, &format!("{host}:{}:{time}", counted.number)),
    })
}

/// `SeverityNumber`: what hurts a visitor is an error.
fn severity(harm: Harm) -> (u8, &'static str) {
    match harm {
        Harm::ErrorPage | Harm::BrokenPage => (17, "ERROR"),
        Harm::ClientLeft | Harm::Unknown => (13, "WARN"),
        Harm::Hidden => (9, "INFO"),
    }
}

/// What happened, in words.
fn title(one: &Incident) -> String {
    match diagnose::causes::by_id(one.cause) {
        Some(cause) => cause.title.to_owned(),
        None => format!("several causes fit: {}", one.candidates.join(", ")),
    }
}

/// `id` is the same whenever the record is sent, so that one that came twice can be told.
fn attributes(counted: &Counted, id: &str) -> Vec<Value> {
    let one = &*counted.incident;
    let is_open = one.confidence == Confidence::Undetermined;
    let candidates: Vec<String> = match is_open {
        true => one.candidates.iter().map(|id| (*id).to_owned()).collect(),
        false => Vec::new(),
    };
    let lines = one.evidence.iter().map(|line| {
        let place = format!("{}:{}", line.file, line.line);
        match &line.text {
            Some(text) => format!("{place}: {}", masked(text)),
            None => place,
        }
    });
    let status = (one.status > 0).then(|| u64::from(one.status));
    let some = [
        Some(text("log.record.uid", id)),
        Some(number("badgateway.incident.number", counted.number)),
        Some(number("badgateway.incident.count", one.count)),
        Some(text("badgateway.cause", one.cause)),
        Some(text("badgateway.confidence", one.confidence.word())),
        texts("badgateway.candidates", &candidates),
        Some(text("badgateway.harm", one.harm.word())),
        text_if("badgateway.route", &one.route),
        text_if("badgateway.pool", &one.pool),
        text_if("badgateway.script", &one.script),
        text_if("badgateway.upstream", &one.upstream),
        text_if("badgateway.request", &masked(&one.request)),
        status.map(|status| number("http.response.status_code", status)),
        texts("badgateway.evidence", &lines.collect::<Vec<_>>()),
    ];
    some.into_iter().flatten().collect()
}

/// It is masked since it came; what leaves the machine is looked at once more.
fn masked(text: &str) -> String {
    redact::masked_text(text)
}
