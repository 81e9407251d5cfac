//! What each op answers.

use serde_json::{Value, json};

use crate::{ok, refused};

const NGINX: &str = "events {}\nhttp {\n    server {\n        listen 80;\n        \
    location ~ \\.php$ {\n            fastcgi_read_timeout 60s;\n            \
    fastcgi_param DB_PASSWORD hunter2secret;\n            \
    fastcgi_pass unix:/run/php/a.sock;\n        }\n    }\n}\n";
const FPM: &str = "[global]\nerror_log = /var/log/fpm.log\n[www]\nuser = www-data\n\
    listen = /run/php/a.sock\nlisten.owner = www-data\npm = static\npm.max_children = 5\n\
    request_terminate_timeout = 300s\n";

fn stack() -> Value {
    json!([
        {"path": "etc/nginx/nginx.conf", "text": NGINX},
        {"path": "etc/php/8.2/fpm/php-fpm.conf", "text": FPM},
    ])
}

fn rules_of(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("a list");
    let rules = findings.iter().map(|finding| finding["rule"].as_str());
    rules.map(|rule| rule.expect("a name")).collect()
}

#[test]
fn about() {
    let answer = ok(&json!({"op": "about"}));
    assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
    let rules = answer["rules"].as_array().expect("a list");
    assert_eq!(rules.len(), rules::all().len());
    let causes = answer["causes"].as_array().expect("a list");
    assert_eq!(causes.len(), diagnose::causes::ALL.len());
    for key in ["id", "severity", "group", "summary", "fix"] {
        assert!(rules[0][key].is_string(), "{key}");
    }
}

#[test]
fn open() {
    let dump = format!("# configuration file /etc/nginx/nginx.conf:\n{NGINX}\n");
    let answer = ok(&json!({"op": "open", "files": [
        {"path": "dump.txt", "text": dump},
        {"path": "b.bin", "base64": "/wA="},
    ]}));
    assert_eq!(
        answer["files"],
        json!([
            {"path": "b.bin", "base64": "/wA=", "kind": "unknown", "via": null},
            {"path": "/etc/nginx/nginx.conf", "text": NGINX, "kind": "nginx", "via": "dump.txt"},
        ])
    );
}

#[test]
fn check() {
    let answer = ok(&json!({"op": "check", "files": stack()}));
    let rules = rules_of(&answer["report"]);
    assert!(rules.contains(&"read-timeout-below-terminate"), "{rules:?}");
    assert!(rules.iter().all(|rule| rule != &"keepalive-off"));
    let finding = &answer["report"]["findings"][0];
    assert_eq!(finding["primary"]["path"], "etc/nginx/nginx.conf");
    assert!(answer["chain"]["ladders"][0]["rungs"].is_array());
    let text = answer.to_string();
    assert!(!text.contains("hunter2secret"), "a secret is shown");
    let strict = ok(&json!({"op": "check", "strict": true, "files": stack()}));
    assert!(rules_of(&strict["report"]).len() > rules.len());
}

#[test]
fn maps_and_facts() {
    let nginx = NGINX.replace("unix:/run/php/a.sock", "php:9000");
    let files = json!([
        {"path": "nginx.conf", "text": nginx},
        {"path": "php-fpm.conf", "text": FPM},
    ]);
    let alone = ok(&json!({"op": "check", "files": files}));
    assert_eq!(alone["report"]["complete"], false);
    let mapped = ok(&json!({"op": "check", "files": files, "maps": ["php:9000=www"]}));
    assert_eq!(mapped["report"]["complete"], true);
    let facts = "memory = \"256M\"\n";
    let known = ok(&json!({"op": "check", "files": stack(), "facts": facts}));
    let unjudged = |answer: &Value| answer["report"]["unjudged"].to_string();
    assert_ne!(unjudged(&known), unjudged(&alone));
    assert_eq!(
        refused(&json!({"op": "check", "files": files, "maps": ["php"]})),
        "`php`: write ADDRESS=POOL, such as php:9000=www"
    );
    let words = refused(&json!({"op": "check", "files": files, "facts": "ram = 1\n"}));
    assert!(words.starts_with("host.toml: "), "{words}");
}

#[test]
fn fix() {
    let request = |more: Value| {
        let mut request = json!({"op": "fix", "files": stack()});
        let more = more.as_object().expect("an object").clone();
        request.as_object_mut().expect("an object").extend(more);
        request
    };
    let answer = ok(&request(json!({"request_time": "90s"})));
    let changes = answer["changes"].as_array().expect("a list");
    assert!(!changes.is_empty(), "{answer}");
    assert!(changes[0]["applicability"].is_string());
    let file = &answer["files"][0];
    assert_eq!(file["path"], "etc/nginx/nginx.conf");
    let diff = file["diff"].as_str().expect("a diff");
    assert!(diff.starts_with("--- a/etc/nginx/nginx.conf\n"), "{diff}");
    // The page shows users their own text.
    assert!(diff.contains("hunter2secret"), "{diff}");
    // What it says is what it gives.
    let mut files = stack();
    for changed in answer["files"].as_array().expect("a list") {
        for file in files.as_array_mut().expect("a list") {
            if file["path"] == changed["path"] {
                file["text"] = changed["text"].clone();
            }
        }
    }
    let again = ok(&json!({"op": "fix", "files": files, "request_time": "90s"}));
    assert_eq!(again["files"], json!([]));
    assert_eq!(again["left"], answer["left"]);
    let nothing = ok(&request(json!({"rules": ["backlog-above-somaxconn"]})));
    assert_eq!(nothing["changes"], json!([]));
    assert_eq!(
        refused(&request(json!({"rules": ["read-timeout"]}))),
        "there is no rule and no cause `read-timeout`; did you mean `read-timeout-zero`?"
    );
    assert_eq!(
        refused(&request(json!({"request_time": "soon"}))),
        "`soon`: write a time such as 90s or 2m"
    );
}

