//! A small HTTP server: reads the head of a request, answers, and closes.
//!
//! Every client has a thread and one deadline for everything; there are only so many of them.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::tls::Tls;

/// Clients at once.
const MOST_CLIENTS: usize = 32;
const LONGEST_HEAD: usize = 16 << 10;
/// For the whole of a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// From here on a body is worth packing.
const WORTH_PACKING: usize = 1 << 10;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// With a slash before, without `?…`.
    pub path: String,
    /// What stands behind `?`.
    pub query: String,
    /// `Accept`.
    pub accept: String,
    /// `Authorization`.
    pub authorization: String,
    /// `Host`.
    pub host: String,
    /// Whether the answer may be gzip.
    pub packed: bool,
    /// Whether the head alone is wanted.
    pub is_head: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// `Content-Type`.
    pub kind: &'static str,
    /// Its body.
    pub body: Cow<'static, [u8]>,
    /// The same after gzip, when it is at hand.
    pub packed: Option<&'static [u8]>,
    /// More headers.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
}

impl Response {
    /// With a body.
    pub fn new(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            status,
            kind,
            body: Cow::Owned(body.into()),
            packed: None,
            headers: Vec::new(),
        }
    }

    /// A status in words.
    pub fn plain(status: u16) -> Response {
        let body = format!("{status} {}\n", words(status));
        Response::new(status, "text/plain; charset=utf-8", body)
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Response {
        self.headers.push((name, value.into()));
        self
    }
}

/// What answers.
pub type Answer = dyn Fn(&Request) -> Response + Send + Sync;

/// Answers until the program is ended.
///
/// # Errors
/// When no more connections can be taken.
pub fn serve(
    listener: &TcpListener,
    tls: Option<&Arc<Tls>>,
    answer: &Arc<Answer>,
) -> io::Result<()> {
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
        let (answer, ended, tls) = (Arc::clone(answer), Arc::clone(&clients), tls.cloned());
        let client = std::thread::Builder::new().stack_size(256 << 10);
        let started = client.spawn(move || {
            // A client that leaves early has what it wanted.
            let _gone = speak(stream, tls.as_deref(), &*answer);
            ended.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            clients.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Whether the next connection may do better: this one has gone, or there is no descriptor left.
fn is_passing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let full = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
    ) || full
        .iter()
        .any(|full| error.raw_os_error() == Some(full.raw_os_error()))
}

/// A connection with one deadline.
struct Timed {
    stream: TcpStream,
    until: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(into)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn speak(stream: TcpStream, tls: Option<&Tls>, answer: &Answer) -> io::Result<()> {
    let closing = stream.try_clone()?;
    let mut plain = Timed {
        stream,
        until: Instant::now() + PATIENCE,
    };
    match tls {
        None => exchange(&mut plain, answer)?,
        Some(tls) => {
            let mut session = tls.session()?;
            let mut stream = rustls::Stream::new(&mut session, &mut plain);
            exchange(&mut stream, answer)?;
            session.send_close_notify();
            session.complete_io(&mut plain)?;
        }
    }
    // What of the request is not read yet would reset the connection before the answer is.
    closing.shutdown(Shutdown::Write)?;
    let mut rest = [0; 1024];
    while plain.read(&mut rest)? > 0 {}
    Ok(())
}

fn exchange(stream: &mut (impl Read + Write), answer: &Answer) -> io::Result<()> {
    let mut head = Vec::new();
    let asked = loop {
        let mut block = [0; 4096];
        let len = stream.read(&mut block)?;
        head.extend_from_slice(&block[..len]);
        match read_head(&head) {
            Some(asked) => break asked,
            None if len == 0 => return Ok(()),
            None if head.len() > LONGEST_HEAD => break Err(431),
            None => {}
        }
    };
    match asked {
        Ok(request) => write(stream, &request, &answer(&request)),
        Err(status) => write(stream, &Request::default(), &Response::plain(status)),
    }
}

/// A whole head, or the status that says what is wrong with it; none while it goes on.
fn read_head(head: &[u8]) -> Option<Result<Request, u16>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some(Err(400)),
    }
    let header = |name: &str| {
        let mut all = request.headers.iter();
        let found = all.find(|header| header.name.eq_ignore_ascii_case(name));
        let value = found.and_then(|header| std::str::from_utf8(header.value).ok());
        value.unwrap_or_default().to_owned()
    };
    let is_head = request.method == Some("HEAD");
    if request.method != Some("GET") && !is_head {
        return Some(Err(405));
    }
    let target = request.path.unwrap_or("/");
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Ok(Request {
        path: path.to_owned(),
        query: query.to_owned(),
        accept: header("accept"),
        authorization: header("authorization"),
        host: header("host"),
        packed: quality(&header("accept-encoding"), "gzip").is_some_and(|wanted| wanted > 0.0),
        is_head,
    }))
}

/// How much a name of a header's list is wanted (RFC 9110, "Quality Values"): the most where it
/// stands more than once.
pub(crate) fn quality(list: &str, name: &str) -> Option<f32> {
    let weights = list.split(',').filter_map(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next()?.eq_ignore_ascii_case(name).then_some(())?;
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
    });
    weights.fold(None, |most: Option<f32>, one| {
        Some(most.map_or(one, |most| most.max(one)))
    })
}

/// Whether a `Host` header names this machine and nothing else: a name that was bent to this
/// machine (DNS rebinding) does not.
pub fn is_this_machine(host: &str) -> bool {
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

fn words(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Error",
    }
}

fn write(stream: &mut impl Write, request: &Request, response: &Response) -> io::Result<()> {
    let made;
    let (coding, body): (&str, &[u8]) = match (request.packed, response.packed) {
        (true, Some(packed)) => ("Content-Encoding: gzip\r\n", packed),
        (true, None) if response.body.len() >= WORTH_PACKING => {
            made = pack(&response.body)?;
            ("Content-Encoding: gzip\r\n", &made)
        }
        _ => ("", &response.body),
    };
    let status = response.status;
    let mut head = format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: {}\r\n{coding}Content-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\nVary: Accept, Accept-Encoding\r\nConnection: close\r\n",
        words(status),
        response.kind,
        body.len()
    );
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    if !request.is_head {
        stream.write_all(body)?;
    }
    stream.flush()
}

fn pack(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(body)?;
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::{Request, is_this_machine, read_head};

    fn asked(head: &str) -> Option<Result<Request, u16>> {
        read_head(head.as_bytes())
    }

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        assert_eq!(asked("GET / HTTP/1.1\r\nHost: local"), None);
        let head = "GET /a.html?x=1#y HTTP/1.1\r\nhost: [::1]:8502\r\nAccept-Encoding: br, gzip\r\n\
                    Authorization: Bearer t\r\n\r\n";
        let expected = Request {
            path: "/a.html".to_owned(),
            query: "x=1".to_owned(),
            host: "[::1]:8502".to_owned(),
            authorization: "Bearer t".to_owned(),
            packed: true,
            ..Request::default()
        };
        assert_eq!(asked(head), Some(Ok(expected)));
        let head = asked("HEAD / HTTP/1.1\r\n\r\n");
        assert!(head.unwrap().unwrap().is_head);
    }

    #[test]
    fn wrong_heads_have_numbers() {
        assert_eq!(asked("\x16\x03\x01"), Some(Err(400)));
        let post = asked("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(post, Some(Err(405)));
    }

    #[test]
    fn only_names_of_this_machine_are_of_this_machine() {
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
