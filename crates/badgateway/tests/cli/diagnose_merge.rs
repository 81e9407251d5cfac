//! Saved states: merging the parts says what reading all at once says.

use std::fs;

use serde_json::Value;

use crate::log_lines::{
    ERROR_LOG, RESET, SOCKET_MISSING, causes, diagnose, diagnosed, evidence, source, too_big, valid,
};
use crate::run::{Answer, Folder, run};

fn merged(args: &[&str]) -> Value {
    valid(&merge(args))
}

fn merge(args: &[&str]) -> Answer {
    run(&[&["merge", "--format", "json"], args].concat())
}

/// Reads each part by itself, and all at once: the answers must be the same.
fn assert_same(parts: &[&[&str]]) -> Value {
    let folder = Folder::new();
    let mut states = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        let state = folder.at(&format!("{n}.json"));
        let (_, code) = diagnosed(&[part, &["--state", &state][..]].concat());
        assert!(code < 3);
        states.push(state);
    }
    let all: Vec<&str> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    let whole_state = folder.at("whole.json");
    let with_state = [all.as_slice(), &["--state", &whole_state, "--incidents"]].concat();
    let (whole, code) = diagnosed(&with_state);
    for turned in [false, true] {
        let mut states: Vec<&str> = states.iter().map(String::as_str).collect();
        if turned {
            states.reverse();
        }
        let again = folder.at("again.json");
        let args = [states.as_slice(), &["--incidents", "--state", &again]].concat();
        let answer = merge(&args).exits(code);
        let merged = valid(&answer);
        assert_eq!(merged["groups"], whole["groups"], "{merged:#}\n{whole:#}");
        assert_eq!(merged["incidents"], whole["incidents"]);
        assert_eq!(merged["window"], whole["window"]);
        assert_eq!(merged["timeline"], whole["timeline"]);
        assert_eq!(merged["sources"], whole["sources"]);
        let files = [&again, &whole_state].map(|file| fs::read(file).expect("it was written"));
        assert!(files[0] == files[1], "the saved states differ");
    }
    whole
}

#[test]
fn the_parts_of_one_host() {
    let folder = evidence();
    let at = |name: &str| folder.at(name);
    let (error, access) = (at("error.log"), at("access.log"));
    let (fpm, fpm_access) = (at("fpm.log"), at("fpm-access.log"));
    let whole = assert_same(&[&[&error, &fpm], &[&access, &fpm_access]]);
    assert_eq!(causes(&whole), [("header-too-big".to_owned(), 1)]);
    assert_same(&[&[&error], &[&access], &[&fpm], &[&fpm_access]]);
}

#[test]
fn many_failures() {
    let folder = Folder::new();
    let part = |from: u32| -> String {
        let lines = (from..from + 3_000).map(|n| {
            let at = format!("11:{:02}:{:02}", n / 60 % 60, n % 60);
            let line = too_big(&at, n).replace("n=4", &format!("n={n}"));
            match n % 3 {
                0 => line,
                1 => RESET
                    .replace("11:40:00", &at)
                    .replace("*7", &format!("*{n}")),
                _ => SOCKET_MISSING.replace("11:32:06", &at),
            }
        });
        lines.collect()
    };
    let a = folder.write("a.log", part(1));
    let b = folder.write("b.log", part(4_000));
    let whole = assert_same(&[&[&a], &[&b]]);
    let sum: u64 = causes(&whole).iter().map(|(_, count)| count).sum();
    assert_eq!(sum, 6_000);
}

