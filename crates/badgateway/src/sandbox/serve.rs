//! The page over HTTP, to this machine only.
//!
//! Reads the first line and the `Host` of a request, answers with a page, and closes. What a
//! browser on another site could do here is nothing: the answers are the same for everybody, and
//! a name that was bent to this machine (DNS rebinding) is refused.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::OLLAMA;
use super::pages::Carried;

/// A page that is served.
pub(super) struct Page {
    /// With a slash before.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// After gzip, for those who take that.
    pub(super) packed: Option<&'static [u8]>,
    /// Whether it may stand in a frame of another page here.
    pub(super) is_framed: bool,
}

impl Page {
    /// A page that this program carries; a courier stands in a frame of another page.
    pub(super) fn carried(path: &str, page: &Carried) -> io::Result<Page> {
        Ok(Page {
            path: path.to_owned(),
            bytes: page.unpack()?,
            packed: Some(page.packed),
            is_framed: page.name.starts_with("courier-"),
        })
    }

    /// Lets the page speak to another server than Ollama's usual one, and to no other.
    pub(super) fn point_to(&mut self, origin: &str) {
        let text = String::from_utf8_lossy(&self.bytes);
        self.bytes = text.replacen(OLLAMA, origin, 1).into_bytes();
        self.packed = None;
    }
}

/// A browser asks for a handful of things at once.
const MOST_CLIENTS: usize = 32;
const LONGEST_HEAD: usize = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers until the program is ended.
///
/// # Errors
/// When no more connections can be taken.
pub(super) fn serve(listener: &TcpListener, pages: Vec<Page>) -> io::Result<()> {
    let pages = Arc::new(pages);
    let clients = Arc::new(AtomicUsize::new(0));
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if is_passing(&error) => {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            Err(error) => return Err(error),
        };
        if clients.fetch_add(1, Ordering::Relaxed) >= MOST_CLIENTS {
            clients.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (pages, ended) = (Arc::clone(&pages), Arc::clone(&clients));
        let started = std::thread::Builder::new().spawn(move || {
            // A client that leaves early has what it wanted.
            let _gone = answer(stream, &pages);
            ended.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            clients.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Whether the next connection may do better: this one has gone, or there is no descriptor left.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
    ) || matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

fn answer(mut stream: TcpStream, pages: &[Page]) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    let asked = loop {
        let mut block = [0; 4096];
        let len = stream.read(&mut block)?;
        head.extend_from_slice(&block[..len]);
        match read_head(&head) {
            Some(asked) => break asked,
            None if len == 0 => return Ok(()),
            None if head.len() > LONGEST_HEAD => break Asked::Wrong(431),
            None => {}
        }
    };
    let (status, page, packed) = match &asked {
        Asked::Wrong(status) => (*status, None, false),
        Asked::Page { path, packed } => match pages.iter().find(|page| page.path == *path) {
            Some(page) => (200, Some(page), *packed),
            None => (404, None, false),
        },
    };
    write(&mut stream, status, page, packed)
}

/// What a head asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Page { path: String, packed: bool },
    Wrong(u16),
}

/// A whole head; none while it goes on.
fn read_head(head: &[u8]) -> Option<Asked> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some(Asked::Wrong(400)),
    }
    let header = |name: &str| {
        let mut all = request.headers.iter();
        let found = all.find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    if request.method != Some("GET") {
        return Some(Asked::Wrong(405));
    }
    if !header("host").is_some_and(is_this_machine) {
        return Some(Asked::Wrong(403));
    }
    let target = request.path.unwrap_or("/");
    let path = target.split(['?', '#']).next().unwrap_or(target);
    Some(Asked::Page {
        path: path.to_owned(),
        packed: header("accept-encoding").is_some_and(|kinds| kinds.contains("gzip")),
    })
}

/// Whether a `Host` header names this machine and nothing else.
fn is_this_machine(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn write(stream: &mut TcpStream, status: u16, page: Option<&Page>, packed: bool) -> io::Result<()> {
    let words = match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Request Header Fields Too Large",
    };
    let plain = format!("{status} {words}\n");
    let (kind, coding, body) = match page {
        None => ("text/plain", "", plain.as_bytes()),
        Some(page) => match page.packed.filter(|_| packed) {
            Some(bytes) => ("text/html", "Content-Encoding: gzip\r\n", bytes),
            None => ("text/html", "", page.bytes.as_slice()),
        },
    };
    let frames = match page.is_some_and(|page| page.is_framed) {
        true => "Content-Security-Policy: frame-ancestors 'self'\r\n",
        false => "X-Frame-Options: DENY\r\n",
    };
    let head = format!(
        "HTTP/1.1 {status} {words}\r\nContent-Type: {kind}; charset=utf-8\r\n{coding}\
         Content-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n{frames}Vary: Accept-Encoding\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    // What of the request is not read yet would reset the connection before the page is.
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest)? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Asked, is_this_machine, read_head};

    fn asked(head: &str) -> Option<Asked> {
        read_head(head.as_bytes())
    }

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        assert_eq!(asked("GET / HTTP/1.1\r\nHost: local"), None);
        let page = |path: &str, packed| {
            Some(Asked::Page {
                path: path.to_owned(),
                packed,
            })
        };
        assert_eq!(
            asked("GET /?x=1 HTTP/1.1\r\nHost: localhost:8502\r\n\r\n"),
            page("/", false)
        );
        let head = "GET /a.html HTTP/1.1\r\nhost: [::1]:8502\r\nAccept-Encoding: br, gzip\r\n\r\n";
        assert_eq!(asked(head), page("/a.html", true));
    }

    #[test]
    fn wrong_heads_have_numbers() {
        assert_eq!(asked("\x16\x03\x01"), Some(Asked::Wrong(400)));
        assert_eq!(
            asked("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            Some(Asked::Wrong(405))
        );
        assert_eq!(asked("GET / HTTP/1.1\r\n\r\n"), Some(Asked::Wrong(403)));
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:8502",
            "127.9.9.9",
            "[::1]",
            "[::1]:2",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "localhost.evil",
            "0.0.0.0",
            "localhost:x",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
