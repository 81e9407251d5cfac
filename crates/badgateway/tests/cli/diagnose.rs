//! `diagnose` as a user meets it: what is printed, and the exit codes.

use std::fs;

use crate::log_lines::{
    ACCESS_LOG, ERROR_LOG, FPM_LOG, NGINX_CONF, RESET, diagnose, diagnosed, evidence, source, valid,
};
use crate::run::{Folder, answer, program, run};

const CAUSE: &str = "header-too-big";

#[test]
fn no_failure_is_zero() {
    let folder = Folder::new();
    let quiet: String = ERROR_LOG
        .lines()
        .take(3)
        .map(|l| format!("{l}\n"))
        .collect();
    let log = folder.write("error.log", quiet);
    let fpm = folder.write("fpm.log", FPM_LOG);
    diagnose(&[&log, &fpm]).exits(0);
    let (value, code) = diagnosed(&[&log, &fpm]);
    assert_eq!(code, 0);
    assert_eq!(value["groups"].as_array().map(Vec::len), Some(0));
    assert_eq!(value["complete"], true);
}

#[test]
fn known_causes_are_one() {
    let folder = evidence();
    diagnose(&[&folder.at("")]).exits(1).says("GET /big.php");
    let (value, code) = diagnosed(&[&folder.at("")]);
    assert_eq!(code, 1, "{value:#}");
    assert_eq!(value["groups"][0]["cause"], CAUSE, "{value:#}");
}

#[test]
fn undetermined_is_two() {
    let folder = Folder::new();
    let log = folder.write("error.log", RESET);
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 2);
    let group = &value["groups"][0];
    assert_eq!(group["confidence"], "undetermined", "{value:#}");
    assert!(
        group["candidates"]
            .as_array()
            .is_some_and(|all| all.len() > 1)
    );
    diagnose(&[&log]).exits(2);
}

#[test]
fn wrong_arguments_are_two() {
    let folder = evidence();
    let log = folder.at("error.log");
    for (args, said) in [
        (vec!["--no-such"], "--no-such"),
        (vec!["--format", "yaml"], "yaml"),
        (vec!["--as", "nothing"], "nginx-error"),
        (vec!["--as", "nothing=*.log"], "nginx-error"),
        (vec!["--timezone", "Mars/Base"], "Mars/Base"),
        (vec!["--since", "soon"], "soon"),
        (vec!["--until", "25:99"], "25:99"),
        (vec!["--log-format", "nameless"], "nameless"),
        (vec!["--max-expansion", "many"], "many"),
    ] {
        let args = [&["diagnose", log.as_str()], args.as_slice()].concat();
        let answer = run(&args).exits(2).says(said);
        assert_eq!(answer.out, "", "{args:?}");
    }
}

/// `--max-expansion 0` must not divide by nothing.
#[test]
fn an_expansion_of_nothing() {
    let folder = evidence();
    let answer = diagnose(&[&folder.at("error.log"), "--max-expansion", "0"]);
    assert!(matches!(answer.code, 1 | 2), "{answer:#?}");
}

#[test]
fn incidents_only_when_asked_for() {
    let folder = evidence();
    let (without, _) = diagnosed(&[&folder.at("")]);
    assert!(without.get("incidents").is_none());
    let (with, _) = diagnosed(&[&folder.at(""), "--incidents"]);
    let incidents = with["incidents"].as_array().expect("incidents");
    assert_eq!(incidents.len(), 1, "{with:#}");
    assert_eq!(incidents[0]["cause"], CAUSE);
    assert_eq!(incidents[0]["status"], 502);
    assert_eq!(incidents[0]["time"], "2026-11-22T11:31:37Z");
    assert_eq!(with["groups"], without["groups"]);
}

/// Every line is accounted for.
#[test]
fn the_counts_of_lines_add_up() {
    let folder = evidence();
    folder.write("error.log", format!("{ERROR_LOG}what is this\n"));
    let (value, _) = diagnosed(&[&folder.at("")]);
    for source in value["sources"].as_array().expect("sources") {
        let of = |name: &str| source["lines"][name].as_u64().expect("a count");
        let parts = ["matched", "irrelevant", "not_understood", "outside_window"];
        let sum: u64 = parts.iter().map(|name| of(name)).sum();
        assert_eq!(sum, of("read"), "{source:#}");
        let file = source["file"].as_str().expect("a name");
        let size = fs::metadata(file).expect("it is there").len();
        assert_eq!(source["bytes"], size, "{source:#}");
    }
}

#[test]
fn stats_name_every_log() {
    let folder = evidence();
    let answer = diagnose(&[&folder.at(""), "--stats"]).exits(1);
    for name in ["error.log", "/access.log", "fpm-access.log", "fpm.log"] {
        assert!(answer.out.contains(name), "no {name} in\n{}", answer.out);
    }
    for kind in ["nginx-error", "nginx-access", "fpm-access"] {
        assert!(answer.out.contains(kind), "no {kind} in\n{}", answer.out);
    }
}

/// The configuration says where the cause comes from.
#[test]
fn configuration_is_joined() {
    let folder = evidence();
    let conf = folder.write("nginx.conf", NGINX_CONF);
    let log = folder.at("error.log");
    let (value, _) = diagnosed(&[&log, "--config", &conf]);
    let group = &value["groups"][0];
    let places = group["places"].as_array().expect("places");
    let is_there = |place: &serde_json::Value| {
        let text = place["text"].as_str().unwrap_or_default();
        text.contains("fastcgi_pass")
    };
    assert!(places.iter().any(is_there), "{group:#}");
}