/// Two machines whose logs have the same names.
#[test]
fn hosts_are_told_apart() {
    let folder = Folder::new();
    let log = folder.write("error.log", ERROR_LOG);
    let (one, two) = (folder.at("one.json"), folder.at("two.json"));
    diagnose(&[&log, "--state", &one, "--host", "web1"]).exits(1);
    folder.write("error.log", SOCKET_MISSING);
    diagnose(&[&log, "--state", &two, "--host", "web2"]).exits(1);
    let value = merged(&[&one, &two]);
    assert_eq!(causes(&value).len(), 2, "{value:#}");
    let names: Vec<_> = value["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .collect();
    assert_eq!(names.len(), 2, "{value:#}");
    let names = names.iter().filter_map(|s| s["file"].as_str());
    assert!(
        names.clone().any(|name| name == format!("web1:{log}")),
        "{value:#}"
    );
    assert!(
        names.clone().any(|name| name == format!("web2:{log}")),
        "{value:#}"
    );
}

/// A merged state is merged again.
#[test]
fn merging_in_steps() {
    let folder = evidence();
    folder.write("other.log", RESET);
    let mut states = Vec::new();
    for name in ["error.log", "access.log", "other.log"] {
        let state = folder.at(&format!("{name}.json"));
        diagnosed(&[&folder.at(name), "--state", &state]);
        states.push(state);
    }
    let step = folder.at("step.json");
    merge(&[&states[0], &states[1], "--state", &step]);
    let at_once = merged(&[&states[0], &states[1], &states[2]]);
    assert_eq!(merged(&[&step, &states[2]])["groups"], at_once["groups"]);
}

#[test]
fn outputs_of_merge() {
    let folder = evidence();
    let (state, page) = (folder.at("a.json"), folder.at("page.html"));
    diagnose(&[&folder.at(""), "--state", &state]).exits(1);
    run(&["merge", &state, "--html", &page])
        .exits(1)
        .says("/big.php");
    run(&["merge", &state, "--stats"])
        .exits(1)
        .says("error.log");
    assert!(
        fs::read_to_string(page)
            .expect("it was written")
            .contains("/big.php")
    );
    let value = merged(&[&state]);
    assert_eq!(source(&value, "/access.log")["kind"], "nginx-access");
}

#[test]
fn states_that_are_none() {
    let folder = evidence();
    let good = folder.at("good.json");
    diagnose(&[&folder.at("error.log"), "--state", &good]).exits(1);
    let text = fs::read_to_string(&good).expect("it was written");
    let bad = [
        ("empty.json", String::new()),
        ("half.json", text[..text.len() / 2].to_owned()),
        ("other.json", "{\"kind\": \"diagnosis\"}".to_owned()),
        ("list.json", "[]".to_owned()),
        (
            "later.json",
            text.replace("badgateway-state-1", "badgateway-state-9"),
        ),
        (
            "words.json",
            text.replace("\"words\":[{", "\"words\":[],\"x\":[{"),
        ),
        ("level.json", text.replace("\"level\":0", "\"level\":99")),
        ("deep.json", "[".repeat(100_000)),
        ("log.json", ERROR_LOG.to_owned()),
    ];
    for (name, text) in bad {
        let file = folder.write(name, text);
        run(&["merge", &file]).exits(2).says(name);
        let answer = merge(&[&good, &file]).exits(2).says(name);
        let value = valid(&answer);
        assert_eq!(causes(&value), [("header-too-big".to_owned(), 1)], "{name}");
    }
    run(&["merge", &folder.at("none.json")])
        .exits(2)
        .says("none.json");
    run(&["merge", &folder.at("")]).exits(2);
    run(&["merge"]).exits(2);
    folder.pipe("pipe");
    run(&["merge", &folder.at("pipe")]).exits(2).says("pipe");
    run(&["merge", "/dev/zero"]).exits(2).says("/dev/zero");
}

/// An edited state says nothing that a terminal or a browser takes for an order.
#[test]
fn a_state_with_orders_in_it() {
    let folder = evidence();
    let (state, page) = (folder.at("a.json"), folder.at("page.html"));
    diagnose(&[&folder.at(""), "--state", &state]).exits(1);
    let text = fs::read_to_string(&state).expect("it was written");
    let evil = "\\u001b[31m<script>alert(1)</script>\\u0007";
    for (from, to) in [
        ("/big.php", "/big.php§"),
        ("error.log", "error.log§"),
        ("nginx-error", "nginx-error§"),
        ("\"zone\":\"", "\"zone\":\"§"),
        ("\"zone_how\":\"", "\"zone_how\":\"§"),
        ("too big header", "too big header§"),
    ] {
        let edited = text.replace(from, &to.replace('§', evil));
        assert!(edited != text, "no {from} in {text}");
        let edited = folder.write("edited.json", edited);
        for more in [&["--format", "json"][..], &["--stats"], &[]] {
            let args = [
                &["merge", "--color", "never", &edited, "--html", &page],
                more,
            ]
            .concat();
            let answer = run(&args);
            let html = fs::read_to_string(&page).expect("it was written");
            for text in [&answer.out, &answer.err, &html] {
                assert!(!text.contains(['\x1b', '\x07']), "{from}: {text:?}");
            }
            assert!(!html.contains("<script>alert"), "{from}: {html}");
        }
    }
}

/// Numbers of an edited state may be anything.
#[test]
fn a_state_with_huge_numbers() {
    let folder = evidence();
    let state = folder.at("a.json");
    diagnose(&[&folder.at(""), "--state", &state]).exits(1);
    let text = fs::read_to_string(&state).expect("it was written");
    for (from, to) in [
        ("\"count\":1", "\"count\":18446744073709551615"),
        ("\"lines\":", "\"lines\":9999999999999999"),
        ("\"bytes\":", "\"bytes\":9999999999999999"),
        ("\"time\":1", "\"time\":9223372036854775807,\"x\":1"),
        ("\"time\":1", "\"time\":-9223372036854775808,\"x\":1"),
        ("\"first\":1", "\"first\":-9223372036854775808,\"x\":1"),
        ("\"last\":1", "\"last\":9223372036854775807,\"x\":1"),
    ] {
        let edited = text.replace(from, to);
        assert!(edited != text, "no {from} in {text}");
        let edited = folder.write("edited.json", edited);
        for args in [&[edited.as_str()][..], &[&edited, &state]] {
            let answer = run(&[&["merge"], args].concat());
            assert!(matches!(answer.code, 1 | 2), "{from}: {answer:#?}");
        }
    }
}
