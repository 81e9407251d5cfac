//! Each provider by its rules: what must be sent, and what its failures look like to people.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lab::provider::{Answer, KEY, Provider, Reply, Rules, says};
use serde_json::json;

use crate::stack::{OLD, RIGHT, Stack, edits, holds_no_canary};

const ALL: [(&str, Rules); 5] = [
    ("anthropic", Rules::Anthropic),
    ("openai", Rules::OpenAi),
    ("openrouter", Rules::OpenRouter),
    ("gemini", Rules::Gemini),
    ("local", Rules::Local),
];

fn right() -> String {
    edits(&[("nginx-1.conf", OLD, RIGHT)])
}

#[test]
fn the_right_edit_comes_through_every_wire() {
    for (name, rules) in ALL {
        for more in [&[][..], &["--no-stream"]] {
            let (stack, provider) = (Stack::new(), Provider::saying(rules, right()));
            let before = stack.all();
            let ran = stack.ask(name, &provider, more);
            assert_eq!(ran.code, 1, "{name} {more:?}: {}", ran.err);
            let json = ran.json();
            assert_eq!(json["accepted"][0]["new"], RIGHT, "{name}: {json}");
            assert_eq!(json["ended"][0]["rule"], "read-timeout-below-terminate");
            assert_eq!(json["changes"], json!([]));
            let diff = json["files"][0]["diff"].as_str().unwrap_or_default();
            assert!(diff.contains(&format!("+            {RIGHT}")), "{diff}");
            assert_eq!(stack.all(), before, "nothing was to be written");
            holds_no_canary(&provider.bytes(), name);
            assert_eq!(provider.heard().len(), 1);
        }
    }
}

#[test]
fn only_what_is_needed_is_sent() {
    for (name, rules) in ALL {
        let provider = Provider::saying(rules, "[]");
        Stack::new().ask(name, &provider, &[]);
        let heard = provider.heard().remove(0);
        let mut headers: Vec<&str> = heard
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        headers.sort_unstable();
        let mut want = vec![
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "host",
            "user-agent",
        ];
        match rules {
            Rules::Anthropic => want.extend(["anthropic-version", "x-api-key"]),
            Rules::Gemini => want.push("x-goog-api-key"),
            Rules::Local => {}
            _ => want.push("authorization"),
        }
        want.sort_unstable();
        assert_eq!(headers, want, "{name}");
        assert_eq!(heard.header("user-agent"), Some("badgateway"));
        // Where it runs says who runs it.
        let text = heard.text();
        assert!(
            !text.contains("bgw-refactor") && !text.contains("/etc/nginx"),
            "{text}"
        );
    }
}

#[test]
fn the_request_that_is_shown_is_the_one_that_is_sent() {
    for (name, rules) in ALL {
        let (stack, provider) = (Stack::new(), Provider::saying(rules, "[]"));
        let shown = stack.run(&[
            "--provider",
            name,
            "--model",
            "m-1",
            "--show-request",
            "--format",
            "json",
        ]);
        assert_eq!(shown.code, 0, "{}", shown.err);
        stack.ask(name, &provider, &[]);
        let heard = provider.heard().remove(0);
        assert_eq!(shown.out.as_bytes(), heard.body, "{name}");
        assert!(shown.out.is_ascii());
        let whole = stack.run(&["--provider", name, "--model", "m-1", "--show-request"]);
        assert!(whole.out.starts_with("POST http"), "{}", whole.out);
        assert!(whole.out.contains(&shown.out), "{name}");
        assert!(
            name == "local" || whole.out.contains("(your key)"),
            "{}",
            whole.out
        );
    }
}

#[test]
fn nothing_is_sent_without_a_yes_a_key_or_a_provider() {
    let (stack, provider) = (Stack::new(), Provider::saying(Rules::Anthropic, right()));
    let url = provider.url();
    let base = ["--base-url", &url, "--model", "m-1"];
    let anthropic = [&["--provider", "anthropic"][..], &base].concat();
    for (args, key, said) in [
        (base.to_vec(), true, "no language model was chosen"),
        (
            [&anthropic[..], &["--yes"]].concat(),
            false,
            "ANTHROPIC_API_KEY is not set",
        ),
        (anthropic.clone(), true, "give --yes"),
    ] {
        let mut command = stack.command(&args);
        if key {
            command.env("ANTHROPIC_API_KEY", KEY);
        }
        let output = command.output().expect("it runs");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.contains(said), "{said}: {err}");
        // The deterministic fixer answers in full.
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(out.contains(&format!("+            {RIGHT}")), "{out}");
        assert_eq!(output.status.code(), Some(1));
    }
    assert!(provider.bytes().is_empty());
}

