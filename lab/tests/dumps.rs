//! The dumps of the real servers: what is found in them is what is found in the files.

use std::process::{Command, Stdio};

use serde_json::Value;

use lab::program;
use lab::scratch::Scratch;

/// Output of a server's own dump, both streams.
fn dump(program: &std::path::Path, args: &[&str]) -> (String, String) {
    let output = Command::new(program).args(args).output();
    let output = output.expect("the server runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the dump is text");
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(
        output.status.success(),
        "{} refused: {err}",
        program.display()
    );
    (out, err)
}

/// A folder whose paths are texts.
struct Folder(Scratch);

impl Folder {
    fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: String) -> String {
        self.0.write(name, text).display().to_string()
    }
}

/// Standard output of a run that exits so.
fn run(args: &[&str], code: i32) -> String {
    let output = program::run(args);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{err}");
    String::from_utf8(output.stdout).expect("the output is text")
}

fn nginx_dump(conf: &str) -> (String, String) {
    dump(lab::nginx::binary(), &["-T", "-c", conf])
}

fn fpm_dump(conf: &str) -> String {
    dump(&lab::php::fpm_binary(), &["-tt", "-y", conf]).1
}

/// A stack in several files, which both servers take.
struct Stack {
    folder: Folder,
    nginx: String,
    fpm: String,
}

fn stack() -> Stack {
    let folder = Folder(Scratch::new("dumps"));
    let (root, sock) = (folder.at(""), folder.at("fpm.sock"));
    let nginx = format!(
        "error_log {root}error.log;\npid {root}nginx.pid;\nevents {{}}\nhttp {{\n    access_log off;\n    \
         include sites/*.conf;\n}}\n"
    );
    let site = format!(
        "# the shop\n\nserver {{\n    listen 127.0.0.1:18080;\n    root /srv;\n    location ~ \\.php$ {{\n        \
         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n        \
         fastcgi_read_timeout 20s;\n        fastcgi_pass unix:{sock};\n    }}\n}}\n"
    );
    let fpm = format!(
        "[global]\nerror_log = {root}fpm.log\n[www]\nuser = www-data\nlisten = {sock}\npm = static\n\
         pm.max_children = 5\nrequest_terminate_timeout = 40s\n"
    );
    folder.write("sites/a.conf", site);
    let nginx = folder.write("nginx.conf", nginx);
    let fpm = folder.write("php-fpm.conf", fpm);
    Stack { folder, nginx, fpm }
}

fn report(args: &[&str]) -> Value {
    let args = [&["check", "--strict", "--format", "json"], args].concat();
    let text = run(&args, 1);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Rule, file and line of each finding whose place is in one of nginx's files.
fn places_in_nginx(report: &Value) -> Vec<(String, String, u64)> {
    let findings = report["findings"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut places: Vec<_> = findings
        .iter()
        .map(|finding| {
            let place = &finding["primary"];
            let line = place["line"].as_u64().expect("a line");
            (text(&finding["rule"]), text(&place["path"]), line)
        })
        .filter(|(_, path, _)| path.contains("nginx.conf") || path.contains("sites/"))
        .collect();
    places.sort();
    places
}

#[test]
fn a_dump_of_nginx_gives_the_files_and_lines_of_the_files() {
    let stack = stack();
    let (out, err) = nginx_dump(&stack.nginx);
    let by_files = report(&[&stack.nginx, &stack.fpm]);
    let wanted = places_in_nginx(&by_files);
    let site = (
        "read-timeout-below-terminate".to_owned(),
        stack.folder.at("sites/a.conf"),
        8,
    );
    assert!(wanted.contains(&site), "{wanted:#?}");
    // Both streams together, as `2>&1` gives them, and the dump alone.
    for (name, text) in [("both.txt", format!("{err}{out}")), ("out.txt", out)] {
        let dump = stack.folder.write(name, text);
        let by_dump = report(&[&dump, &stack.fpm]);
        assert_eq!(by_dump["problems"], by_files["problems"], "{name}");
        assert_eq!(places_in_nginx(&by_dump), wanted, "{name}");
    }
    let dump = std::fs::File::open(stack.folder.at("both.txt")).expect("just written");
    let output = Command::new(program::badgateway())
        .args(["check", "-", &stack.fpm])
        .stdin(Stdio::from(dump))
        .output()
        .expect("badgateway runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let place = format!("{}:8:9", stack.folder.at("sites/a.conf"));
    for part in [
        "error[read-timeout-below-terminate]",
        &place,
        "taken from standard input",
    ] {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }
}

#[test]
fn a_dump_of_fpm_holds_the_same_limits() {
    let stack = stack();
    let dump = stack.folder.write("fpm.txt", fpm_dump(&stack.fpm));
    let limits = |inputs: &[&str]| -> Vec<(Value, Value)> {
        let args = [&["chain", "--format", "json"], inputs].concat();
        let chain: Value = serde_json::from_str(&run(&args, 0)).expect("JSON");
        let ladders = chain["ladders"].as_array().expect("a list");
        assert_eq!(ladders.len(), 1, "{chain:#}");
        let rungs = ladders[0]["rungs"].as_array().expect("a list");
        let pair = |rung: &Value| (rung["name"].clone(), rung["limit"].clone());
        rungs.iter().map(pair).collect()
    };
    assert_eq!(
        limits(&[&stack.nginx, &dump]),
        limits(&[&stack.nginx, &stack.fpm])
    );
    let by_dump = report(&[&stack.nginx, &dump]);
    let by_files = report(&[&stack.nginx, &stack.fpm]);
    assert_eq!(by_dump["problems"], by_files["problems"]);
    assert_eq!(places_in_nginx(&by_dump), places_in_nginx(&by_files));
}
