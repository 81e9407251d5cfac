//! Whatever is given: a message with file and line, exit code 2, bounded time and memory.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::run::{Answer, Folder, POOL, answer, nginx, program, run, system};

/// A system whose nginx.conf includes what the test puts at `bad`.
fn including(what: &str) -> Folder {
    let folder = system("", POOL, "max_execution_time = 30\n");
    folder.write(
        "etc/nginx/nginx.conf",
        nginx("").replace("http {", &format!("http {{\n    include {what};")),
    );
    folder
}

fn check(folder: &Folder) -> Answer {
    run(&["check", "--root", &folder.at("")]).exits(2)
}

fn fifo(path: &str) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo is there").success());
}

#[test]
fn an_include_cycle() {
    let folder = including("loop.conf");
    folder.write("etc/nginx/loop.conf", "include loop.conf;\n");
    check(&folder).says("loop.conf:1").says("include");
}

#[test]
fn an_include_cycle_of_fpm() {
    let folder = system("", POOL, "");
    let fpm = "etc/php/8.2/fpm/php-fpm.conf";
    folder.write(fpm, format!("include=/{fpm}\n{POOL}"));
    check(&folder).says("php-fpm.conf:1");
}

#[test]
fn a_missing_include() {
    let folder = including("none.conf");
    check(&folder).says("none.conf").says("nginx.conf:4");
}

#[test]
fn a_folder_as_include() {
    let folder = including("folder");
    folder.write("etc/nginx/folder/x", "");
    check(&folder).says("folder").says("nginx.conf:4");
}

#[test]
fn a_pipe_as_include_does_not_hang() {
    let folder = including("pipe");
    fifo(&folder.at("etc/nginx/pipe"));
    check(&folder).says("pipe").says("nginx.conf:4");
}

#[test]
fn a_pipe_as_input_does_not_hang() {
    let folder = Folder::new();
    fifo(&folder.at("pipe"));
    run(&["check", &folder.at("pipe")]).exits(2).says("pipe");
}

#[test]
fn an_endless_device() {
    let folder = including("/dev/zero");
    symlink("/dev/zero", folder.path().join("etc/nginx/zero")).expect("a link can be made");
    run(&["check", "/dev/zero"]).exits(2).says("/dev/zero");
    check(&folder).says("/dev/zero");
}

#[test]
fn links_that_lead_nowhere() {
    let folder = including("dangling.conf");
    symlink("/no/such", folder.path().join("etc/nginx/dangling.conf")).expect("a link");
    check(&folder).says("dangling.conf");
    let folder = including("ring.conf");
    symlink("ring.conf", folder.path().join("etc/nginx/ring.conf")).expect("a link");
    check(&folder).says("ring.conf");
}

/// Root may read anything, so the program runs as nobody here.
#[test]
fn a_file_that_may_not_be_read() {
    let folder = including("secret.conf");
    let secret = folder.write("etc/nginx/secret.conf", "gzip on;\n");
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(secret, closed).expect("ours to close");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("ours to open");
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .expect("id runs")
        .stdout
        == b"0\n";
    let root = folder.at("");
    let args = ["check", "--root", root.as_str()];
    let answer = match is_root {
        false => answer(program().args(args)),
        true => {
            // The program's own folder may be closed to others.
            let copy = folder.at("badgateway");
            std::fs::copy(env!("CARGO_BIN_EXE_badgateway"), &copy).expect("it can be copied");
            let setpriv = ["--reuid=65534", "--regid=65534", "--clear-groups"];
            answer(Command::new("setpriv").args(setpriv).arg(copy).args(args))
        }
    };
    answer
        .exits(2)
        .says("secret.conf")
        .says("nginx.conf:4")
        .says("ermission denied");
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let long = "x".repeat(100 << 20);
    for (name, text) in [
        (
            "etc/nginx/nginx.conf",
            format!("events {{}}\nhttp {{ {long} }}\n"),
        ),
        (
            "etc/php/8.2/fpm/php-fpm.conf",
            format!("[www]\nlisten = {long}\n"),
        ),
        ("etc/php/8.2/fpm/php.ini", format!("a = {long}\n")),
    ] {
        let folder = system("", POOL, "");
        folder.write(name, text);
        check(&folder).says(name);
    }
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let long = "x".repeat(10 << 20);
    let folder = system("", &format!("{POOL}; {long}\n"), &format!("a = {long}\n"));
    run(&["check", "--root", &folder.at("")]).exits(0);
}

