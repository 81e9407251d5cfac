//! Metrics as OTLP has them (`opentelemetry/proto/metrics/v1/metrics.proto`): the same samples that
//! `/metrics` writes.

use serde_json::{Value, json};

use super::value::{moment, scope, text};
use crate::metrics::families::{Family, Kind, Unit};
use crate::metrics::{Own, samples};
use crate::snapshot::Snapshot;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`
const CUMULATIVE: u8 = 2;

/// A payload for `/v1/metrics`.
pub(super) fn payload(snapshot: &Snapshot, own: Own, resource: &Value) -> Vec<u8> {
    let samples = samples(snapshot, own);
    let families = samples.chunk_by(|a, b| a.family == b.family);
    let metrics = families.map(|all| {
        let family = all[0].family;
        let begin = begin(family, snapshot);
        let points = all.iter().map(|sample| {
            let labels = family.labels.iter().zip(&sample.labels);
            let labels: Vec<Value> = labels.map(|(name, value)| text(name, value)).collect();
            let mut point = json!({
                "attributes": labels,
                "timeUnixNano": moment(snapshot.taken),
                "asDouble": double(sample.value),
            });
            if let Some(begin) = begin {
                point["startTimeUnixNano"] = moment(begin).into();
            }
            point
        });
        metric(family, points.collect())
    });
    let metrics: Vec<Value> = metrics.collect();
    let document = json!({"resourceMetrics": [{
        "resource": resource,
        "scopeMetrics": [{"scope": scope(), "metrics": metrics}],
    }]});
    document.to_string().into_bytes()
}

fn metric(family: &Family, points: Vec<Value>) -> Value {
    // A number has no unit: a collector that writes Prometheus' names would call `1` a ratio.
    let mut metric = json!({
        "name": family.name,
        "description": family.help,
        "unit": family.unit().map_or("", Unit::symbol),
    });
    let points: Value = points.into();
    match family.kind {
        Kind::Gauge => metric["gauge"] = json!({"dataPoints": points}),
        Kind::Counter => {
            metric["sum"] = json!({
                "dataPoints": points,
                "aggregationTemporality": CUMULATIVE,
                "isMonotonic": true,
            });
        }
    }
    metric
}

/// When a counter was 0: with the agent's first start where it is kept in the state, with this
/// start where it is not. FPM's own counters begin with FPM, whose start it tells in whole seconds
/// only; a start that moves would look like a counter that began anew.
fn begin(family: &Family, snapshot: &Snapshot) -> Option<i64> {
    let of_this_start = [
        "phpfpm_scrape_failures",
        "badgateway_config_reload_failures",
        "badgateway_state_write_failures",
        "badgateway_otlp_sent",
        "badgateway_otlp_failures",
        "badgateway_otlp_dropped",
        "process_cpu_seconds",
    ];
    match family.kind {
        Kind::Gauge => None,
        Kind::Counter if of_this_start.contains(&family.name) => Some(snapshot.began),
        Kind::Counter if family.is_foreign => None,
        Kind::Counter => (snapshot.counts.since > 0).then_some(snapshot.counts.since),
    }
}

/// JSON has no infinity; protobuf's JSON has a word for it.
fn double(value: f64) -> Value {
    match value {
        value if value == f64::INFINITY => "Infinity".into(),
        value if value == f64::NEG_INFINITY => "-Infinity".into(),
        value if value.is_nan() => "NaN".into(),
        value => value.into(),
    }
}
