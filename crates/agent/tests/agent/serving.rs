//! The server on a real socket: what is asked well is answered, and who asks badly holds up nobody.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use agent::pages::{Guard, answer};
use agent::{ConfigView, Published, Snapshot};

const TOKEN: &str = "4f9a1c77e2b04f9a1c77e2b0";

/// A server of what an agent knows after its first look.
fn server(guard: Guard) -> SocketAddr {
    let published = Arc::new(Published::default());
    published.set(Snapshot {
        taken: agent::watch::now(),
        began: agent::watch::now(),
        is_sampled: true,
        config: ConfigView {
            loaded: agent::watch::now(),
            ..ConfigView::default()
        },
        ..Snapshot::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").expect("a local socket works");
    let address = listener.local_addr().expect("a local socket works");
    thread::spawn(move || agent::http::serve(&listener, None, &answer(published, guard)));
    address
}

fn open() -> Guard {
    Guard {
        token: None,
        is_local: true,
    }
}

fn asks(address: SocketAddr, head: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("a local socket works");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a local socket works");
    stream
        .write_all(head.as_bytes())
        .expect("a local socket works");
    let mut all = Vec::new();
    // A connection that is reset has an answer all the same, or none.
    let _reset = stream.read_to_end(&mut all);
    let end = all.windows(4).position(|part| part == b"\r\n\r\n");
    let body = all.split_off(end.map_or(all.len(), |end| end + 4));
    (String::from_utf8(all).expect("a local socket works"), body)
}

fn get(address: SocketAddr, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let (head, body) = asks(address, &head);
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.unwrap_or(0), head, body)
}

#[test]
fn what_is_asked_well_is_answered() {
    let address = server(open());
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/?x=1", 200, "text/html; charset=utf-8"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
        ("/healthz", 200, "application/json"),
        ("/readyz", 503, "application/json"),
        ("/incidents", 200, "application/json"),
        ("/incidents?limit=x", 400, "application/json"),
        ("/etc/passwd", 404, "text/plain; charset=utf-8"),
        ("/../metrics", 404, "text/plain; charset=utf-8"),
    ] {
        let (code, head, body) = get(address, path, "");
        assert_eq!(code, status, "{path}: {head}");
        assert!(
            head.contains(&format!("Content-Type: {kind}\r\n")),
            "{head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{head}"
        );
        for line in [
            "X-Content-Type-Options: nosniff",
            "X-Frame-Options: DENY",
            "Content-Security-Policy: default-src 'none';",
            "Cache-Control: no-store",
        ] {
            assert!(head.contains(line), "{path}: {head}");
        }
    }
    let accept = "Accept: application/openmetrics-text; version=1.0.0\r\n";
    let (_, head, body) = get(address, "/metrics", accept);
    assert!(
        head.contains(
            "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"
        )
    );
    assert!(body.ends_with(b"\n# EOF\n"));
}

#[test]
fn a_head_is_answered_without_a_body_and_a_body_is_packed_when_that_is_taken() {
    let address = server(open());
    let plain = get(address, "/metrics", "").2;
    let (head, body) = asks(address, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && body.is_empty());
    assert!(head.contains("Content-Length: "), "{head}");
    let (_, head, packed) = get(address, "/metrics", "Accept-Encoding: br, gzip;q=0.5\r\n");
    assert!(head.contains("Content-Encoding: gzip\r\n"), "{head}");
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_string(&mut unpacked)
        .expect("a local socket works");
    let names = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("# TYPE"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&unpacked),
        names(&String::from_utf8(plain).expect("a local socket works"))
    );
    assert!(packed.len() * 2 < unpacked.len());
    for refused in ["gzip;q=0", "identity", "x-gzipped"] {
        let headers = format!("Accept-Encoding: {refused}\r\n");
        let head = get(address, "/metrics", &headers).1;
        assert!(!head.contains("Content-Encoding"), "{refused}: {head}");
    }
}

