//! What holds a worker although its script has nothing to do, made to happen.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use crate::stack::{found, fpm, location, server, texts};
use lab::live::Stack;
use lab::nginx::{Response, send};

/// More than all socket buffers hold.
const MUCH: (&str, &str) = (
    "much.php",
    "<?php for ($i = 0; $i < 480; $i++) echo str_repeat('x', 65536);",
);

/// Says something, and more a second later.
const TRICKLE: (&str, &str) = (
    "trickle.php",
    "<?php if ($_SERVER['QUERY_STRING']) header('X-Accel-Buffering: no'); \
     echo 'a'; flush(); usleep(1200000); echo 'b';",
);

/// How much of a body the script sees.
const SEEN: (&str, &str) = (
    "seen.php",
    "<?php file_put_contents(__DIR__.'/began', 'x'); echo strlen(file_get_contents('php://input')), ' ', count($_POST);",
);

const BODY: &str = "fastcgi_param CONTENT_TYPE $content_type;\n\
                    fastcgi_param CONTENT_LENGTH $content_length;\n\
                    fastcgi_param SERVER_PROTOCOL $server_protocol;\n";

/// A stack with one worker.
fn start(settings: &str, php_ini: &str) -> Stack {
    let http = server(&format!(
        "client_max_body_size 64m;\n{}",
        location(settings)
    ));
    let mut texts = texts(&http, &fpm("pm.max_children = 1\n"), php_ini);
    let scripts = [MUCH, TRICKLE, SEEN].map(|(name, text)| (name, text.to_owned()));
    texts.scripts.extend(scripts);
    Stack::start(&texts)
}

/// Sends a request, or the beginning of one, and reads nothing.
fn open(stack: &Stack, request: &str) -> TcpStream {
    let port = stack.nginx.port();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("nginx listens");
    stream.write_all(request.as_bytes()).expect("nginx reads");
    stream
}

fn get_text(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
}

/// Whether anybody else is answered while one client is slow.
fn is_answered(stack: &Stack) -> bool {
    std::thread::sleep(Duration::from_millis(400));
    let mut stream = open(stack, &get_text("/ok.php"));
    let patience = Some(Duration::from_secs(1));
    stream.set_read_timeout(patience).expect("it can be set");
    matches!(stream.read(&mut [0; 64]), Ok(n) if n > 0)
}

fn has(stack: &Stack, rule: &str) {
    let rules = found(stack.dir());
    assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
}

#[test]
fn a_slow_reader_holds_a_worker() {
    for (settings, rule) in [
        ("", None),
        (
            "fastcgi_buffering off;",
            Some("buffering-off-with-slow-clients"),
        ),
        ("fastcgi_max_temp_file_size 0;", Some("temp-files-off")),
    ] {
        let stack = start(settings, "");
        let slow = open(&stack, &get_text("/much.php"));
        assert_eq!(is_answered(&stack), rule.is_none(), "{settings}");
        if let Some(rule) = rule {
            has(&stack, rule);
        } else {
            let log = stack.nginx.error_log();
            let said = log.contains("an upstream response is buffered to a temporary file");
            assert!(said, "{log}");
        }
        drop(slow);
    }
}

#[test]
fn a_slow_sender_holds_a_worker() {
    for (settings, holds) in [("", false), ("fastcgi_request_buffering off;", true)] {
        let stack = start(&format!("{settings}\n{BODY}"), "");
        let slow = open(
            &stack,
            "POST /seen.php HTTP/1.1\r\nHost: shop.example\r\nContent-Type: text/plain\r\n\
             Content-Length: 100000\r\n\r\nabc",
        );
        assert_eq!(is_answered(&stack), !holds, "{settings}");
        assert_eq!(
            stack.count("began"),
            0,
            "PHP reads all before the script begins"
        );
        if holds {
            has(&stack, "request-buffering-off");
        }
        drop(slow);
    }
}

