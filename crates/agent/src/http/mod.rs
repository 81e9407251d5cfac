//! A small HTTP server: reads the head of a request, answers, and closes.
//!
//! Every client has a thread and one deadline for everything; there are only so many of them.

mod head;

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::tls::Tls;

pub(crate) use head::quality;
use head::read_head;
pub use head::{Request, is_this_machine};

/// Clients at once.
const MOST_CLIENTS: usize = 32;
const LONGEST_HEAD: usize = 16 << 10;
/// For the whole of a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// From here on a body is worth packing.
pub const WORTH_PACKING: usize = 1 << 10;

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

/// Packs a body with gzip.
///
/// # Errors
/// Never: it is written to memory.
pub fn pack(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(body)?;
    out.finish()
}
