//! Values as OTLP's JSON has them: 64-bit numbers are texts, and so are moments.

use serde_json::{Value, json};

/// `{"key": …, "value": {"stringValue": …}}`
pub(super) fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// The same, unless there is nothing to say.
pub(super) fn text_if(key: &str, value: &str) -> Option<Value> {
    (!value.is_empty()).then(|| text(key, value))
}

/// A whole number.
pub(super) fn number(key: &str, value: u64) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}

/// A list of texts, unless it is empty.
pub(super) fn texts(key: &str, values: &[String]) -> Option<Value> {
    let each = |value: &String| json!({"stringValue": value});
    let values: Vec<Value> = values.iter().map(each).collect();
    (!values.is_empty()).then(|| json!({"key": key, "value": {"arrayValue": {"values": values}}}))
}

/// Milliseconds since 1970 in nanoseconds.
pub(super) fn moment(millis: i64) -> String {
    let millis = u64::try_from(millis).unwrap_or(0);
    millis.saturating_mul(1_000_000).to_string()
}

/// What sends: a resource with these attributes before the user's own.
pub(super) fn resource(host: &str, more: &[(String, String)]) -> Value {
    let own = [
        ("service.name", "badgateway"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("host.name", host),
    ];
    let is_said = |name: &str| more.iter().any(|(key, _)| key == name);
    let own = own.iter().filter(|(key, _)| !is_said(key));
    let own = own.filter_map(|(key, value)| text_if(key, value));
    let more = more.iter().map(|(key, value)| text(key, value));
    json!({"attributes": own.chain(more).collect::<Vec<_>>()})
}

/// Who measured.
pub(super) fn scope() -> Value {
    json!({"name": "badgateway", "version": env!("CARGO_PKG_VERSION")})
}