#[test]
fn a_key_comes_from_a_file_too_and_is_never_shown() {
    let (stack, provider) = (Stack::new(), Provider::saying(Rules::OpenAi, right()));
    let file = stack.0.write("key.txt", format!("{KEY}\n"));
    let url = provider.url();
    let file = file.display().to_string();
    let args = [
        "--provider",
        "openai",
        "--model",
        "m",
        "--base-url",
        &url,
        "--yes",
        "--key-file",
        &file,
    ];
    let ran = stack.run(&args);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY));
    assert_eq!(provider.heard().len(), 1);
    let missing = stack.run(&[
        "--provider",
        "openai",
        "--model",
        "m",
        "--yes",
        "--key-file",
        "/none",
    ]);
    assert_eq!(missing.code, 2, "{}", missing.err);
}

#[test]
fn failures_in_words() {
    let gemini =
        json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota" } });
    let cors = json!({ "type": "error", "error": {
        "type": "authentication_error",
        "message": "CORS requests are not allowed for this Organization",
    } });
    let with = |status, body: &serde_json::Value, header: Option<(&str, &str)>| {
        let mut reply = Reply::json(status, body);
        let header = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
        reply.headers.extend(header);
        reply
    };
    let empty = json!({});
    for (name, rules, reply, words) in [
        (
            "anthropic",
            Rules::Anthropic,
            with(529, &json!({ "error": { "message": "Overloaded" } }), None),
            "overloaded",
        ),
        (
            "anthropic",
            Rules::Anthropic,
            with(403, &cors, None),
            "does not answer browsers",
        ),
        (
            "openai",
            Rules::OpenAi,
            with(429, &empty, Some(("retry-after", "17"))),
            "after 17 seconds",
        ),
        (
            "openai",
            Rules::OpenAi,
            with(403, &empty, None),
            "does not let this key",
        ),
        (
            "gemini",
            Rules::Gemini,
            with(429, &gemini, None),
            "it says: quota",
        ),
        (
            "openrouter",
            Rules::OpenRouter,
            with(402, &empty, None),
            "paid first",
        ),
        ("local", Rules::Local, with(500, &empty, None), "status 500"),
        (
            "local",
            Rules::Local,
            Reply::raw(200, "text/html", vec![b"<html>".to_vec()]),
            "not what it documents",
        ),
        (
            "openai",
            Rules::OpenAi,
            with(307, &empty, Some(("location", "http://127.0.0.1:1/steal"))),
            "redirects are not followed",
        ),
        (
            "local",
            Rules::Local,
            with(
                200,
                &json!({ "choices": [{ "message": { "content": "[" }, "finish_reason": "length" }] }),
                None,
            ),
            "cut the answer",
        ),
    ] {
        let provider = Provider::start(rules, move |_, _| Answer::Exactly(reply.clone()));
        let ran = Stack::new().ask(name, &provider, &[]);
        assert_eq!(ran.code, 2, "{words}: {}", ran.err);
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
        assert_eq!(provider.heard().len(), 1, "no second try: {words}");
        // The deterministic answer is there all the same.
        assert_eq!(
            ran.json()["changes"][0]["rule"],
            "read-timeout-below-terminate"
        );
    }
}

#[test]
fn wrong_keys_and_models() {
    for (name, rules) in ALL {
        let provider = Provider::saying(rules, right());
        if name != "local" {
            let stack = Stack::new();
            let url = match name {
                "openrouter" => format!("{}/api", provider.url()),
                _ => provider.url(),
            };
            let mut command = stack.command(&[
                "--provider",
                name,
                "--model",
                "m",
                "--base-url",
                &url,
                "--yes",
            ]);
            command.env(crate::stack::variable(name), "sk-wrong-0000");
            let output = command.output().expect("it runs");
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(err.contains("does not know this key"), "{name}: {err}");
            assert!(!err.contains("sk-wrong"), "{err}");
        }
        let ran = Stack::new().ask(name, &provider, &["--model", "unknown"]);
        assert!(ran.err.contains("no such model"), "{name}: {}", ran.err);
    }
}

