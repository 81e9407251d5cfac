//! `fix` as a user meets it. That the real servers take the result is shown in the lab.

use std::fs;
use std::process::Stdio;

use crate::run::{Answer, Folder, POOL, answer, example, program, run, system};

const BAD: &str = "fastcgi_read_timeout 20s; # as it was";

fn bad() -> Folder {
    system(BAD, POOL, "max_execution_time = 10\n")
}

fn fix(folder: &Folder, args: &[&str]) -> Answer {
    let root = folder.at("");
    let state = folder.at("state");
    let all = [&["fix", "--root", &root], args].concat();
    answer(program().env("BADGATEWAY_STATE", state).args(all))
}

fn nginx_conf(folder: &Folder) -> String {
    fs::read_to_string(folder.at("etc/nginx/nginx.conf")).expect("it is there")
}

#[test]
fn shows_a_diff_and_writes_nothing() {
    let folder = bad();
    let before = nginx_conf(&folder);
    let answer = fix(&folder, &[]).exits(1);
    assert!(
        answer
            .out
            .contains("-            fastcgi_read_timeout 20s; # as it was\n"),
        "{}",
        answer.out
    );
    assert!(
        answer
            .out
            .contains("+            fastcgi_read_timeout 45s; # as it was\n"),
        "{}",
        answer.out
    );
    assert!(
        answer.err.contains("safe [read-timeout-below-terminate]"),
        "{}",
        answer.err
    );
    assert_eq!(nginx_conf(&folder), before);
    assert!(!folder.path().join("state").exists());
}

#[test]
fn writes_when_asked() {
    let folder = bad();
    let before = nginx_conf(&folder);
    fix(&folder, &["--write", "--no-verify"])
        .exits(0)
        .says("written: 1 file;");
    assert_eq!(nginx_conf(&folder), before.replace("20s", "45s"));
    fix(&folder, &["--write", "--no-verify"])
        .exits(0)
        .says("nothing to edit");
    run(&["check", "--root", &folder.at("")]).exits(0);
}

