//! What a program reads: valid by its schema, and as the contract says.

use base::diagnosis::Diagnosis;
use serde_json::Value;

use super::fixture::{Fixture, diagnosis, json};
use crate::schemas::{assert_valid, schema};

fn valid(fixture: &Fixture, incidents: bool) -> Value {
    let schema = schema("schema/diagnosis.schema.json");
    assert_valid(&schema, &json(fixture, incidents))
}

#[test]
fn document() {
    let mut short = diagnosis();
    // A snapshot of 4 KB lines and 110 columns is read by nobody.
    short.groups.retain(|group| group.cause != "keepalive-race");
    for group in &mut short.groups {
        group.timeline.truncate(2);
        for line in &mut group.evidence {
            line.text.iter_mut().for_each(|text| text.truncate(400));
        }
    }
    short.sources[0].examples.truncate(1);
    insta::assert_snapshot!(json(&Fixture::new(short, super::fixture::problems()), true));
}

#[test]
fn schema_holds() {
    let full = Fixture::full();
    let value = valid(&full, true);
    assert_eq!(value["complete"], false);
    assert_eq!(value["incidents"].as_array().map(Vec::len), Some(2));
    assert!(valid(&full, false).get("incidents").is_none());
    let nothing = Fixture::new(Diagnosis::default(), vec![]);
    let value = valid(&nothing, true);
    assert_eq!(value["complete"], true);
    assert_eq!(value["window"], Value::Null);
    assert_eq!(value["incidents"].as_array().map(Vec::len), Some(0));
    let schema = schema("schema/diagnosis.schema.json");
    assert!(!schema.is_valid(&serde_json::json!({ "schema": 1, "kind": "diagnosis" })));
}

/// Whatever zone people are shown, programs get UTC.
#[test]
fn times_are_utc() {
    let value = valid(&Fixture::full(), true);
    assert_eq!(value["window"]["first"], "2026-11-22T11:20:00Z");
    assert_eq!(value["groups"][0]["first"], "2026-11-22T11:31:18.250Z");
    assert_eq!(value["incidents"][0]["time"], "2026-11-22T11:31:18.250Z");
    assert_eq!(value["incidents"][1]["time"], Value::Null);
}
