//! Whatever is given: a message with file and line, exit code 2, bounded time and memory.

use std::os::unix::fs::symlink;

use crate::run::{Answer, Folder, POOL, nginx, run, run_as_nobody, system};

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
    folder.pipe("etc/nginx/pipe");
    check(&folder).says("pipe").says("nginx.conf:4");
}

#[test]
fn a_pipe_as_input_does_not_hang() {
    let folder = Folder::new();
    folder.pipe("pipe");
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
    folder.write("etc/nginx/secret.conf", "gzip on;\n");
    folder.close("etc/nginx/secret.conf");
    run_as_nobody(&folder, &["check", "--root", &folder.at("")])
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
        (nginx("gzip on"), 10, "in \"gzip\" directive"),
        (nginx("}"), 14, "unexpected \"}\""),
        (nginx("\"never closed"), 15, "unexpected end of file"),
    ] {
        let folder = system("", POOL, "");
        folder.write("etc/nginx/nginx.conf", &text);
        check(&folder)
            .says(&format!("nginx.conf:{line}"))
            .says(words);
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
    check(&folder).says("`read_timeout` is filled in elsewhere");
    let folder = system("", &POOL.replace("40s", "${FPM_TIMEOUT}"), "");
    check(&folder).says("FPM_TIMEOUT");
}

#[test]
fn many_includes() {
    let folder = including("many/*.conf");
    for n in 0..3_000 {
        folder.write(&format!("etc/nginx/many/{n}.conf"), "# nothing\n");
    }
    run(&["check", "--root", &folder.at("")])
        .exits(0)
        .says("3,003 files");
    let folder = including("c0.conf");
    for n in 0..300 {
        let next = format!("include c{}.conf;\n", n + 1);
        folder.write(&format!("etc/nginx/c{n}.conf"), next);
    }
    check(&folder).says("nest deeper").says("c198.conf:1");
}

#[test]
fn includes_of_fpm_that_give_nothing() {
    let including = |what: &str| {
        let include = format!("{POOL}include=/etc/php/8.2/fpm/{what}\n");
        system("", &include, "")
    };
    let folder = including("none.conf");
    check(&folder).says("none.conf").says("php-fpm.conf:13");
    let folder = including("pipe");
    folder.pipe("etc/php/8.2/fpm/pipe");
    check(&folder).says("fpm/pipe").says("php-fpm.conf:13");
    let folder = including("ring");
    symlink("ring", folder.path().join("etc/php/8.2/fpm/ring")).expect("a link");
    check(&folder).says("fpm/ring").says("php-fpm.conf:13");
}

/// PHP takes everything up to the next quote; its error stands at the end of the file.
#[test]
fn quotes_that_stay_open() {
    let folder = system("", &format!("{POOL}access.log = \"/x\n"), "");
    check(&folder).says("php-fpm.conf:14").says("syntax error");
    let folder = system("", POOL, "");
    folder.write("etc/php/8.2/fpm/php.ini", "a = \"b\nc = d\n");
    check(&folder).says("php.ini:3").says("syntax error");
}

/// A value that is a whole line of ten megabytes is an error message, not a page of it.
#[test]
fn a_long_value_is_not_quoted_whole() {
    let long = "x".repeat(10 << 20);
    let folder = system("", &POOL.replace("/run/php/php-fpm.sock", &long), "");
    let answer = run(&["check", "--root", &folder.at("")]).says("socket-without-pool");
    assert!(answer.all().len() < 100_000, "{} bytes", answer.all().len());
}

/// Four times the depth takes four times as long, not sixteen times.
#[test]
fn blocks_that_nginx_knows_may_nest_as_deep() {
    let folder = Folder::new();
    let (open, close) = ("location / {".repeat(100_000), "}".repeat(100_000));
    let text = format!("events {{}}\nhttp {{\nserver {{\n{open}{close}\n}}\n}}\n");
    let conf = folder.write("nginx.conf", text);
    let code = run(&["check", &conf]).code;
    assert!(matches!(code, 0 | 2), "{code}");
}

/// nginx: `no "events" section in configuration`.
#[test]
fn an_empty_main_file() {
    let folder = system("", POOL, "");
    folder.write("etc/nginx/nginx.conf", "");
    check(&folder).says("nginx.conf").says("events");
}

#[test]
fn an_empty_main_file_of_fpm() {
    let folder = system("", POOL, "");
    folder.write("etc/php/8.2/fpm/php-fpm.conf", "");
    let answer = check(&folder);
    let said = answer.all();
    let line = said
        .lines()
        .position(|line| line.contains("No pool defined"));
    let next = line.and_then(|at| said.lines().nth(at + 1));
    assert!(next.is_some_and(|l| l.contains("php-fpm.conf")), "{said}");
}
