//! llama.cpp with a model of 135 million parameters: wire formats that we did not write, and the
//! most honest of adversaries, for it has no idea.

use lab::llm::Llm;
use lab::nginx::send;
use refactor::{Reader, TroubleKind, Wire};
use serde_json::{Value, json};

use crate::stack::{Stack, holds_no_canary};

/// A short question in each format, streamed and not. The model may talk on and be cut, which is
/// an answer that was read, too.
fn says(llm: &Llm, wire: Wire, is_streamed: bool) -> Result<String, TroubleKind> {
    let path = match wire {
        Wire::Anthropic => "/v1/messages",
        _ => "/v1/chat/completions",
    };
    let question = json!([{ "role": "user", "content": "Say hello." }]);
    let body = json!({
        "model": "any", "max_tokens": 60, "temperature": 0, "stream": is_streamed, "messages": question,
    });
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let response = send(llm.port(), format!("{head}{body}").as_bytes());
    let headers = response.headers.iter();
    let headers: Vec<(&str, &str)> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut texts = Vec::new();
    for size in [1, 7, 100_000] {
        let mut reader = Reader::new(wire, response.status, headers.iter().copied());
        for part in response.body.chunks(size) {
            reader.feed(part);
        }
        let text = reader
            .end(!response.complete)
            .map_err(|trouble| trouble.kind);
        texts.push(text);
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    texts.remove(0)
}

#[test]
fn a_real_server_and_a_very_small_model() {
    let llm = Llm::start();
    for wire in [Wire::Local, Wire::Anthropic] {
        for is_streamed in [true, false] {
            match says(&llm, wire, is_streamed) {
                Ok(text) => assert!(!text.trim().is_empty(), "{wire:?} {is_streamed}"),
                Err(kind) => assert_eq!(kind, TroubleKind::Length, "{wire:?} {is_streamed}"),
            }
        }
    }
    // Short enough to be cut, and long enough for an end of its own, or nearly.
    for (provider, more) in [
        ("local", &["--max-tokens", "80"][..]),
        ("anthropic", &["--no-stream", "--max-tokens", "120"]),
    ] {
        let stack = Stack::new();
        let before = stack.all();
        let mut args = vec![
            "--provider",
            provider,
            "--base-url",
            llm.url(),
            "--model",
            "any",
        ];
        args.extend(["--yes", "--format", "json", "--write", "--no-verify"]);
        args.extend(more);
        let mut command = stack.command(&args);
        command.env("ANTHROPIC_API_KEY", "any");
        let output = command.output().expect("it runs");
        let err = String::from_utf8_lossy(&output.stderr);
        let json: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{err}"));
        println!("{provider}: {json:#}\n{err}");
        assert!([Some(0), Some(2)].contains(&output.status.code()), "{err}");
        // It ends with reasons, or with an edit that holds.
        let is_right = json["ended"]
            .as_array()
            .is_some_and(|ended| !ended.is_empty());
        let has_reasons = json["reasons"]
            .as_array()
            .is_some_and(|reasons| !reasons.is_empty());
        let has_refused = json["refused"]
            .as_array()
            .is_some_and(|refused| !refused.is_empty());
        let proposes_nothing = json["rounds"] == 1 && json["accepted"] == json!([]);
        assert!(
            is_right || has_reasons || has_refused || proposes_nothing,
            "{json:#}"
        );
        assert!(is_right || json["accepted"] == json!([]), "{json:#}");
        // What is on the disk is as it was, or has badgateway's own edit.
        let after = stack.all();
        assert_eq!(after[1..], before[1..]);
        if after[0] != before[0] && !is_right {
            assert_eq!(json["changes"][0]["rule"], "read-timeout-below-terminate");
        }
        holds_no_canary(&output.stdout, "the output");
        holds_no_canary(&output.stderr, "the messages");
    }
}
