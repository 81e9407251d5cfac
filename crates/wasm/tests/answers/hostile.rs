//! Requests that are none, and files that are meant to do harm: an answer in words, never a panic.

use serde_json::{Value, json};

use crate::{ask, ok, refused};

fn raw(request: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(&wasm::answer(request)).expect("JSON");
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"].as_str().expect("words").to_owned()
}

#[test]
fn no_requests() {
    for request in [
        b"".as_slice(),
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"{\"op\": 7}",
        b"{\"op\": \"about\"} x",
        b"{\"op\": \"ab\xff\"}",
        b"\xff\xfe",
        b"{\"op\": \"about\", \"op\": \"about\"}",
        b"{\"op\": \"about\", \"more\": 1}",
        b"{\"op\": \"check\"}",
        b"{\"op\": \"check\", \"files\": {}}",
        b"{\"op\": \"check\", \"files\": [], \"strict\": 1}",
        b"{\"op\": \"check\", \"files\": [{\"path\": \"a\", \"text\": \"\", \"mode\": 7}]}",
    ] {
        let words = raw(request);
        assert!(words.starts_with("this is no request: "), "{words}");
    }
    assert_eq!(raw(b"{\"op\": \"shutdown\"}"), "there is no op `shutdown`");
    assert_eq!(raw(b"{\"op\": \"\\u001b[2J\"}"), "there is no op `?[2J`");
}

#[test]
fn deep_nesting() {
    let deep = |open: &str, close: &str| {
        let text = format!("{}{}", open.repeat(200_000), close.repeat(200_000));
        raw(format!("{{\"op\": \"check\", \"files\": {text}}}").as_bytes())
    };
    deep("[", "]");
    deep("{\"a\":", "}");
    let open = "[".repeat(200_000);
    raw(format!("{{\"op\": \"restore\", \"files\": [], \"map\": {open}").as_bytes());
    let map = format!("{open}{}", "]".repeat(200_000));
    raw(format!("{{\"op\": \"restore\", \"files\": [], \"map\": {map}}}").as_bytes());
    // In a file it is a finding of the parser.
    let text = "a {".repeat(100_000);
    let files = json!([{"path": "nginx.conf", "text": text}]);
    for op in ["check", "fix", "open", "redact"] {
        ok(&json!({"op": op, "files": files}));
    }
}

#[test]
fn files_that_are_none() {
    let with = |file: Value| refused(&json!({"op": "check", "files": [file]}));
    let either = "`a`: a file has either `text` or `base64`";
    assert_eq!(with(json!({"path": "a"})), either);
    let both = json!({"path": "a", "text": "", "base64": ""});
    assert_eq!(with(both), either);
    let coded = json!({"path": "a", "base64": "not base64!"});
    assert_eq!(with(coded), "`a`: this is no base64");
    assert_eq!(with(json!({"path": "", "text": ""})), "`` names no file");
    let twice = json!([{"path": "a", "text": ""}, {"path": "/a", "text": ""}]);
    let words = refused(&json!({"op": "open", "files": twice}));
    assert_eq!(words, "`/a` was given twice");
}

/// Bytes of every value, alone and in the middle of what is understood.
#[test]
fn bytes_of_every_kind() {
    let all: Vec<u8> = (0..=255).cycle().take(4096).collect();
    let log = [b"2026/11/22 11:31:20 [error] 1#1: *1 ".as_slice(), &all].concat();
    let conf = [b"http {\nset $a \"".as_slice(), &all, b"\";\n}\n"].concat();
    let pool = [b"[www]\nlisten = ".as_slice(), &all].concat();
    let coded = |bytes: &[u8]| base::base64::encode(bytes);
    let files = json!([
        {"path": "nginx.conf", "base64": coded(&conf)},
        {"path": "www.conf", "base64": coded(&pool)},
        {"path": "all", "base64": coded(&all)},
        {"path": "../../\u{202e}\0\u{1b}", "text": ""},
    ]);
    for op in ["open", "check", "fix", "redact"] {
        ok(&json!({"op": op, "files": files}));
    }
    let redacted = ok(&json!({"op": "redact", "identity": true, "files": files}));
    let restore = json!({"op": "restore", "files": redacted["files"], "map": redacted["map"]});
    assert_eq!(ok(&restore)["files"], files);
    let logs = json!([{"name": "error.log", "base64": coded(&log)}]);
    ok(&json!({"op": "diagnose", "files": files, "logs": logs, "now": 0}));
}

#[test]
fn moments_of_any_size() {
    for now in [i64::MIN, -1, 0, i64::MAX] {
        let logs = json!([{"name": "a", "text": "Nov 22 11:31:20 host kernel: x\n"}]);
        ask(&json!({"op": "diagnose", "files": [], "logs": logs, "now": now}));
    }
}

/// Files that include each other, and a pattern that stands for everything.
#[test]
fn includes_without_end() {
    let files = json!([
        {"path": "nginx.conf", "text": "include a.conf;\ninclude /*;\ninclude /*/*/../..;\n"},
        {"path": "a.conf", "text": "include nginx.conf;\ninclude ../../../a.conf;\n"},
        {"path": "php-fpm.conf", "text": "[global]\ninclude = /*.conf\n"},
    ]);
    for op in ["check", "fix"] {
        ok(&json!({"op": op, "files": files}));
    }
}