#[test]
fn a_hundred_thousand_braces() {
    let folder = Folder::new();
    let deep = "a {".repeat(100_000);
    let open = folder.write("nginx.conf", format!("events {{}}\nhttp {{\n{deep}\n"));
    run(&["check", &open])
        .exits(2)
        .says("nginx.conf:4")
        .says("unexpected end of file");
    let closed = format!("events {{}}\nhttp {{\n{deep}{}}}\n", "}".repeat(100_000));
    let closed = folder.write("closed.conf", closed);
    let answer = run(&["check", &closed]);
    assert!(matches!(answer.code, 0 | 2), "{answer:#?}");
}

#[test]
fn bytes_that_no_one_writes() {
    let folder = Folder::new();
    let soup: Vec<u8> = (0..200_000_u32)
        .map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap_or(0))
        .collect();
    let soup = folder.write("soup", soup);
    run(&["check", &soup]).exits(2).says("soup");
    let nul = folder.write("nul.conf", b"events {}\nhttp {\n gzip on;\0\n");
    run(&["check", &nul]).exits(2).says("nul.conf:");
}

#[test]
fn a_byte_order_mark_is_named() {
    let folder = system("", POOL, "");
    let mut text = b"\xef\xbb\xbf".to_vec();
    text.extend_from_slice(nginx("").as_bytes());
    folder.write("etc/nginx/nginx.conf", text);
    check(&folder).says("nginx.conf:1").says("byte order mark");
}

#[test]
fn syntax_errors_name_their_line() {
    for (text, line, words) in [
        (nginx("gzip on"), 10, "fastcgi_pass"),
        (nginx("}"), 15, "unexpected \"}\""),
        (nginx("\"never closed"), 16, "unexpected end of file"),
    ] {
        let folder = system("", POOL, "");
        folder.write("etc/nginx/nginx.conf", &text);
        let answer = check(&folder);
        let found = answer.all().contains(&format!("nginx.conf:{line}"));
        assert!(
            found || answer.all().contains(words),
            "{line} {words}:\n{}",
            answer.all()
        );
    }
    let folder = system("", &format!("{POOL}no.such = 1\n"), "");
    check(&folder)
        .says("php-fpm.conf:13")
        .says("unknown entry 'no.such'");
    let folder = system("", POOL, "a = b\nc = (\n");
    check(&folder).says("php.ini:2").says("syntax error");
}

#[test]
fn nothing_at_all() {
    let folder = Folder::new();
    let empty = folder.write("empty.conf", "");
    run(&["check", &empty]).exits(2).says("empty.conf");
    folder.write("folder/readme.txt", "nothing to see\n");
    run(&["check", &folder.at("folder")])
        .exits(2)
        .says("folder");
    run(&["check", "--root", &folder.at("folder")]).exits(2);
    run(&["check", &folder.at("none")]).exits(2).says("none");
}

#[test]
fn a_template_is_not_clean() {
    let folder = system("fastcgi_read_timeout {{ read_timeout }};", POOL, "");
    check(&folder).says("template");
    let folder = system("", &POOL.replace("40s", "${FPM_TIMEOUT}"), "");
    check(&folder).says("FPM_TIMEOUT");
}

/// What a hostile file holds does not steer the terminal.
#[test]
fn control_bytes_do_not_get_through() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}";
    let folder = system(
        &format!("fastcgi_read_timeout 20s; # {hostile}"),
        &format!("{POOL}{hostile} = 1\n"),
        "",
    );
    folder.write("etc/nginx/latin.conf", b"caf\xe9 {\n");
    for format in [
        "full", "concise", "json", "sarif", "github", "gitlab", "junit",
    ] {
        let all = run(&["check", "--root", &folder.at(""), "--format", format]).all();
        let raw = all
            .chars()
            .any(|c| matches!(c, '\u{1b}' | '\u{7}' | '\u{202e}'));
        assert!(!raw, "{format}: {all:?}");
    }
}