#[test]
fn slow_and_cut_streams() {
    let cut = |heard: &lab::provider::Heard, at: usize| {
        let mut reply = says(Rules::Anthropic, heard, &right());
        reply.pieces.truncate(at);
        reply.is_cut = true;
        reply
    };
    for at in [0, 1, 3] {
        let provider = Provider::start(Rules::Anthropic, move |heard, _| {
            Answer::Exactly(cut(heard, at))
        });
        let ran = Stack::new().ask("anthropic", &provider, &[]);
        assert_eq!(ran.code, 2, "{at}");
        assert!(ran.err.contains("broke off"), "{at}: {}", ran.err);
        assert_eq!(ran.json()["accepted"], json!([]), "half a list is no list");
    }
    // Time is up in the midst of it.
    let provider = Provider::start(Rules::Anthropic, |heard, _| {
        let mut reply = says(Rules::Anthropic, heard, &right());
        reply.pause = Duration::from_secs(1);
        Answer::Exactly(reply)
    });
    let begin = Instant::now();
    let ran = Stack::new().ask("anthropic", &provider, &["--timeout", "2s"]);
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(ran.code, 2, "{}", ran.err);
    // Slow, but in time: the pieces are put together, wherever they are cut.
    let provider = Provider::start(Rules::Anthropic, |heard, _| {
        let mut reply = says(Rules::Anthropic, heard, &right());
        let bytes = reply.pieces.concat();
        reply.pieces = bytes.chunks(7).map(<[u8]>::to_vec).collect();
        reply.pause = Duration::from_millis(2);
        Answer::Exactly(reply)
    });
    let ran = Stack::new().ask("anthropic", &provider, &[]);
    assert_eq!(ran.json()["accepted"][0]["new"], RIGHT, "{}", ran.err);
}

#[test]
fn answers_without_end() {
    let piece = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "x".repeat(60_000)
    );
    for (kind, piece) in [
        ("text/event-stream", piece.into_bytes()),
        ("text/event-stream", vec![b'x'; 1 << 20]),
        ("application/json", vec![b'['; 1 << 20]),
    ] {
        let provider = Provider::start(Rules::Local, move |_, _| {
            Answer::Exactly(Reply::raw(200, kind, vec![piece.clone(); 100]))
        });
        let begin = Instant::now();
        let ran = Stack::new().ask("local", &provider, &[]);
        assert_eq!(ran.code, 2);
        assert!(
            ran.err.contains("larger than any list"),
            "{kind}: {}",
            ran.err
        );
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{:?}",
            begin.elapsed()
        );
    }
}

#[test]
fn nobody_there() {
    let ran = Stack::new().run(&[
        "--provider",
        "local",
        "--base-url",
        "http://127.0.0.1:9",
        "--yes",
        "--format",
        "json",
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot be reached"), "{}", ran.err);
}

#[test]
fn addresses_that_would_be_read_by_others() {
    for url in [
        "http://llm.example",
        "http://10.0.0.1:11434",
        "https://a:b@llm.example",
        "llm.example",
    ] {
        let ran = Stack::new().run(&["--provider", "local", "--base-url", url, "--yes"]);
        assert_eq!(ran.code, 2, "{url}");
        assert!(ran.err.contains("--base-url"), "{}", ran.err);
    }
}

/// What a browser would see of these servers: the courier pages are tested against the same rules.
#[test]
fn browsers_are_told_what_the_providers_tell_them() {
    let asked = |rules, path: &str, more: &str| {
        let provider = Provider::saying(rules, "[]");
        let mut stream = TcpStream::connect(("127.0.0.1", provider.port())).expect("it listens");
        let head = format!(
            "OPTIONS {path} HTTP/1.1\r\nhost: x\r\norigin: https://page.example\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        text.contains("access-control-allow-origin")
    };
    let wants = "access-control-request-headers: content-type,x-api-key";
    let anthropic = Rules::Anthropic;
    assert!(!asked(anthropic, "/v1/messages", &format!("{wants}\r\n")));
    let browser = format!("{wants},anthropic-dangerous-direct-browser-access\r\n");
    assert!(asked(anthropic, "/v1/messages", &browser));
    assert!(asked(Rules::OpenAi, "/v1/chat/completions", ""));
    assert!(!asked(Rules::Local, "/v1/chat/completions", ""));
    let beta = "access-control-request-headers: authorization,openai-beta\r\n";
    assert!(!asked(Rules::OpenRouter, "/api/v1/chat/completions", beta));
}
