//! Answers in the shapes that the providers document, cut at every byte.

use refactor::{Reader, Trouble, TroubleKind, Wire};

const SSE: (&str, &str) = ("content-type", "text/event-stream; charset=utf-8");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn read(
    wire: Wire,
    status: u16,
    headers: &[(&str, &str)],
    parts: &[&[u8]],
) -> Result<String, Trouble> {
    let mut reader = Reader::new(wire, status, headers.iter().copied());
    for part in parts {
        if !reader.feed(part) {
            break;
        }
    }
    reader.end(false)
}

const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\",\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n\
event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
event: ping\ndata: {\"type\": \"ping\"}\n\n\
event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"[{\\\"\u{fc}\"}}\n\n\
event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\\\":1}]\"}}\n\n\
event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n\
event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

const OPENAI: &str = ": a comment keeps the line open\n\n\
data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"[{\\\"\u{fc}\"},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\\":1}]\"},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
data: {\"choices\":[],\"usage\":{\"total_tokens\":9}}\n\n\
data: [DONE]\n\n";

const GEMINI: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"let me think\",\"thought\":true}],\"role\":\"model\"}}]}\r\n\r\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"[{\\\"\u{fc}\"}],\"role\":\"model\"}}],\"modelVersion\":\"m\"}\r\n\r\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\\":1}]\"}],\"role\":\"model\"},\"finishReason\":\"STOP\"}]}\r\n\r\n";

const STREAMS: [(Wire, &str); 5] = [
    (Wire::Anthropic, ANTHROPIC),
    (Wire::OpenAi, OPENAI),
    (Wire::OpenRouter, OPENAI),
    (Wire::Local, OPENAI),
    (Wire::Gemini, GEMINI),
];

#[test]
fn streams_cut_at_every_byte() {
    let want = Ok("[{\"\u{fc}\":1}]".to_owned());
    for (wire, text) in STREAMS {
        let bytes = text.as_bytes();
        assert_eq!(read(wire, 200, &[SSE], &[bytes]), want, "{wire:?}");
        for at in 0..bytes.len() {
            let (a, b) = bytes.split_at(at);
            assert_eq!(read(wire, 200, &[SSE], &[a, b]), want, "{wire:?} at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(wire, 200, &[SSE], &single), want, "{wire:?}");
    }
}

/// A stream that ends anywhere before its end is no answer, however much of it came.
#[test]
fn streams_that_end_too_early() {
    for (wire, text) in STREAMS {
        let end = match wire {
            Wire::Gemini => text.find("finishReason").unwrap(),
            Wire::Anthropic => text.find("end_turn").unwrap(),
            _ => text.find("\"stop\"").unwrap(),
        };
        for at in 0..end {
            let cut = read(wire, 200, &[SSE], &[&text.as_bytes()[..at]]);
            let kind = cut.expect_err("it is not whole").kind;
            let garbled = [TroubleKind::Cut, TroubleKind::Unreadable];
            assert!(garbled.contains(&kind), "{wire:?} at {at}: {kind:?}");
        }
    }
}

#[test]
fn whole_answers() {
    for (wire, body) in [
        (
            Wire::Anthropic,
            r#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"[]"}],"stop_reason":"end_turn"}"#,
        ),
        (
            Wire::OpenAi,
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"[]","refusal":null},"finish_reason":"stop"}]}"#,
        ),
        (
            Wire::OpenRouter,
            r#"{"choices":[{"message":{"role":"assistant","content":[{"type":"text","text":"[]"}]},"finish_reason":"stop"}]}"#,
        ),
        (
            Wire::Gemini,
            r#"{"candidates":[{"content":{"parts":[{"text":"["},{"text":"]"}],"role":"model"},"finishReason":"STOP"}]}"#,
        ),
    ] {
        let got = read(wire, 200, &[JSON], &[body.as_bytes()]);
        assert_eq!(got, Ok("[]".to_owned()), "{wire:?}");
    }
}

#[test]
fn ends_that_are_no_answer() {
    for (wire, body, kind) in [
        (
            Wire::Anthropic,
            r#"{"type":"message","content":[{"type":"text","text":"["}],"stop_reason":"max_tokens"}"#,
            TroubleKind::Length,
        ),
        (
            Wire::Anthropic,
            r#"{"type":"message","content":[],"stop_reason":"refusal"}"#,
            TroubleKind::Refused,
        ),
        (
            Wire::OpenAi,
            r#"{"choices":[{"message":{"content":"["},"finish_reason":"length"}]}"#,
            TroubleKind::Length,
        ),
        (
            Wire::OpenAi,
            r#"{"choices":[{"message":{"content":null,"refusal":"I cannot"},"finish_reason":"stop"}]}"#,
            TroubleKind::Refused,
        ),
        (
            Wire::OpenAi,
            r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
            TroubleKind::Refused,
        ),
        (
            Wire::Gemini,
            r#"{"promptFeedback":{"blockReason":"OTHER"}}"#,
            TroubleKind::Refused,
        ),
        (
            Wire::Gemini,
            r#"{"candidates":[{"content":{"parts":[]},"finishReason":"RECITATION"}]}"#,
            TroubleKind::Refused,
        ),
        (Wire::Local, "<html>hello</html>", TroubleKind::Unreadable),
        (Wire::Local, "{}", TroubleKind::Cut),
    ] {
        let got = read(wire, 200, &[JSON], &[body.as_bytes()]);
        assert_eq!(got.expect_err(body).kind, kind, "{body}");
    }
}

#[test]
fn complaints_in_the_midst() {
    for (wire, text, kind) in [
        (
            Wire::Anthropic,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
            TroubleKind::Overloaded,
        ),
        (
            Wire::OpenRouter,
            "data: {\"choices\":[{\"delta\":{\"content\":\"[\"},\"finish_reason\":\"error\"}],\"error\":{\"code\":502,\"message\":\"upstream\"}}\n\n",
            TroubleKind::Server,
        ),
        (
            Wire::Gemini,
            "data: {\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}\n\n",
            TroubleKind::Overloaded,
        ),
    ] {
        let got = read(wire, 200, &[SSE], &[text.as_bytes()]);
        assert_eq!(got.expect_err(text).kind, kind, "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn statuses_in_words() {
    let anthropic = |kind: &str, words: &str| {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{words}"}}}}"#)
    };
    let cors = anthropic(
        "authentication_error",
        "CORS requests are not allowed for this Organization",
    );
    let leaky = r#"{"error":{"message":"Incorrect API key provided: sk-proj-abcdefgh1234","type":"invalid_request_error"}}"#;
    let google =
        r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#;
    let cases = [
        (
            Wire::Anthropic,
            401,
            cors.clone(),
            TroubleKind::Browser,
            "organization",
        ),
        (
            Wire::Anthropic,
            403,
            cors,
            TroubleKind::Browser,
            "organization",
        ),
        (
            Wire::Anthropic,
            401,
            anthropic("authentication_error", "x"),
            TroubleKind::Key,
            "ANTHROPIC_API_KEY",
        ),
        (
            Wire::OpenAi,
            401,
            leaky.to_owned(),
            TroubleKind::Key,
            "OPENAI_API_KEY",
        ),
        (
            Wire::Gemini,
            400,
            google.to_owned(),
            TroubleKind::BadRequest,
            "API key not valid",
        ),
        (
            Wire::Gemini,
            403,
            String::new(),
            TroubleKind::Forbidden,
            "does not let this key",
        ),
        (
            Wire::Local,
            403,
            String::new(),
            TroubleKind::Forbidden,
            "OLLAMA_ORIGINS",
        ),
        (
            Wire::Local,
            404,
            r#"{"error":"model 'x' not found"}"#.to_owned(),
            TroubleKind::NotFound,
            "model 'x' not found",
        ),
        (
            Wire::OpenAi,
            429,
            String::new(),
            TroubleKind::TooMany,
            "17 seconds",
        ),
        (
            Wire::Anthropic,
            529,
            anthropic("overloaded_error", "Overloaded"),
            TroubleKind::Overloaded,
            "overloaded",
        ),
        (
            Wire::OpenRouter,
            402,
            String::new(),
            TroubleKind::TooMany,
            "paid",
        ),
        (
            Wire::OpenAi,
            302,
            String::new(),
            TroubleKind::Redirect,
            "not followed",
        ),
        (
            Wire::OpenAi,
            500,
            "<html>".to_owned(),
            TroubleKind::Server,
            "500",
        ),
        (
            Wire::OpenAi,
            413,
            String::new(),
            TroubleKind::BadRequest,
            "too large",
        ),
    ];
    for (wire, status, body, kind, words) in cases {
        let headers = [JSON, ("Retry-After", "17")];
        let trouble = read(wire, status, &headers, &[body.as_bytes()]).expect_err("no answer");
        assert_eq!(trouble.kind, kind, "{status} {body}");
        let all = format!("{trouble:?}");
        assert!(all.contains(words), "{words}: {all}");
        assert!(!all.contains("sk-proj"), "{all}");
    }
}

#[test]
fn giants_are_not_read_to_their_end() {
    let piece = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "x".repeat(50_000)
    );
    let mut reader = Reader::new(Wire::Local, 200, [SSE]);
    let mut fed = 0;
    while reader.feed(piece.as_bytes()) {
        fed += 1;
        assert!(fed < 100, "it never has enough");
    }
    assert_eq!(
        reader.end(false).expect_err("too much").kind,
        TroubleKind::TooLarge
    );
    let mut reader = Reader::new(Wire::Local, 500, [JSON]);
    while reader.feed(&[b'x'; 10_000]) {}
    assert!(reader.received() < 100_000);
    assert_eq!(
        reader.end(false).expect_err("too much").kind,
        TroubleKind::Server
    );
}
