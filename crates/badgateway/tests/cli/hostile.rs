//! What a hostile file holds does not steer the terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::run::{FORMATS, Folder, POOL, answer, nginx, program, run, system};

const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}\u{9b}2J";

fn assert_tame(text: &str, what: &str) {
    let raw = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
    assert!(!text.chars().any(raw), "{what}: {text:?}");
}

fn assert_all_tame(root: &str, what: &str) {
    for format in FORMATS {
        let answer = run(&["check", "--root", root, "--strict", "--format", format]);
        assert_ne!(answer.code, 0, "{what}: {answer:#?}");
        assert_tame(&answer.all(), &format!("{what}, {format}"));
    }
    for format in ["full", "json"] {
        let answer = run(&["chain", "--root", root, "--format", format]);
        assert_tame(&answer.all(), &format!("{what}, chain {format}"));
    }
}

#[test]
fn in_files() {
    let bad = "fastcgi_read_timeout 20s;";
    let in_nginx = |text: &str| system(&format!("{bad} {text}"), POOL, "");
    for text in [
        format!("# {EVIL}"),
        format!("{EVIL} on;"),
        format!("include {EVIL};"),
        format!("fastcgi_send_timeout {EVIL};"),
        format!("\"{EVIL}"),
        format!("fastcgi_param {EVIL} {EVIL};"),
        format!("fastcgi_param PHP_VALUE \"max_execution_time={EVIL}\";"),
    ] {
        assert_all_tame(&in_nginx(&text).at(""), &text);
    }
    for line in [
        format!("{EVIL} = 1"),
        format!("pm = {EVIL}"),
        format!("[{EVIL}]"),
        format!("include = /{EVIL}"),
        format!("chdir = \"{EVIL}"),
        format!("php_value[{EVIL}] = {EVIL}"),
    ] {
        let folder = system(bad, &format!("{POOL}{line}\n"), "");
        assert_all_tame(&folder.at(""), &line);
    }
    let folder = system(
        bad,
        POOL,
        &format!("max_execution_time = \"{EVIL}\"\n{EVIL}(\n"),
    );
    assert_all_tame(&folder.at(""), "php.ini");
    let names = nginx(bad)
        .replace("shop.example", EVIL)
        .replace("php-fpm.sock", EVIL);
    let folder = system("", POOL, "");
    folder.write("etc/nginx/nginx.conf", names);
    assert_all_tame(&folder.at(""), "names");
}

#[test]
fn in_edits() {
    let folder = system(&format!("fastcgi_read_timeout 20s; # {EVIL}"), POOL, "");
    for format in ["full", "json"] {
        let args = ["fix", "--root", &folder.at(""), "--format", format];
        let answer = run(&args).exits(1);
        assert_tame(&answer.all(), &format!("fix {format}"));
    }
}

/// Neither bytes that are no text.
#[test]
fn bytes_that_are_no_text() {
    let folder = system("", POOL, "");
    let mut text = b"caf\xe9\x80\xff {\n}\n".to_vec();
    text.extend_from_slice(nginx("fastcgi_read_timeout 20s;").as_bytes());
    folder.write("etc/nginx/nginx.conf", text);
    assert_all_tame(&folder.at(""), "Latin 1");
}

#[test]
fn in_paths() {
    let folder = Folder::new();
    let dir = folder.path().join(OsStr::from_bytes(b"a\x1b[31m\xff\n"));
    std::fs::create_dir_all(&dir).expect("any byte may be in a name");
    let conf = dir.join("nginx.conf");
    std::fs::write(&conf, nginx("fastcgi_read_timeout x;")).expect("it can be written");
    std::fs::write(dir.join("www.conf"), POOL).expect("it can be written");
    for format in FORMATS {
        for input in [&dir, &conf, &dir.join("none")] {
            let answer = answer(program().args(["check", "--format", format]).arg(input));
            assert_eq!(answer.code, 2, "{answer:#?}");
            assert_tame(&answer.all(), format);
        }
    }
}

#[test]
fn in_arguments() {
    for args in [
        ["explain", EVIL].as_slice(),
        &["check", "--rule", EVIL],
        &["check", "--map", EVIL],
        &["check", "--root", EVIL],
        &["check", EVIL],
        &["chain", "--root", "/", "--route", EVIL],
        &["fix", "--request-time", EVIL],
    ] {
        assert_tame(&run(args).exits(2).all(), &format!("{args:?}"));
    }
}