#[test]
fn a_page_stands_alone() {
    let folder = evidence();
    let hostile = ERROR_LOG.replace(
        "/big.php?n=4",
        "/big.php?n=<script>alert(1)</script>'><img/src=x/onerror=alert(2)>",
    );
    let hostile = hostile.replace("server: api.example.com", "server: <svg/onload=alert(3)>");
    folder.write("error.log", hostile);
    let page = folder.at("out/page.html");
    fs::create_dir(folder.path().join("out")).expect("a folder can be made");
    diagnose(&[&folder.at("error.log"), "--html", &page]).exits(1);
    let files = fs::read_dir(folder.path().join("out")).expect("it is there");
    assert_eq!(files.count(), 1);
    let page = fs::read_to_string(page).expect("it was written");
    assert!(page.contains("Content-Security-Policy"), "{page}");
    assert!(page.contains("GET /big.php"), "{page}");
    for bad in ["<script>alert", "<img/src", "<svg/onload"] {
        assert!(!page.contains(bad), "{bad} in\n{page}");
    }
    for load in [
        "src=\"http",
        "href=\"http",
        "url(http",
        "@import",
        "src='http",
    ] {
        assert!(!page.contains(load), "{load} in\n{page}");
    }
}

#[test]
fn a_page_that_cannot_be_written() {
    let folder = evidence();
    let page = folder.at("none/page.html");
    diagnose(&[&folder.at("error.log"), "--html", &page])
        .exits(2)
        .says("page.html");
    let state = folder.at("none/state.json");
    diagnose(&[&folder.at("error.log"), "--state", &state])
        .exits(2)
        .says("state.json");
}

/// A log with everything that terminals and browsers take for orders.
#[test]
fn nothing_raw_reaches_terminal_or_page() {
    let folder = Folder::new();
    let evil = "/a\x1b]0;owned\x07\x1b[31m<script>alert(1)</script>\u{202e}\x00\x7f\u{9b}31m";
    let log = [
        ERROR_LOG.replace("/big.php", &format!("/big.php{evil}")),
        RESET.replace("api.example.com", evil),
        format!(
            "2026/11/22 11:41:00 [error] 1#1: *9 FastCGI sent in stderr: \"PHP message: PHP \
            Fatal error:  Uncaught {evil} in /srv/{evil}.php:3\" while reading response header \
            from upstream, client: 127.0.0.1, server: x, request: \"GET /y.php HTTP/1.1\", \
            upstream: \"fastcgi://unix:/run/x.sock:\", host: \"x\"\n"
        ),
        format!("no line of anybody {evil}\n"),
        ACCESS_LOG.replace("/big.php", evil),
    ];
    let log = folder.write(&format!("er\x1b[1mror.log{}", "\u{202e}"), log.concat());
    let page = folder.at("page.html");
    for args in [
        vec![],
        vec!["--stats"],
        vec!["--format", "json", "--incidents"],
    ] {
        let args = [&[log.as_str(), "--html", &page], args.as_slice()].concat();
        let answer = diagnose(&args);
        let html = fs::read_to_string(&page).expect("it was written");
        for text in [&answer.out, &answer.err, &html] {
            for bad in ['\x1b', '\x07', '\0', '\x7f', '\u{9b}', '\u{202e}'] {
                assert!(!text.contains(bad), "{bad:?} of {args:?} in\n{text:?}");
            }
        }
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(!answer.out.contains('\r'), "{answer:?}");
    }
}

/// Colours are there when asked for, and say nothing that is not also in words.
#[test]
fn colours_only_when_asked_for() {
    let folder = evidence();
    let log = folder.at("");
    let plain = diagnose(&[&log]).out;
    let coloured = run(&["diagnose", "--timezone", "UTC", "--color", "always", &log]).out;
    assert!(coloured.contains('\x1b'), "{coloured}");
    let mut bare = String::new();
    let mut parts = coloured.split('\x1b');
    bare.push_str(parts.next().unwrap_or_default());
    for part in parts {
        bare.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    assert_eq!(bare, plain);
    assert!(!plain.contains('\x1b'));
}

#[test]
fn lines_of_windows() {
    let folder = Folder::new();
    let log = folder.write("error.log", ERROR_LOG.replace('\n', "\r\n"));
    let access = folder.write("access.log", ACCESS_LOG.replace('\n', "\r\n"));
    let (value, code) = diagnosed(&[&log, &access]);
    assert_eq!(code, 1, "{value:#}");
    assert_eq!(value["groups"][0]["count"], 1, "{value:#}");
    for name in ["error.log", "access.log"] {
        assert_eq!(
            source(&value, name)["lines"]["not_understood"],
            0,
            "{value:#}"
        );
    }
    let text = diagnose(&[&log]).out;
    assert!(!text.contains('\r'), "{text:?}");
}

/// A terminal without UTF-8 gets none.
#[test]
fn a_terminal_without_utf8() {
    let folder = evidence();
    let mut command = program();
    command.args(["diagnose", "--timezone", "UTC", &folder.at("")]);
    let answer = answer(command.env("LC_ALL", "C"));
    assert!(answer.out.is_ascii(), "{}", answer.out);
    let json = run(&["diagnose", &folder.at(""), "--format", "json"]);
    valid(&json);
}
