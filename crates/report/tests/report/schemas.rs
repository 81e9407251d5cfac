//! What programs read is valid by its schema.
#![expect(
    clippy::disallowed_methods,
    reason = "schemas are read from files of this crate"
)]

use jsonschema::Validator;
use report::{Format, Report};
use serde_json::Value;

use crate::fixture::{PLAIN, fixture, rendered, rules};

pub(crate) fn schema(path: &str) -> Validator {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the schema is part of the crate");
    let mut schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    // SARIF's own file has a pattern with a bracket too many, which is no regular expression.
    for owner in ["run", "toolComponent"] {
        let path = format!("/definitions/{owner}/properties/language");
        if let Some(language) = schema.pointer_mut(&path) {
            language
                .as_object_mut()
                .expect("an object")
                .remove("pattern");
        }
    }
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

pub(crate) fn assert_valid(schema: &Validator, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect("the output is JSON");
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    value
}

#[test]
fn our_own() {
    let schema = schema("schema/report.schema.json");
    let fixture = fixture();
    let full = fixture.report();
    assert_valid(&schema, &rendered(&full, Format::Json, &PLAIN));
    let empty = Report {
        findings: &[],
        problems: &[],
        ..full.clone()
    };
    assert_valid(&schema, &rendered(&empty, Format::Json, &PLAIN));
    let mut out = Vec::new();
    report::rules_json(&rules(), &mut out).expect("memory takes everything");
    assert_valid(&schema, &String::from_utf8(out).expect("UTF-8"));
    assert_valid(&schema, &crate::ladders::json());
    assert!(!schema.is_valid(&serde_json::json!({ "schema_version": 1 })));
}

#[test]
fn sarif() {
    let schema = schema("tests/fixtures/sarif-schema-2.1.0.json");
    let fixture = fixture();
    let full = fixture.report();
    let value = assert_valid(&schema, &rendered(&full, Format::Sarif, &PLAIN));
    let invocation = &value["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let read = Report {
        problems: &[],
        ..full.clone()
    };
    let value = assert_valid(&schema, &rendered(&read, Format::Sarif, &PLAIN));
    let invocation = &value["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
}

/// A fingerprint that changes when a line is added above makes every finding look new.
#[test]
fn fingerprints_do_not_know_lines() {
    let prints = |text: &str| -> Vec<String> {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let results = value["runs"][0]["results"].as_array().expect("results");
        let print = |r: &Value| r["partialFingerprints"]["badgatewayLine/v1"].to_string();
        results.iter().map(print).collect()
    };
    let fixture = fixture();
    let before = prints(&rendered(&fixture.report(), Format::Sarif, &PLAIN));
    let moved = fixture.moved_down();
    let after = prints(&rendered(&moved.report(), Format::Sarif, &PLAIN));
    assert_eq!(before, after);
    let distinct: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
}
