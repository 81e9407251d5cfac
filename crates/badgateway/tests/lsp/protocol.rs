//! Messages in and out of order, malformed, huge, taken back.

use serde_json::{Value, json};

use crate::client::{Client, Folder};

const SITE: &str = "http {\n server {\n  listen 80;\n }\n}\nevents {}\n";

fn folder() -> Folder {
    Folder::with(&[("nginx.conf", SITE.as_bytes())])
}

#[test]
fn a_session_begins_and_ends() {
    let folder = folder();
    assert_eq!(Client::in_folder(&folder.0).end(), Some(0));
    // Without `shutdown` the end is a failure, says the protocol.
    let mut client = Client::in_folder(&folder.0);
    client.tell("exit", &Value::Null);
    assert_eq!(client.code(), Some(1));
    let mut client = Client::in_folder(&folder.0);
    assert_eq!(client.code(), Some(1));
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut client = Client::start();
    let early = client.ask("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    client.tell("textDocument/didOpen", &json!({}));
    let first = client.ask("initialize", &json!({"capabilities": {}}));
    assert_eq!(
        first["result"]["capabilities"]["positionEncoding"],
        "utf-16"
    );
    let second = client.ask("initialize", &json!({"capabilities": {}}));
    assert_eq!(second["error"]["code"], -32600);
    client.ask("shutdown", &Value::Null);
    let late = client.ask("textDocument/hover", &json!({}));
    assert_eq!(late["error"]["code"], -32600);
    client.tell("exit", &Value::Null);
    assert_eq!(client.code(), Some(0));
}

#[test]
fn bad_messages_are_answered_and_the_session_goes_on() {
    let folder = folder();
    let mut client = Client::in_folder(&folder.0);
    let deep = "[".repeat(100_000);
    let bodies: [(&[u8], i64); 8] = [
        (b"{\"jsonrpc\":", -32700),
        (b"", -32700),
        (b"\xff\xfe\x00", -32700),
        (deep.as_bytes(), -32700),
        (b"[]", -32600),
        (b"17", -32600),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
        (b"{\"id\":{},\"method\":\"shutdown\"}", -32600),
    ];
    for (body, code) in bodies {
        client.body(body);
        let answer = client.answer(&Value::Null);
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
    for header in ["X: 1\r\n\r\n", "Content-Length: x\r\n\r\n", "junk\r\n\r\n"] {
        client.raw(header.as_bytes());
        let answer = client.answer(&Value::Null);
        assert_eq!(answer["error"]["code"], -32700, "{answer}");
    }
    client.raw(b"\r\n\r\n");
    client.body(b"{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":null}");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn wrong_arguments_and_unknown_methods_are_refused() {
    let folder = folder();
    let mut client = Client::in_folder(&folder.0);
    let uri = folder.uri("nginx.conf");
    client.open(&uri, SITE);
    let item = json!({"uri": uri});
    let cases = [
        ("no/such", json!({}), -32601),
        ("textDocument/hover", json!(null), -32602),
        ("textDocument/hover", json!([1, 2]), -32602),
        ("textDocument/hover", json!({"textDocument": item}), -32602),
        (
            "textDocument/hover",
            json!({"textDocument": item, "position": {"line": -1, "character": "x"}}),
            -32602,
        ),
        (
            "textDocument/codeAction",
            json!({"textDocument": item}),
            -32602,
        ),
        (
            "textDocument/hover",
            json!({"textDocument": {"uri": "file:///not/open"}, "position": {}}),
            -32602,
        ),
    ];
    for (method, params, code) in cases {
        let answer = client.ask(method, &params);
        assert_eq!(answer["error"]["code"], code, "{method} {params}: {answer}");
    }
    let notices = [
        ("no/such", json!({})),
        ("$/cancelRequest", json!({"id": 1234})),
        ("textDocument/didOpen", json!({"textDocument": {"uri": 3}})),
        (
            "textDocument/didOpen",
            json!({"textDocument": {"uri": "untitled:1", "text": ""}}),
        ),
        (
            "textDocument/didOpen",
            json!({"textDocument": {"uri": "file:///%zz", "text": ""}}),
        ),
        (
            "textDocument/didChange",
            json!({"textDocument": item, "contentChanges": 5}),
        ),
        (
            "textDocument/didChange",
            json!({"textDocument": item, "contentChanges": [{"range": {}, "text": "x"}]}),
        ),
        (
            "textDocument/didClose",
            json!({"textDocument": {"uri": "file:///never"}}),
        ),
        (
            "workspace/didChangeWorkspaceFolders",
            json!({"event": {"added": "x"}}),
        ),
    ];
    for (method, params) in notices {
        client.tell(method, &params);
    }
    let far = json!({"line": 4_000_000_000_u32, "character": 4_000_000_000_u32});
    let answer = client.at("textDocument/hover", &uri, &far);
    assert_eq!(answer["result"], Value::Null, "{answer}");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_huge_text_is_read() {
    let folder = folder();
    let mut client = Client::in_folder(&folder.0);
    let uri = folder.uri("nginx.conf");
    let text = format!(
        "{SITE}{}",
        "# filler, and more of it, line by line\n".repeat(50_000)
    );
    client.open(&uri, &text);
    client.diagnostics(&uri, |_| true);
    client.change(&uri, 2, &format!("{text}\nbogus"));
    client.diagnostics(&uri, |list| list.to_string().contains("syntax"));
    assert_eq!(client.end(), Some(0));
}

#[test]
fn what_is_taken_back_or_stale_is_refused() {
    let folder = folder();
    let mut client = Client::in_folder(&folder.0);
    let uri = folder.uri("nginx.conf");
    // Long enough that the questions wait behind it.
    let text = format!("{SITE}{}", "# filler\n".repeat(200_000));
    client.open(&uri, &text);
    let params = json!({"textDocument": {"uri": uri}, "position": {"line": 2, "character": 3}});
    // In one piece, so that the answer cannot overtake what takes it back.
    let (first, second) = ("first", "second");
    let ask = |id| json!({"id": id, "method": "textDocument/hover", "params": params});
    let back = json!({"method": "$/cancelRequest", "params": {"id": second}});
    let frames = [ask(first), ask(second), back].map(|message| {
        let body = message.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    });
    client.raw(frames.concat().as_bytes());
    let answer = client.answer(&json!(second));
    assert_eq!(answer["error"]["code"], -32800, "{answer}");
    assert!(client.answer(&json!(first))["error"].is_null());
    let third = client.request("textDocument/hover", &params);
    client.change(&uri, 2, &format!("{text}#"));
    let answer = client.answer(&json!(third));
    let code = &answer["error"]["code"];
    assert!(code == -32801 || answer.get("result").is_some(), "{answer}");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_burst_of_edits_gives_one_run() {
    let folder = folder();
    let mut client = Client::in_folder(&folder.0);
    let uri = folder.uri("nginx.conf");
    client.open(&uri, SITE);
    client.diagnostics(&uri, |_| true);
    for version in 2..30 {
        client.change(
            &uri,
            version,
            &format!("{SITE}{}", "x".repeat(version as usize)),
        );
    }
    let runs = client.count_until_quiet(&uri);
    // A busy machine may make a pause of its own between two of the 28.
    assert!((1..=5).contains(&runs), "{runs} runs");
}

#[test]
fn every_place_of_a_strange_text_can_be_asked_about() {
    let texts = [
        "{",
        "}",
        "$",
        "${",
        "${a}",
        "\u{feff}",
        "include",
        "set $a $a;",
        "map $a $b {",
        "[",
        "[a]\nx",
    ];
    for text in texts {
        let whole = format!("{text}\nevents {{}}\nhttp {{}}\n");
        let folder = Folder::with(&[("nginx.conf", whole.as_bytes())]);
        let mut client = Client::in_folder(&folder.0);
        let uri = folder.uri("nginx.conf");
        client.open(&uri, &whole);
        for character in 0..=text.encode_utf16().count() {
            let place = json!({"line": 0, "character": character});
            for method in ["hover", "definition", "references"] {
                let answer = client.at(&format!("textDocument/{method}"), &uri, &place);
                assert!(answer["error"].is_null(), "{text} {character}: {answer}");
            }
        }
        assert_eq!(client.end(), Some(0));
    }
}
