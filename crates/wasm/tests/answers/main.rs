//! Every op, asked natively: the module in a browser runs the same code, and the lab compares.

mod hostile;
mod ops;
#[cfg(feature = "refactor")]
mod refactor;

use serde_json::Value;

/// Asks, and reads the answer.
fn ask(request: &Value) -> Value {
    let answer = wasm::answer(request.to_string().as_bytes());
    serde_json::from_slice(&answer).expect("every answer is JSON")
}

/// Asks what can be answered.
#[track_caller]
fn ok(request: &Value) -> Value {
    let answer = ask(request);
    assert_eq!(answer["ok"], true, "{answer}");
    answer
}

/// Asks what cannot, and gives the words.
#[track_caller]
fn refused(request: &Value) -> String {
    let answer = ask(request);
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"].as_str().expect("words").to_owned()
}
