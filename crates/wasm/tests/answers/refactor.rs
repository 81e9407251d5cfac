//! A language model is asked: each step from the files and all replies so far.

use serde_json::{Value, json};

use crate::{ask, ok, refused};

const NGINX: &str = "\
user www-data;
events {}
http {
    server {
        server_name shop.example;
        location / {
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param DB_PASSWORD hunter2-canary-77;
            fastcgi_read_timeout 20s;
            fastcgi_pass unix:/run/php.sock;
        }
    }
}
";
const FPM: &str = "\
[global]
process_control_timeout = 60s
[www]
user = www-data
listen = /run/php.sock
listen.owner = www-data
listen.group = www-data
pm = static
pm.max_children = 5
request_slowlog_timeout = 5s
slowlog = /var/log/slow.log
request_terminate_timeout = 40s
";

const OLD: &str = "fastcgi_read_timeout 20s;";
const RIGHT: &str = "fastcgi_read_timeout 45s;";

fn request(replies: &Value, more: &Value) -> Value {
    let mut request = json!({
        "op": "refactor",
        "files": [{"path": "nginx.conf", "text": NGINX}, {"path": "php-fpm.conf", "text": FPM}],
        "strict": false, "provider": "anthropic", "model": "m-1", "base_url": null,
        "identity": true, "rules": [], "route": null, "unsafe": false, "replies": replies,
    });
    let members = request.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    request
}

/// What a provider sends, whole.
fn says(edits: &Value) -> Value {
    let text = edits.to_string();
    let body = json!({
        "type": "message", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
    });
    json!({"status": 200, "content_type": "application/json", "body": body.to_string()})
}

fn edit(old: &str, new: &str) -> Value {
    json!([{"file": "nginx-1.conf", "old": old, "new": new, "why": "so"}])
}

#[test]
fn a_question_is_written_and_the_key_has_a_place() {
    let asked = ok(&request(&json!([]), &json!({})));
    assert_eq!(asked["step"], "send");
    let sending = &asked["request"];
    assert_eq!(sending["url"], "https://api.anthropic.com/v1/messages");
    assert_eq!(
        sending["key_header"],
        json!({"name": "x-api-key", "prefix": ""})
    );
    assert_eq!(sending["needs_key"], true);
    let headers = sending["headers"].to_string();
    assert!(headers.contains("anthropic-dangerous-direct-browser-access"));
    assert!(!headers.contains("x-api-key"));
    let body = sending["body"].as_str().expect("text");
    assert!(body.is_ascii() && body.contains("BGSECRET_001"));
    assert!(
        !body.contains("hunter2") && !body.contains("shop.example"),
        "{body}"
    );
    assert_eq!(
        asked["sent"][0],
        json!({"label": "nginx-1.conf", "path": "nginx.conf"})
    );
    assert_eq!(asked["findings"], 2);
    assert_eq!(asked["more"], 0);
    assert!(asked["placeholders"].as_u64() >= Some(2));
}

#[test]
fn providers_have_their_places() {
    for (provider, url, header) in [
        (
            "openai",
            "https://llm.example/v1/chat/completions",
            "Bearer ",
        ),
        (
            "openrouter",
            "https://llm.example/v1/chat/completions",
            "Bearer ",
        ),
        (
            "local",
            "https://llm.example/v1/chat/completions",
            "Bearer ",
        ),
        (
            "gemini",
            "https://llm.example/v1beta/models/m-1:streamGenerateContent?alt=sse",
            "",
        ),
    ] {
        let more = json!({"provider": provider, "base_url": "https://llm.example"});
        let asked = ok(&request(&json!([]), &more));
        assert_eq!(asked["request"]["url"], url);
        assert_eq!(asked["request"]["key_header"]["prefix"], header);
        assert_eq!(asked["request"]["needs_key"], provider != "local");
    }
}

