//! The module that a page loads, run in Node: it imports nothing, names no path of this machine,
//! survives its own end, and says byte for byte what the same code says natively and what the
//! command line prints.

mod asking;
mod corpus;
mod node;
mod speed;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use lab::program::badgateway;
use lab::scratch::Scratch;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use corpus::{Case, fixtures, loose, stories};
use node::{asking_module, module, node, node_with, root};

#[test]
fn it_can_reach_nothing() {
    reaches_nothing(module());
    reaches_nothing(&asking_module());
}

fn reaches_nothing(module: &Path) {
    let [about] = node_with(module, "describe", &[])
        .try_into()
        .expect("one answer");
    let about: Value = serde_json::from_slice(&about).expect("JSON");
    assert_eq!(about["imports"], json!([]));
    let wanted = ["alloc", "call", "free", "memory"];
    let exports = about["exports"].as_array().expect("a list");
    let exports: Vec<_> = exports.iter().filter_map(Value::as_str).collect();
    let ours = exports.into_iter().filter(|name| !name.starts_with("__"));
    assert_eq!(ours.collect::<Vec<_>>(), wanted);
}

/// The same sources give the same module on every machine, and it does not tell which.
#[test]
fn it_names_no_path_of_this_machine() {
    names_no_path(module());
    names_no_path(&asking_module());
}

fn names_no_path(module: &Path) {
    let bytes = fs::read(module).expect("it was built");
    let home = std::env::home_dir().expect("a home");
    let cargo = std::env::var("CARGO_HOME").unwrap_or_default();
    let cache = std::env::var("XDG_CACHE_HOME").unwrap_or_default();
    let home = |name: &str| home.join(name).display().to_string();
    let places = [
        root().display().to_string(),
        cargo,
        cache,
        home(".cargo"),
        home(".cache"),
        home(".rustup"),
        ".cargo/".to_owned(),
        "registry/src".to_owned(),
        "toolchain-".to_owned(),
    ];
    for place in places.iter().filter(|place| !place.is_empty()) {
        let place = place.as_bytes();
        let found = bytes.windows(place.len()).position(|text| text == place);
        let around =
            found.map(|at| String::from_utf8_lossy(&bytes[at..][..120.min(bytes.len() - at)]));
        assert_eq!(around, None);
    }
}

