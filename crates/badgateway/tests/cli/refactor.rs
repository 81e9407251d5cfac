//! `refactor` without anybody to ask: what it says, what it shows, and that it sends nothing. The
//! servers and the models are in the lab.

use std::fs;

use crate::run::{Answer, Folder, POOL, answer, program, system};

const BAD: &str = "fastcgi_param DB_PASSWORD hunter2-Zq81; fastcgi_read_timeout 20s;";

fn bad() -> Folder {
    system(BAD, POOL, "max_execution_time = 10\n")
}

fn refactor(folder: &Folder, args: &[&str]) -> Answer {
    let root = folder.at("");
    let all = [&["refactor", "--root", &root], args].concat();
    answer(
        program()
            .env("BADGATEWAY_STATE", folder.at("state"))
            .args(all),
    )
}

#[test]
fn without_a_provider_it_is_the_fixer() {
    let folder = bad();
    let answer = refactor(&folder, &[])
        .exits(1)
        .says("no language model was chosen")
        .says("badgateway, safe [read-timeout-below-terminate]")
        .says("shown, not written");
    assert!(
        answer.out.contains("fastcgi_read_timeout 45s;"),
        "{}",
        answer.out
    );
    assert!(!answer.all().contains("hunter2"), "{}", answer.all());
    refactor(&folder, &["--write", "--no-verify"]).exits(0);
    let text = fs::read_to_string(folder.at("etc/nginx/nginx.conf")).expect("it is there");
    assert!(
        text.contains("hunter2-Zq81; fastcgi_read_timeout 45s;"),
        "{text}"
    );
    refactor(&folder, &[]).exits(0).says("nothing to edit");
}

#[test]
fn a_request_is_shown_and_not_sent() {
    let folder = bad();
    for provider in ["anthropic", "openai", "gemini", "openrouter"] {
        let args = ["--provider", provider, "--model", "m-1", "--show-request"];
        let answer = refactor(&folder, &args).exits(0).says("nothing was sent");
        assert!(answer.out.starts_with("POST https://"), "{}", answer.out);
        assert!(answer.out.contains("(your key)"), "{}", answer.out);
        assert!(answer.out.contains("BGSECRET_001"), "{}", answer.out);
        assert!(!answer.out.contains("hunter2"), "{}", answer.out);
        assert!(!answer.out.contains("shop.example"), "{}", answer.out);
        let shown = refactor(&folder, &[&args[..], &["--no-identity"]].concat()).exits(0);
        assert!(shown.out.contains("shop.example"), "{}", shown.out);
    }
}

#[test]
fn rules_of_the_users_own_hide_more() {
    let folder = system(
        &format!("{BAD} # ticket OPS-4711 by plum"),
        POOL,
        "max_execution_time = 10\n",
    );
    let rules =
        "[[rules]]\nid = \"ticket\"\ndescription = \"a ticket\"\nregex = '''OPS-[0-9]+'''\n";
    let rules = folder.write("rules.toml", rules);
    let show = ["--provider", "local", "--show-request"];
    assert!(refactor(&folder, &show).exits(0).out.contains("OPS-4711"));
    let hidden = refactor(&folder, &[&show[..], &["--hide-rules", &rules]].concat()).exits(0);
    assert!(!hidden.out.contains("OPS-4711"), "{}", hidden.out);
}

#[test]
fn wrong_arguments() {
    let folder = bad();
    for (args, words) in [
        (&["--provider", "openai"][..], "--model"),
        (&["--provider", "nobody"], "nobody"),
        (&["--show-request"], "--provider"),
        (&["--provider", "local", "--model", "a b"], "--model"),
        (
            &["--provider", "local", "--base-url", "http://example.com"],
            "--base-url",
        ),
        (
            &["--provider", "local", "--base-url", "https://a@b"],
            "--base-url",
        ),
        (&["--provider", "local", "--timeout", "soon"], "--timeout"),
        (&["--rule", "no-such-rule"], "no-such-rule"),
        (
            &["--provider", "local", "--yes", "--show-request"],
            "cannot be used",
        ),
        (
            &[
                "--provider",
                "openai",
                "--model",
                "m",
                "--yes",
                "--key-file",
                "/no/such",
            ],
            "--key-file",
        ),
        (&["--hide-rules", "/no/such"], "/no/such"),
    ] {
        refactor(&folder, args).exits(2).says(words);
    }
}

#[test]
fn a_key_is_no_argument() {
    let folder = bad();
    for args in [["--key", "sk-x"], ["--api-key", "sk-x"]] {
        refactor(&folder, &args)
            .exits(2)
            .says("unexpected argument");
    }
}

#[test]
fn what_a_server_would_refuse_is_for_a_person() {
    let folder = bad();
    let text = fs::read_to_string(folder.at("etc/nginx/nginx.conf")).expect("it is there");
    folder.write(
        "etc/nginx/nginx.conf",
        text.replace("events {}", "events {"),
    );
    refactor(&folder, &["--provider", "local", "--show-request"])
        .exits(2)
        .says("a server would refuse");
}

#[test]
fn as_a_document() {
    let answer = refactor(&bad(), &["--format", "json"]).exits(1);
    let json: serde_json::Value = serde_json::from_str(&answer.out).expect("it is JSON");
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["provider"], serde_json::Value::Null);
    assert_eq!(json["changes"][0]["rule"], "read-timeout-below-terminate");
    assert_eq!(json["accepted"], serde_json::json!([]));
}
