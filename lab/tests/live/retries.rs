//! What the rules about retries and kept connections claim, made to happen.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::stack::{found, fpm, location, server, texts};
use lab::live::{Stack, Texts};
use lab::nginx::{Response, get, send};
use model::NginxVersion;
use model::nginx::upstream::KEEPS_BY_DEFAULT;

/// Dies like a worker that crashes.
const DIES: (&str, &str) = ("die.php", "<?php exec('kill -9 '.getmypid());");

/// Leaves a mark, then answers with the status of the query string.
const STATUS: (&str, &str) = (
    "status.php",
    "<?php file_put_contents(__DIR__.'/began', 'x', FILE_APPEND); \
     http_response_code((int)$_SERVER['QUERY_STRING']); echo 'status';",
);

/// Sends a header that nginx refuses.
const INVALID: (&str, &str) = ("invalid.php", "<?php header('Status: abc');");

/// Two pools behind one upstream, with what stands in the upstream and in the location.
fn two(servers: &str, settings: &str) -> Texts {
    let pools = fpm("pm.max_children = 2\n");
    let other = pools
        .replace("[www]", "[other]")
        .replace("www.sock", "other.sock");
    let group = format!(
        "upstream php {{\nserver unix:@DIR@/www.sock {servers};\n\
         server unix:@DIR@/other.sock {servers};\n}}\n"
    );
    group_texts(&group, settings, &format!("{pools}\n{other}"))
}

/// One pool behind an upstream.
fn one(inside: &str, settings: &str, pool: &str) -> Texts {
    let group = format!("upstream php {{\nserver unix:@DIR@/www.sock;\n{inside}\n}}\n");
    group_texts(&group, settings, &fpm(pool))
}

fn group_texts(group: &str, settings: &str, pools: &str) -> Texts {
    let route = location(settings).replace("fastcgi_pass unix:@DIR@/www.sock", "fastcgi_pass php");
    let mut out = texts(&format!("{group}{}", server(&route)), pools, "");
    let scripts = [DIES, STATUS, INVALID].map(|(name, text)| (name, text.to_owned()));
    out.scripts.extend(scripts);
    out
}

fn post(port: u16, path: &str) -> Response {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
         Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"
    );
    send(port, request.as_bytes())
}

fn has(stack: &Stack, rule: &str) {
    let rules = found(stack.dir());
    assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
}

/// Connections to the pool's socket that are open now.
fn kept(stack: &Stack) -> usize {
    let path = stack.dir().join("www.sock").display().to_string();
    let table = fs::read_to_string("/proc/net/unix").expect("Linux has it");
    let open = table.lines().filter(|line| line.ends_with(&path));
    // 01 is the listening socket, 03 a connected one.
    open.filter(|line| line.split_whitespace().nth(5) == Some("03"))
        .count()
}

/// Runs a request in four threads at once and counts the answers with 502.
fn lost(stack: &Stack, ask: impl Fn(u16) -> Response + Sync) -> usize {
    let port = stack.nginx.port();
    let ask = &ask;
    std::thread::scope(|scope| {
        let run = || (0..100).filter(|_| ask(port).status == 502).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        let counts = threads.into_iter().map(|t| t.join().expect("no panic"));
        counts.sum()
    })
}

const CHILDREN: &str = "pm.max_children = 4\n";
const RECYCLED: &str = "pm.max_children = 4\npm.max_requests = 3\n";
/// Without them PHP leaves the body of a POST unread, and closing then is a reset.
const BODY: &str = "fastcgi_param CONTENT_TYPE $content_type;\n\
                    fastcgi_param CONTENT_LENGTH $content_length;\n";
const KEEP: &str = "fastcgi_keep_conn on;\n\
                    fastcgi_param CONTENT_TYPE $content_type;\n\
                    fastcgi_param CONTENT_LENGTH $content_length;\n";

/// The idle connections behind one request.
fn kept_after(inside: &str, settings: &str) -> usize {
    let stack = Stack::start(&one(inside, settings, CHILDREN));
    assert_eq!(stack.get("/ok.php").status, 200);
    std::thread::sleep(Duration::from_millis(100));
    kept(&stack)
}

#[test]
fn keepalive_needs_keep_conn() {
    let stack = Stack::start(&one("keepalive 4;", "", CHILDREN));
    has(&stack, "keepalive-without-keep-conn");
    assert_eq!(kept_after("keepalive 4;", ""), 0);
    assert_eq!(kept_after("keepalive 4;", KEEP), 1);
}