#[test]
fn what_is_asked_badly_is_refused() {
    let address = server(open());
    let host = "Host: localhost\r\n";
    for (head, status) in [
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n".to_owned(), "400"),
        (format!("POST / HTTP/1.1\r\n{host}\r\n"), "405"),
        (format!("DELETE /metrics HTTP/1.1\r\n{host}\r\n"), "405"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "403"),
        (
            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
            "403",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}{}\r\n", "A: b\r\n".repeat(100)),
            "400",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}A: {}", "b".repeat(20_000)),
            "431",
        ),
    ] {
        let (answer, _) = asks(address, &head);
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{head:.60}: {answer}");
    }
}

#[test]
fn a_token_is_asked_for() {
    let address = server(Guard {
        token: Some(TOKEN.to_owned()),
        is_local: true,
    });
    assert_eq!(get(address, "/healthz", "").0, 200);
    let short = &TOKEN[1..];
    for wrong in [
        String::new(),
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: {TOKEN}\r\n"),
        format!("Authorization: Bearer {short}\r\n"),
        format!("Authorization: Bearer {TOKEN}0\r\n"),
        // me:wrong
        "Authorization: Basic bWU6d3Jvbmc=\r\n".to_owned(),
    ] {
        for path in ["/", "/metrics", "/readyz", "/incidents", "/healthz/", "/x"] {
            let (status, head, body) = get(address, path, &wrong);
            assert_eq!(status, 401, "{path} {wrong}");
            assert!(head.contains("WWW-Authenticate: Bearer\r\n"), "{head}");
            assert_eq!(body, b"401 Unauthorized\n");
        }
    }
    // me:TOKEN, as a browser says it.
    let basic = "bWU6NGY5YTFjNzdlMmIwNGY5YTFjNzdlMmIw";
    for right in [
        format!("Authorization: Bearer {TOKEN}\r\n"),
        format!("authorization: bearer {TOKEN}\r\n"),
        format!("Authorization: Basic {basic}\r\n"),
    ] {
        assert_eq!(get(address, "/metrics", &right).0, 200, "{right}");
    }
    // Other machines know it by other names: the token is what counts.
    let head = format!(
        "GET /metrics HTTP/1.1\r\nHost: m.example\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    );
    assert!(asks(address, &head).0.starts_with("HTTP/1.1 200 "));
}

/// Clients that send a byte now and then, or nothing, or never read, are dropped in time; whoever
/// comes then is answered.
#[test]
fn slow_clients_hold_up_nobody() {
    let address = server(open());
    let begin = Instant::now();
    let slow: Vec<_> = (0..30)
        .map(|number| {
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).expect("a local socket works");
                stream
                    .set_read_timeout(Some(Duration::from_millis(200)))
                    .expect("a local socket works");
                let head = format!("GET /{number} HTTP/1.1\r\nHost: localhost\r\nA: ");
                let sent = stream.write_all(head.as_bytes());
                let mut byte = [0];
                // Until it is closed.
                while sent.is_ok() && begin.elapsed() < Duration::from_secs(30) {
                    if number % 2 == 0 && stream.write_all(b"b").is_err() {
                        break;
                    }
                    match stream.read(&mut byte) {
                        Ok(0) => break,
                        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                        _ => {}
                    }
                }
                begin.elapsed()
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    // Two are left.
    let (status, ..) = get(address, "/metrics", "");
    assert_eq!(status, 200);
    assert!(begin.elapsed() < Duration::from_secs(5));
    let threads = std::fs::read_dir("/proc/self/task")
        .expect("a local socket works")
        .count();
    assert!(
        threads < 30 + 30 + 12,
        "{threads} threads, of which 30 are ours"
    );
    for client in slow {
        let took = client.join().expect("a local socket works");
        assert!(took < Duration::from_secs(15), "{took:?}");
    }
    assert_eq!(get(address, "/healthz", "").0, 200);
}
