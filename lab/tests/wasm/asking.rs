//! Questions to a language model, and what becomes of its answers, in the module that has them.

use serde_json::{Value, json};

use crate::corpus::{Case, fixtures, loose};
use crate::node::asking_module;
use crate::{agree, agree_with, request};

const PROVIDERS: [&str; 5] = ["anthropic", "openai", "gemini", "openrouter", "local"];

/// A whole answer in the format of a provider.
fn says(provider: &str, text: &str) -> Value {
    let body = match provider {
        "anthropic" => json!({
            "type": "message", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
        }),
        "gemini" => json!({
            "candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}],
        }),
        _ => json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}),
    };
    json!({"status": 200, "content_type": "application/json", "body": body.to_string()})
}

/// The edit of our own that a file gets, as a model would write it: every line that goes.
fn edits(case: &Case) -> String {
    let (_, fix) = request("fix", case, &json!({}));
    let fixed = wasm::answer(fix.to_string().as_bytes());
    let fixed: Value = serde_json::from_slice(&fixed).expect("JSON");
    let mut list = Vec::new();
    for file in fixed["files"].as_array().into_iter().flatten() {
        let diff = file["diff"].as_str().unwrap_or_default();
        let changed = |sign: char| {
            let lines = diff.lines().skip(2);
            lines.filter_map(move |line| line.strip_prefix(sign))
        };
        for (old, new) in changed('-').zip(changed('+')) {
            for label in ["nginx-1.conf", "fpm-1.ini", "php-1.ini"] {
                let edit = json!({
                    "file": label, "old": old.trim(), "new": new.trim(), "why": "so",
                });
                list.push(edit);
            }
        }
    }
    Value::from(list).to_string()
}

#[test]
fn a_language_model_is_asked_alike() {
    let mut requests = Vec::new();
    let cases = fixtures().into_iter().chain(loose()).step_by(7);
    for (number, case) in cases.enumerate() {
        let provider = PROVIDERS[number % PROVIDERS.len()];
        let right = says(provider, &edits(&case));
        let prose = says(provider, "I would not know.");
        let busy = json!({"status": 529, "retry_after": "9", "body": "{}"});
        for replies in [
            json!([]),
            json!([right]),
            json!([prose, right]),
            json!([busy]),
        ] {
            let more = json!({
                "provider": provider, "model": "m-1", "identity": number % 2 == 0,
                "replies": replies, "stop": number % 3 == 0,
            });
            requests.push(request("refactor", &case, &more));
        }
    }
    let answers = requests.iter().map(|(_, request)| {
        let answer = wasm::answer(request.to_string().as_bytes());
        serde_json::from_slice::<Value>(&answer).expect("JSON")
    });
    let (mut sent, mut taken) = (0, 0);
    for answer in answers {
        assert_eq!(answer["ok"], true, "{answer}");
        sent += usize::from(answer["step"] == "send");
        taken += answer["verdict"]["accepted"].as_array().map_or(0, Vec::len);
    }
    assert!(sent > 20 && taken > 4, "{sent} sent, {taken} taken");
    agree_with(&asking_module(), &requests);
}

/// It is the other module, and something more.
#[test]
fn the_other_ops_are_there_too() {
    let mut requests = Vec::new();
    for case in fixtures().iter().step_by(9) {
        requests.push(request("check", case, &json!({"strict": true})));
        requests.push(request("redact", case, &json!({"identity": true})));
    }
    agree_with(&asking_module(), &requests);
}

/// The page that sends nothing holds none of it.
#[test]
fn the_module_of_the_plain_page_cannot_ask() {
    let case = &loose()[0];
    let more = json!({"provider": "local", "model": "m", "identity": true, "replies": []});
    let (_, asked) = request("refactor", case, &more);
    let said = crate::node::node("ask", &[asked.to_string()]);
    let said = String::from_utf8_lossy(&said[0]).into_owned();
    assert!(said.contains("there is no op `refactor`"), "{said}");
    let bytes = std::fs::read(crate::node::module()).expect("it was built");
    for word in ["anthropic", "openrouter", "x-api-key"] {
        let found = bytes
            .windows(word.len())
            .any(|text| text == word.as_bytes());
        assert!(!found, "{word} stands in the module of the plain page");
    }
    agree(&[request("open", case, &json!({}))]);
}