#[test]
fn apply() {
    let edit = |path: &str, start: u32, end: u32| json!({"path": path, "start_byte": start, "end_byte": end, "text": "X"});
    let request = |edits: Value| {
        let files = json!([{"path": "a", "text": "abcdef"}, {"path": "b", "text": "ü"}]);
        json!({"op": "apply", "files": files, "edits": edits})
    };
    let answer = ok(&request(json!([edit("a", 4, 5), edit("a", 0, 1)])));
    assert_eq!(answer["files"], json!([{"path": "a", "text": "XbcdXf"}]));
    let answer = ok(&request(json!([edit("b", 0, 1)])));
    assert_eq!(answer["files"], json!([{"path": "b", "base64": "WLw="}]));
    let words = |edits: Value| refused(&request(edits));
    assert_eq!(
        words(json!([edit("a", 0, 3), edit("a", 2, 4)])),
        "two edits of `a` touch the same bytes"
    );
    for (start, end) in [(0, 7), (7, 7), (3, 2), (u32::MAX, u32::MAX)] {
        assert_eq!(
            words(json!([edit("a", start, end)])),
            "an edit is outside of `a`"
        );
    }
    assert_eq!(
        words(json!([edit("c", 0, 0)])),
        "there is no file `c` to edit"
    );
}

#[test]
fn redact_and_restore() {
    let files = json!([
        {"path": "nginx.conf", "text": NGINX},
        {"path": "old.conf", "base64": "IyD8CnNldCAkZGJfcGFzc3dvcmQgaHVudGVyMnNlY3JldDsK"},
    ]);
    let answer = ok(&json!({"op": "redact", "files": files}));
    let found = answer["found"].as_array().expect("a list");
    assert!(!found.is_empty(), "{answer}");
    let first = &found[0];
    assert_eq!(
        (&first["path"], &first["line"]),
        (&json!("nginx.conf"), &json!(7))
    );
    let at = |key: &str| usize::try_from(first[key].as_u64().expect("a number")).expect("small");
    assert_eq!(&NGINX[at("start_byte")..at("end_byte")], "hunter2secret");
    assert!(!answer["files"].to_string().contains("hunter2secret"));
    let back = ok(&json!({"op": "restore", "files": answer["files"], "map": answer["map"]}));
    assert_eq!(back["files"], files);
    assert_eq!(back["slips"], json!([]));
    let placeholder = first["placeholder"].as_str().expect("a word");
    let text = answer["files"][0]["text"].as_str().expect("text");
    let edited = text.replace(placeholder, "BGSECRET_900");
    let files = json!([{"path": "nginx.conf", "text": edited}]);
    let back = ok(&json!({"op": "restore", "files": files, "map": answer["map"]}));
    let slips = back["slips"].as_array().expect("a list");
    let kinds: Vec<_> = slips.iter().map(|slip| &slip["kind"]).collect();
    assert_eq!(kinds, ["invented", "lost"]);
    let shown = ok(
        &json!({"op": "redact", "reveal": ["hunter2secret"], "files": [
            {"path": "nginx.conf", "text": NGINX},
        ]}),
    );
    assert_eq!(shown["files"][0]["text"], NGINX);
    assert!(refused(&json!({"op": "restore", "files": [], "map": 7})).contains("map"));
}

#[test]
fn diagnose() {
    let log = "2026/11/22 11:31:20 [error] 71#71: *1 connect() to unix:/run/php/a.sock failed \
        (2: No such file or directory) while connecting to upstream, client: 10.0.0.9, server: \
        shop.example, request: \"GET /a.php HTTP/1.1\", upstream: \
        \"fastcgi://unix:/run/php/a.sock:\", host: \"shop.example\"\n";
    let request = |zone: Value| {
        json!({
            "op": "diagnose", "files": stack(), "zone_offset": zone, "incidents": true,
            "now": 1_795_000_000_000_i64,
            "logs": [{"name": "error.log", "text": log}, {"name": "notes", "text": "call Anna\n"}],
        })
    };
    let answer = ok(&request(json!(7200)));
    let diagnosis = &answer["diagnosis"];
    assert_eq!(diagnosis["groups"][0]["cause"], "fpm-socket-missing");
    assert_eq!(diagnosis["complete"], false, "a file was no log");
    assert_eq!(diagnosis["incidents"].as_array().map(Vec::len), Some(1));
    let time = |answer: &Value| answer["diagnosis"]["window"].to_string();
    assert!(time(&answer).contains("09:31:20"), "{}", time(&answer));
    let utc = ok(&request(Value::Null));
    assert!(time(&utc).contains("11:31:20"), "{}", time(&utc));
    let words = refused(&request(json!(90_000)));
    assert!(words.contains("zone_offset"), "{words}");
}

#[test]
fn explain() {
    let page = ok(&json!({"op": "explain", "id": "read-timeout-zero"}));
    assert_eq!(page["title"], "read-timeout-zero");
    let text = page["markdown"].as_str().expect("text");
    assert!(text.starts_with("timeouts · "), "{text}");
    let both = ok(&json!({"op": "explain", "id": "protocol-mixup"}));
    let text = both["markdown"].as_str().expect("text");
    assert!(text.contains("\n# protocol-mixup\n"), "{text}");
    assert_eq!(
        refused(&json!({"op": "explain", "id": "q"})),
        "there is no rule and no cause `q`"
    );
}