/// A POST is lost, a GET repeated, and without kept connections or recycling all is well.
#[test]
fn kept_connections_to_workers_that_leave() {
    let stack = Stack::start(&one("keepalive 4;", KEEP, RECYCLED));
    has(&stack, "keepalive-recycle-race");
    assert!(lost(&stack, |port| post(port, "/ok.php")) > 0);
    let log = stack.nginx.error_log();
    let closed = log.contains("upstream prematurely closed connection");
    assert!(closed || log.contains("(104: "), "{log}");
    assert!(!stack.fpm_log().contains("WARNING"), "{}", stack.fpm_log());
    let before = log.lines().filter(|l| l.contains("[error]")).count();
    let repeated = lost(&stack, |port| get(port, "shop.example", "/ok.php"));
    let log = stack.nginx.error_log();
    let after = log.lines().filter(|l| l.contains("[error]")).count();
    assert_eq!((repeated, after > before), (0, true), "{log}");
    for (settings, pool) in [(KEEP, CHILDREN), (BODY, RECYCLED)] {
        let stack = Stack::start(&one("keepalive 4;", settings, pool));
        assert_eq!(lost(&stack, |port| post(port, "/ok.php")), 0);
    }
}

/// Two requests for a broken page, and nobody is served any more.
#[test]
fn a_page_that_answers_500_takes_all_servers_out() {
    for (condition, page) in [
        ("http_500", "/status.php?500"),
        ("http_503", "/status.php?503"),
        ("http_429", "/status.php?429"),
        ("invalid_header", "/invalid.php"),
    ] {
        let settings = format!("fastcgi_next_upstream error {condition};");
        let stack = Stack::start(&two("", &settings));
        has(&stack, "retry-poisons-pool");
        stack.get(page);
        stack.get(page);
        assert_eq!(stack.get("/ok.php").status, 502, "{condition}");
        let log = stack.nginx.error_log();
        assert!(log.contains("no live upstreams"), "{condition}: {log}");
        let stack = Stack::start(&two("max_fails=0", &settings));
        stack.get(page);
        stack.get(page);
        assert_eq!(stack.get("/ok.php").status, 200, "{condition}");
    }
}

/// How many workers were killed; the master hears of it a little later than nginx.
fn deaths(stack: &Stack) -> usize {
    std::thread::sleep(Duration::from_millis(500));
    stack.fpm_log().matches("exited on signal 9").count()
}

/// With the default conditions one page that kills its worker does the same.
#[test]
fn a_page_that_kills_its_worker_takes_all_servers_out() {
    let stack = Stack::start(&two("", ""));
    has(&stack, "retry-poisons-pool");
    assert_eq!(stack.get("/die.php").status, 502);
    assert_eq!(stack.get("/ok.php").status, 502);
    assert_eq!(deaths(&stack), 2, "{}", stack.fpm_log());
}

#[test]
fn not_found_and_forbidden_are_no_failures_but_run_twice() {
    for status in ["403", "404"] {
        let settings = format!("fastcgi_next_upstream error http_{status};");
        let stack = Stack::start(&two("", &settings));
        has(&stack, "retry-runs-script-twice");
        assert!(!found(stack.dir()).contains(&"retry-unbounded"));
        let page = format!("/status.php?{status}");
        for _ in 0..3 {
            assert_eq!(stack.get(&page).status.to_string(), status);
        }
        assert_eq!(stack.count("began"), 6);
        assert_eq!(stack.get("/ok.php").status, 200);
    }
}

#[test]
fn a_post_is_repeated_only_when_told() {
    let slow = "fastcgi_read_timeout 1s;";
    for (conditions, runs) in [
        ("error timeout", 1),
        ("error timeout non_idempotent", 2),
        ("non_idempotent", 1),
    ] {
        let settings = format!("fastcgi_next_upstream {conditions};{slow}");
        let stack = Stack::start(&two("", &settings));
        let says = found(stack.dir()).contains(&"retry-non-idempotent");
        assert_eq!(says, runs == 2, "{conditions}");
        assert_eq!(post(stack.nginx.port(), "/sleep.php?2").status, 504);
        assert_eq!(stack.count("began"), runs, "{conditions}");
    }
}

/// A POST that was never sent is repeated without `non_idempotent`.
#[test]
fn a_post_that_was_not_sent_is_repeated() {
    let mut texts = two("", "fastcgi_next_upstream error timeout;");
    texts.http = texts.http.replace("www.sock", "gone.sock");
    let stack = Stack::start(&texts);
    for _ in 0..2 {
        assert_eq!(post(stack.nginx.port(), "/ok.php").status, 200);
    }
}