#[test]
fn a_trap_ends_one_instance_only() {
    let [trapped, about] = node("trap", &[]).try_into().expect("two answers");
    assert_eq!(String::from_utf8_lossy(&trapped), "trapped");
    assert_eq!(about, wasm::answer(br#"{"op": "about"}"#));
}

/// Asks both, and compares.
fn agree(requests: &[(String, Value)]) {
    agree_with(module(), requests);
}

fn agree_with(module: &Path, requests: &[(String, Value)]) {
    let lines: Vec<String> = requests
        .iter()
        .map(|(_, request)| request.to_string())
        .collect();
    let theirs = node_with(module, "ask", &lines);
    assert_eq!(theirs.len(), lines.len(), "an answer for each request");
    let mut differ = Vec::new();
    for (((name, _), line), theirs) in requests.iter().zip(&lines).zip(theirs) {
        let ours = wasm::answer(line.as_bytes());
        if ours != theirs {
            let at = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            let show = |bytes: &[u8]| {
                let from = &bytes[at.saturating_sub(80).min(bytes.len())..];
                String::from_utf8_lossy(&from[..from.len().min(160)]).into_owned()
            };
            differ.push(format!(
                "{name}:\n native {}\n module {}",
                show(&ours),
                show(&theirs)
            ));
        }
    }
    assert!(
        differ.is_empty(),
        "{} differ:\n{}",
        differ.len(),
        differ.join("\n")
    );
}

fn request(op: &str, case: &Case, more: &Value) -> (String, Value) {
    let mut request = json!({"op": op, "files": case.files()});
    let more = more.as_object().expect("an object").clone();
    request.as_object_mut().expect("an object").extend(more);
    (format!("{op} {}", case.name), request)
}

#[test]
fn configurations_are_judged_alike() {
    let mut requests = Vec::new();
    for case in fixtures().iter().chain(&loose()) {
        requests.push(request("check", case, &json!({"strict": true})));
        requests.push(request("open", case, &json!({})));
    }
    agree(&requests);
}

#[test]
fn edits_are_alike() {
    let mut requests = Vec::new();
    for case in &fixtures() {
        requests.push(request("fix", case, &json!({"unsafe": true})));
    }
    for case in &loose() {
        requests.push(request("fix", case, &json!({"request_time": "90s"})));
    }
    agree(&requests);
}

#[test]
fn secrets_are_hidden_and_put_back_alike() {
    let mut requests = Vec::new();
    for case in fixtures().iter().chain(&loose()) {
        let redact = request("redact", case, &json!({"identity": true}));
        let answer = wasm::answer(redact.1.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let restore = json!({"op": "restore", "files": answer["files"], "map": answer["map"]});
        requests.push(redact);
        requests.push((format!("restore {}", case.name), restore));
    }
    agree(&requests);
}

#[test]
fn logs_are_diagnosed_alike() {
    let mut requests = Vec::new();
    for (case, logs) in &stories() {
        for zone in [json!(7200), Value::Null] {
            let more = json!({
                "logs": logs, "zone_offset": zone, "now": 1_795_000_000_000_i64, "incidents": true,
            });
            requests.push(request("diagnose", case, &more));
        }
    }
    agree(&requests);
}

#[test]
fn pages_and_refusals_are_alike() {
    let rules = rules::all().iter().map(|rule| rule.id);
    let causes = diagnose::causes::ALL.iter().map(|cause| cause.id);
    let mut requests: Vec<(String, Value)> = rules
        .chain(causes)
        .map(|id| (id.to_owned(), json!({"op": "explain", "id": id})))
        .collect();
    for wrong in [
        json!({}),
        json!([]),
        json!({"op": "about", "more": 1}),
        json!({"op": "explain", "id": "read-timeout"}),
        json!({"op": "check", "files": [{"path": "a"}]}),
        json!({"op": "apply", "edits": [], "files": [{"path": "a", "base64": "?"}]}),
    ] {
        requests.push((wrong.to_string(), wrong));
    }
    agree(&requests);
}

/// The documents inside an answer, as they stand there.
#[derive(Deserialize)]
struct Documents<'a> {
    #[serde(borrow)]
    report: Option<&'a RawValue>,
    #[serde(borrow)]
    chain: Option<&'a RawValue>,
    #[serde(borrow)]
    diagnosis: Option<&'a RawValue>,
    #[serde(borrow)]
    map: Option<&'a RawValue>,
}

/// What the command line prints, without the line feed at its end.
fn printed(args: &[&str]) -> String {
    let output = Command::new(badgateway())
        .args(args)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .expect("badgateway runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!text.is_empty(), "{said}");
    text.trim_end().to_owned()
}

/// A page that is given the files of a system says what the command line says of its root.
#[test]
fn documents_are_those_of_the_command_line() {
    for case in &fixtures() {
        let scratch = Scratch::new("wasm");
        let root = scratch.path().display().to_string();
        let files = case.files.iter().map(|(path, bytes)| {
            scratch.write(path.trim_start_matches('/'), bytes);
            (format!("{root}{path}"), bytes.clone())
        });
        let there = Case {
            name: case.name.clone(),
            files: files.collect(),
        };
        let (name, request) = request("check", &there, &json!({"strict": true}));
        let answer = wasm::answer(request.to_string().as_bytes());
        let ours: Documents<'_> = serde_json::from_slice(&answer).expect("JSON");
        let args = ["--format", "json", "--root", &root, "--facts", "none"];
        // A file that is missing has no name in a page.
        let plain = |text: &str| text.replace(&root, "");
        let check = printed(&[&["check", "--strict"], &args[..]].concat());
        let report = ours.report.expect("a report");
        assert_eq!(plain(report.get()), plain(&check), "{name}");
        let chain = printed(&[&["chain"], &args[..]].concat());
        assert_eq!(
            plain(ours.chain.expect("ladders").get()),
            plain(&chain),
            "{name}"
        );
    }
}

/// Texts and the way back, byte for byte.
#[test]
fn what_is_hidden_is_what_the_command_line_hides() {
    for case in loose().iter().filter(|case| !case.files.is_empty()) {
        let scratch = Scratch::new("wasm");
        for (path, bytes) in &case.files {
            scratch.write(path, bytes);
        }
        let mut args = vec![
            "redact",
            "--identity",
            "--map",
            "map.json",
            "--write",
            "out",
        ];
        args.extend(case.files.keys().map(String::as_str));
        let output = Command::new(badgateway())
            .args(&args)
            .current_dir(scratch.path())
            .output()
            .expect("badgateway runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", case.name);
        let (name, request) = request("redact", case, &json!({"identity": true}));
        let answer = wasm::answer(request.to_string().as_bytes());
        let ours: Documents<'_> = serde_json::from_slice(&answer).expect("JSON");
        let map = fs::read_to_string(scratch.path().join("map.json")).expect("a map");
        assert_eq!(ours.map.expect("a map").get(), map.trim_end(), "{name}");
        let ours: Value = serde_json::from_slice(&answer).expect("JSON");
        for shown in ours["files"].as_array().expect("a list") {
            let path = shown["path"].as_str().expect("a path");
            let theirs = fs::read(scratch.path().join("out").join(path)).expect("it was written");
            assert_eq!(*shown, corpus::file(path, &theirs), "{name}");
        }
    }
}

#[test]
fn a_diagnosis_is_that_of_the_command_line() {
    for (case, logs) in &stories() {
        let scratch = Scratch::new("wasm");
        let mut named = Vec::new();
        for log in logs.as_array().expect("a list") {
            let (name, text) = (log["path"].as_str(), log["text"].as_str());
            let path = scratch.write(name.expect("a name"), text.expect("text"));
            named.push(path.display().to_string());
        }
        let mut args = vec![
            "diagnose",
            "--format",
            "json",
            "--incidents",
            "--timezone",
            "+02:00",
        ];
        args.extend(named.iter().map(String::as_str));
        let mut asked = logs.clone();
        for (log, path) in asked.as_array_mut().expect("a list").iter_mut().zip(&named) {
            log["path"] = json!(path);
        }
        let alone = Case {
            name: case.name.clone(),
            files: Default::default(),
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = u64::try_from(now.expect("after 1970").as_millis()).expect("soon enough");
        let more = json!({"logs": asked, "zone_offset": 7200, "now": now, "incidents": true});
        let (name, request) = request("diagnose", &alone, &more);
        let answer = wasm::answer(request.to_string().as_bytes());
        let ours: Documents<'_> = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(
            ours.diagnosis.expect("a diagnosis").get(),
            printed(&args),
            "{name}"
        );
    }
}