/// What `patch` makes of the diff is what `--write` writes.
#[test]
fn the_diff_can_be_applied() {
    let [shown, written] = [bad(), bad()];
    let diff = fix(&shown, &[]).out;
    let mut child = std::process::Command::new("patch")
        .args(["-s", "-p1", "-d", "/"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("patch IS MISSING. Install it: apt-get install -y patch");
    let mut stdin = child.stdin.take().expect("it has one");
    std::io::Write::write_all(&mut stdin, diff.as_bytes()).expect("patch reads");
    drop(stdin);
    assert!(child.wait().expect("patch ends").success(), "{diff}");
    fix(&written, &["--write", "--no-verify"]).exits(0);
    assert_eq!(nginx_conf(&shown), nginx_conf(&written));
}

#[test]
fn unsafe_edits_are_asked_for_and_labelled() {
    let folder = system("", &POOL.replace("40s", "0"), "max_execution_time = 30\n");
    fix(&folder, &[]).exits(0).says("nothing to edit");
    fix(&folder, &["--unsafe"])
        .exits(1)
        .says("unsafe [terminate-timeout-off]");
}

#[test]
fn a_request_time_is_a_time() {
    let folder = bad();
    for text in ["soon", "0", "10ms", "-5s", ""] {
        fix(&folder, &["--request-time", text]).exits(2);
    }
    let answer = fix(&folder, &["--request-time", "90s"]).exits(1);
    for part in [
        "+max_execution_time = 90",
        "+request_terminate_timeout = 95s",
        "fastcgi_read_timeout 100s",
    ] {
        assert!(answer.out.contains(part), "no {part} in\n{}", answer.out);
    }
}

#[test]
fn arguments_that_make_no_sense() {
    run(&["fix", "--rule", "no-such-rule"])
        .exits(2)
        .says("no-such-rule");
    run(&["fix", "--backup"]).exits(2);
    run(&["fix", "--no-verify"]).exits(2);
    run(&["fix", "--recover", "--write"]).exits(2);
    run(&["fix", "/no/such/file"]).exits(2);
}

#[test]
fn as_a_filter() {
    let text = crate::run::nginx("fastcgi_read_timeout 0;");
    let folder = Folder::new();
    let file = folder.write("in", &text);
    let file = fs::File::open(file).expect("just written");
    let answer = answer(program().args(["fix", "-"]).stdin(Stdio::from(file)));
    assert_eq!(
        answer.out,
        text.replace("fastcgi_read_timeout 0;", "fastcgi_read_timeout 60s;")
    );
}

/// A dump is shown with the paths of the files behind it, and never written.
#[test]
fn a_dump_is_not_written() {
    let folder = Folder::new();
    let text = crate::run::nginx(BAD);
    let dump = folder.write(
        "dump.txt",
        format!("# configuration file /etc/nginx/nginx.conf:\n{text}\n"),
    );
    let pool = folder.write("php-fpm.conf", format!("[global]\n{POOL}"));
    let shown = run(&["fix", &dump, &pool]).exits(1);
    assert!(
        shown.out.contains("+++ b/etc/nginx/nginx.conf"),
        "{}",
        shown.out
    );
    run(&["fix", "--write", &dump, &pool])
        .exits(2)
        .says("nothing was written");
}

/// Nothing is written while something could not be read.
#[test]
fn what_was_not_read_is_not_edited() {
    let folder = bad();
    let text = nginx_conf(&folder).replace("http {", "http {\n    include missing.conf;");
    folder.write("etc/nginx/nginx.conf", &text);
    fix(&folder, &["--write", "--no-verify"])
        .exits(2)
        .says("missing.conf");
    assert_eq!(nginx_conf(&folder), text);
}

#[test]
fn no_secret_is_in_a_diff() {
    let inside = "fastcgi_param DB_PASSWORD cnry-fix-01;\n            fastcgi_read_timeout 20s;\n            \
                  # token = cnry-fix-02";
    let pool = format!("{POOL}env[API_KEY] = cnry-fix-03\n").replace("40s", "0");
    let folder = system(
        inside,
        &pool,
        "mysqli.default_pw = cnry-fix-04\nmax_execution_time = 0\n",
    );
    for args in [
        &["--unsafe"][..],
        &["--unsafe", "--format", "json"],
        &["--unsafe", "--write", "--no-verify"],
    ] {
        let args = [args, &["--request-time", "30s"]].concat();
        let all = fix(&folder, &args).all();
        assert!(
            all.contains("fastcgi_read_timeout") && !all.contains("cnry"),
            "{all}"
        );
        if args.contains(&"--write") {
            assert!(
                nginx_conf(&folder).contains("cnry-fix-01"),
                "the file keeps it"
            );
        }
    }
}

#[test]
fn for_programs() {
    let root = example().display().to_string();
    let answer = run(&["fix", "--root", &root, "--unsafe", "--format", "json"]).exits(1);
    let json: serde_json::Value = serde_json::from_str(&answer.out).expect("it is JSON");
    assert_eq!(json["schema_version"], 1);
    let changes = json["changes"].as_array().expect("changes");
    assert!(changes.len() >= 4 && changes.iter().all(|c| c["title"].is_string()));
    assert!(
        json["files"][0]["diff"]
            .as_str()
            .expect("a diff")
            .starts_with("--- a/")
    );
}

/// Findings carry their edits, for editors and code scanning.
#[test]
fn findings_carry_their_edits() {
    let folder = bad();
    let report = run(&["check", "--root", &folder.at(""), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report.out).expect("it is JSON");
    let fix = &report["findings"][0]["fix"];
    assert_eq!(fix["applicability"], "safe", "{report:#}");
    assert_eq!(fix["edits"][0]["text"], "45s", "{report:#}");
    let sarif = run(&["check", "--root", &folder.at(""), "--format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.out).expect("it is JSON");
    let fixes = &sarif["runs"][0]["results"][0]["fixes"];
    assert!(fixes[0]["artifactChanges"].is_array(), "{sarif:#}");
}