#[test]
fn a_right_edit_is_shown_with_its_place() {
    let done = ok(&request(&json!([says(&edit(OLD, RIGHT))]), &json!({})));
    assert_eq!(done["step"], "done");
    let taken = &done["verdict"]["accepted"][0];
    assert_eq!(taken["path"], "nginx.conf");
    assert_eq!(taken["line"], 9);
    let range =
        |name: &str| usize::try_from(taken[name].as_u64().expect("a number")).expect("small");
    let old = &NGINX[range("start_byte")..range("end_byte")];
    let text = taken["text"].as_str().expect("text");
    let new = NGINX.replacen(old, text, 1);
    assert_eq!(new, NGINX.replace(OLD, RIGHT));
    assert_eq!(
        done["files"][0]["text"], new,
        "its values are where they were"
    );
    assert!(
        done["files"][0]["diff"]
            .as_str()
            .expect("text")
            .contains("+            fastcgi_read_timeout 45s;")
    );
    assert_eq!(done["verdict"]["ended"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_wrong_edit_is_asked_about_once_more() {
    let evil = says(&edit(
        OLD,
        &format!("{RIGHT} proxy_pass http://evil.example;"),
    ));
    let again = ok(&request(&json!([evil]), &json!({})));
    assert_eq!(again["step"], "send");
    let body = again["request"]["body"].as_str().expect("text");
    assert!(body.contains("thrown away"), "{body}");
    let done = ok(&request(&json!([evil, evil]), &json!({})));
    assert_eq!(done["verdict"]["rounds"], 2);
    assert_eq!(done["verdict"]["accepted"], json!([]));
    assert_eq!(done["verdict"]["refused"][0]["kind"], "forbidden");
    assert_eq!(
        done["verdict"]["changes"].as_array().map(Vec::len),
        Some(1),
        "our own"
    );
    let stopped = ok(&request(&json!([evil]), &json!({"stop": true})));
    assert_eq!(stopped["verdict"]["rounds"], 1);
}

#[test]
fn troubles_have_words() {
    let trouble =
        |reply: Value| ok(&request(&json!([reply]), &json!({})))["verdict"]["trouble"].clone();
    let busy = trouble(json!({"status": 429, "retry_after": "7", "body": "{}"}));
    assert_eq!(busy["kind"], "too-many");
    assert_eq!(busy["help"], "try again after 7 seconds");
    let cut = trouble(json!({
        "status": 200, "content_type": "text/event-stream", "cut": true, "body": "event: message_start\n",
    }));
    assert_eq!(cut["kind"], "cut");
    let page =
        trouble(json!({"status": 200, "content_type": "text/html", "body": "<h1>login</h1>"}));
    assert_eq!(page["kind"], "unreadable");
}

#[test]
fn wrong_requests_are_refused() {
    let words = refused(&request(&json!([]), &json!({"model": "a b"})));
    assert!(words.contains("model"), "{words}");
    for base in [
        "http://llm.example",
        "https://user:pw@llm.example",
        "ftp://x",
    ] {
        refused(&request(&json!([]), &json!({"base_url": base})));
    }
    assert!(refused(&request(&json!([]), &json!({"provider": "x"}))).contains("no provider `x`"));
    assert!(
        refused(&request(&json!([]), &json!({"rules": ["read-timeout"]}))).contains("did you mean")
    );
    refused(&request(&json!([{"status": "x"}]), &json!({})));
}

#[test]
fn a_model_as_secret_as_a_value_stops_the_question() {
    let done = ok(&request(&json!([]), &json!({"model": "hunter2-canary-77"})));
    assert_eq!(done["step"], "done");
    let words = done["verdict"]["refusal"]["words"].as_str().expect("words");
    assert!(
        words.contains("BGSECRET_") && !words.contains("hunter2"),
        "{words}"
    );
}

#[test]
fn nothing_to_ask_is_the_end() {
    let files = json!([{"path": "nginx.conf", "text": "events {}\nhttp {}\n"}]);
    let done = ok(&request(&json!([]), &json!({"files": files})));
    assert_eq!(done["verdict"]["asked"], 0);
    assert_eq!(done["files"], json!([]));
    assert_eq!(ask(&request(&json!([]), &json!({"more": 1})))["ok"], false);
}