/// Without a buffered body there is nothing to send a second time.
#[test]
fn an_unbuffered_body_is_not_repeated() {
    for (settings, runs) in [("", 2), ("fastcgi_request_buffering off;", 1)] {
        let stack = Stack::start(&two("", &format!("{settings}\n{BODY}")));
        let head = "PUT /die.php HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
                    Content-Length: 2\r\n\r\nx";
        let address = (Ipv4Addr::LOCALHOST, stack.nginx.port());
        let mut client = TcpStream::connect(address).expect("nginx listens");
        client.write_all(head.as_bytes()).expect("nginx reads");
        std::thread::sleep(Duration::from_millis(300));
        // With a body that is there at once nothing is left to be unbuffered.
        let _answered_already = client.write_all(b"y");
        assert_eq!(deaths(&stack), runs, "{settings}");
    }
}

#[test]
fn one_server_is_asked_once() {
    let settings = "fastcgi_next_upstream error timeout http_500;";
    let stack = Stack::start(&one("", settings, CHILDREN));
    has(&stack, "retry-without-second-server");
    for _ in 0..3 {
        assert_eq!(stack.get("/status.php?500").status, 500);
    }
    assert_eq!(stack.count("began"), 3);
    assert_eq!(stack.get("/die.php").status, 502);
    assert_eq!(deaths(&stack), 1, "{}", stack.fpm_log());
    // A single server is never marked.
    assert_eq!(stack.get("/ok.php").status, 200);
}

/// Servers that accept and say nothing: the waits add up.
#[test]
fn each_server_may_take_the_whole_time() {
    let silent: Vec<_> = (0..3)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free"))
        .collect();
    let servers: String = silent
        .iter()
        .map(|s| format!("server {};\n", s.local_addr().expect("it is bound")))
        .collect();
    let settings = "proxy_read_timeout 400ms;";
    for (bound, waits) in [("", 3), ("proxy_next_upstream_timeout 400ms;", 1)] {
        let http = format!(
            "upstream app {{\n{servers}}}\n{}",
            server(&format!(
                "location / {{ {settings} {bound} proxy_pass http://app; }}"
            ))
        );
        let stack = Stack::start(&texts(&http, &fpm(CHILDREN), ""));
        let says = found(stack.dir()).contains(&"retry-unbounded");
        assert_eq!(says, waits == 3);
        let answer = stack.get("/");
        let (least, most) = (waits * 400, waits * 400 + 390);
        let took = answer.elapsed.as_millis();
        assert_eq!(answer.status, 504);
        assert!((least..most).contains(&took), "{took} ms, {waits} servers");
    }
}

/// How many requests the backend saw on its connection at the second one.
fn second_on_a_connection(settings: &str) -> (String, bool) {
    let http = format!(
        "upstream app {{\nserver unix:@DIR@/app.sock;\nkeepalive 4;\n}}\n\
         server {{\nlisten unix:@DIR@/app.sock;\nreturn 200 $connection_requests;\n}}\n{}",
        server(&format!(
            "location / {{ {settings} proxy_pass http://app; }}"
        ))
    );
    let stack = Stack::start(&texts(&http, &fpm(CHILDREN), ""));
    let says = found(stack.dir()).contains(&"proxy-keepalive-ineffective");
    stack.get("/");
    (stack.get("/").text(), says)
}

#[test]
fn a_proxy_keeps_connections_only_when_it_asks() {
    let http = "proxy_http_version 1.1;";
    let seen = |settings: &str, count: &str, says: bool| {
        let wanted = (count.to_owned(), says);
        assert_eq!(second_on_a_connection(settings), wanted, "{settings}");
    };
    seen("proxy_http_version 1.0;", "1", true);
    seen(
        &format!("{http} proxy_set_header Connection close;"),
        "1",
        true,
    );
    seen(
        &format!("{http} proxy_set_header Connection '';"),
        "2",
        false,
    );
    let ten = "proxy_http_version 1.0; proxy_set_header Connection keep-alive;";
    seen(ten, "2", false);
    // What an nginx does by default depends on its version.
    let output = Command::new(lab::nginx::binary()).arg("-v").output();
    let said = output.expect("nginx runs").stderr;
    let said = String::from_utf8_lossy(&said);
    let version = said.split("nginx/").nth(1).and_then(NginxVersion::parse);
    let by_default = match version.expect("it has a version") < KEEPS_BY_DEFAULT {
        true => "1",
        false => "2",
    };
    seen("", by_default, false);
    seen(http, by_default, false);
}