/// How long the first byte of `trickle.php` takes.
fn first_byte(stack: &Stack, query: &str) -> Duration {
    let begin = Instant::now();
    let mut stream = open(stack, &get_text(&format!("/trickle.php?{query}")));
    let mut seen = Vec::new();
    let mut part = [0; 4096];
    let has_body = |seen: &[u8]| {
        let end = seen.windows(4).position(|four| four == b"\r\n\r\n");
        end.is_some_and(|end| seen[end..].contains(&b'a'))
    };
    while !has_body(&seen) {
        let read = stream.read(&mut part).expect("nginx answers");
        assert!(read > 0, "no `a` in {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&part[..read]);
    }
    begin.elapsed()
}

/// A page needs no directive to stream.
#[test]
fn a_header_switches_buffering_off() {
    let stack = start("", "");
    assert!(first_byte(&stack, "0") > Duration::from_secs(1));
    assert!(first_byte(&stack, "1") < Duration::from_secs(1));
    let stack = start("fastcgi_buffering off;", "");
    assert!(first_byte(&stack, "0") < Duration::from_secs(1));
}

fn post(stack: &Stack, kind: &str, body: &str) -> Response {
    let length = body.len();
    let request = format!(
        "POST /seen.php HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    send(stack.nginx.port(), request.as_bytes())
}

const LITTLE: &str = "memory_limit = 16M\npost_max_size = 32M\nlog_errors = 1\n";

/// Before the script begins there is nothing that could answer 500: the worker leaves.
#[test]
fn a_form_above_the_memory_is_a_502() {
    let quiet = format!("{LITTLE}display_errors = 0\n");
    let stack = start(BODY, &quiet);
    has(&stack, "post-limit-above-memory");
    let form = format!("x={}", "a".repeat(20_000_000));
    let answer = post(&stack, "application/x-www-form-urlencoded", &form);
    assert_eq!(answer.status, 502);
    let log = stack.nginx.error_log();
    assert!(
        log.contains("Allowed memory size of 16777216 bytes"),
        "{log}"
    );
    // The worker closes with the body unread: its last words or the reset may come first.
    let ended = log.contains("upstream sent unexpected FastCGI record: 3");
    assert!(ended || log.contains("(104: "), "{log}");
    std::thread::sleep(Duration::from_millis(500));
    let log = stack.fpm_log();
    assert!(log.contains("exited with code 70"), "{log}");
    let small = post(&stack, "application/x-www-form-urlencoded", "x=1");
    assert_eq!((small.status, small.text()), (200, "3 1".to_owned()));
    let stack = start(BODY, &format!("{LITTLE}display_errors = 1\n"));
    let answer = post(&stack, "application/x-www-form-urlencoded", &form);
    assert!(matches!(answer.status, 200 | 502), "{}", answer.status);
}

/// A field takes several times its size.
#[test]
fn a_field_of_a_third_of_the_memory_is_too_large() {
    let ini = "memory_limit = 64M\npost_max_size = 64M\ndisplay_errors = 0\nlog_errors = 0\n";
    let stack = start(BODY, ini);
    for (mib, status) in [(24, 502), (6, 200)] {
        let form = format!("x={}", "a".repeat(mib << 20));
        let answer = post(&stack, "application/x-www-form-urlencoded", &form);
        assert_eq!(answer.status, status, "{mib}");
    }
}

#[test]
fn a_file_above_the_memory_is_none_of_its_business() {
    let stack = start(BODY, &format!("{LITTLE}upload_max_filesize = 30M\n"));
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{}\r\n--B--\r\n",
        "a".repeat(20_000_000)
    );
    let answer = post(&stack, "multipart/form-data; boundary=B", &body);
    assert_eq!((answer.status, answer.text()), (200, "0 0".to_owned()));
}

/// A buffer that does not fit fails before the script begins, in one way or another.
#[test]
fn output_buffers_and_memory() {
    let quiet = "display_errors = 0\nlog_errors = 1\n";
    let loud = "display_errors = 1\n";
    for (buffer, errors, ok, much) in [
        ("64M", quiet, 502, 502),
        ("16M", quiet, 500, 500),
        ("16M", loud, 200, 200),
        ("On", quiet, 200, 500),
        ("4096", quiet, 200, 200),
        ("Off", quiet, 200, 200),
    ] {
        let ini = format!("memory_limit = 16M\noutput_buffering = {buffer}\n{errors}");
        let stack = start("", &ini);
        let says = found(stack.dir()).contains(&"output-buffering-above-memory");
        assert_eq!(says, !matches!(buffer, "4096" | "Off"), "{buffer}");
        assert_eq!(stack.get("/much.php").status, much, "{buffer}");
        let answer = stack.get("/ok.php");
        assert_eq!(answer.status, ok, "{buffer}");
        let works = !buffer.ends_with('M');
        assert_eq!(answer.text() == "ok", works, "{buffer}: {}", answer.text());
    }
}
