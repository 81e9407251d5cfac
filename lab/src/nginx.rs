//! The real nginx: what it says about a configuration, and a live server in a scratch folder.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::scratch::Scratch;

/// How long a server may take to accept its first connection.
const START: Duration = Duration::from_secs(10);
/// How long a server may take to go away.
const STOP: Duration = Duration::from_secs(5);
/// How long [`get`] waits for an answer.
const ANSWER: Duration = Duration::from_secs(60);

/// Path of the installed nginx.
///
/// # Panics
/// When there is none, with the command that installs it.
pub fn binary() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let named = std::env::var_os("NGINX_BIN").map(PathBuf::from);
        let usual = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
        named
            .into_iter()
            .chain(usual.map(PathBuf::from))
            .find(|path| path.is_file())
            .expect("NGINX IS MISSING. Install it: apt-get install -y nginx-core")
    })
}

/// What `nginx -t` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the test is successful.
    pub ok: bool,
    /// Whether nginx read the whole configuration: it may still fail to open a log or a socket.
    pub syntax_ok: bool,
    /// The first `[emerg]` message without the place, as nginx wrote it; empty when there is none.
    pub message: Vec<u8>,
    /// The file that the message names, relative to the scratch folder where it lies inside.
    pub file: String,
    /// The line that the message names; 0 when there is none.
    pub line: u32,
    /// All that nginx wrote, bytes that are not UTF-8 replaced.
    pub output: String,
    /// All that nginx wrote.
    pub raw: Vec<u8>,
}

impl Verdict {
    /// The message for people.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.message).into_owned()
    }
}

/// Writes the files into a fresh folder and runs `nginx -t` on its `nginx.conf`. Nothing is
/// added and no placeholder replaced: the bytes stay as they are.
///
/// # Panics
/// When nginx cannot be run.
pub fn test_config(files: &[(&str, &[u8])]) -> Verdict {
    let scratch = Scratch::new("nginx-t");
    for (name, bytes) in files {
        scratch.write(name, bytes);
    }
    test(&scratch, "nginx.conf")
}

/// Runs `nginx -t` on a file of the folder, which is also nginx's prefix.
///
/// # Panics
/// When nginx cannot be run.
pub fn test(scratch: &Scratch, config: &str) -> Verdict {
    let folder = scratch.path();
    let output = Command::new(binary())
        .arg("-t")
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(folder.join(config))
        .args(["-e", "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .expect("nginx can be run");
    verdict(folder, output.status.success(), &output.stderr)
}

fn verdict(folder: &Path, ok: bool, output: &[u8]) -> Verdict {
    // With the log elsewhere, nginx writes `nginx: [emerg] MESSAGE` to the terminal; with
    // `-e stderr` it writes lines of a log only.
    let begin = find(output, b"nginx: [emerg] ").map(|at| at + 15);
    let text = begin.map_or(&b""[..], |at| &output[at..]);
    let (message, file, line) = place(folder, text);
    Verdict {
        ok,
        syntax_ok: find(output, b" syntax is ok").is_some(),
        message,
        file,
        line,
        output: String::from_utf8_lossy(output).into_owned(),
        raw: output.to_vec(),
    }
}

/// Splits `MESSAGE in FILE:LINE`. The message may hold line feeds of its own.
fn place(folder: &Path, text: &[u8]) -> (Vec<u8>, String, u32) {
    let until = find(text, b"\nnginx: ").unwrap_or(text.len());
    let text = text[..until].trim_ascii_end();
    let colon = text.iter().rposition(|&b| b == b':');
    let line = colon.and_then(|at| std::str::from_utf8(&text[at + 1..]).ok()?.parse().ok());
    let before = colon.map_or(text, |at| &text[..at]);
    let sep = before.windows(5).rposition(|w| w == b" in /");
    match (line, sep) {
        (Some(line), Some(sep)) => {
            let file = String::from_utf8_lossy(&before[sep + 4..]).into_owned();
            let inside = Path::new(&file).strip_prefix(folder).ok();
            let file = inside.map_or(file.clone(), |path| path.display().to_string());
            (text[..sep].to_vec(), file, line)
        }
        _ => (text.to_vec(), String::new(), 0),
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

/// A TCP port of 127.0.0.1 that was free a moment ago.
///
/// # Panics
/// When the system has none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    address.port()
}

/// A live nginx, ended on drop.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    scratch: Scratch,
}

impl Server {
    /// Starts nginx with a full configuration and waits until it accepts connections.
    ///
    /// `@PORT@` stands for a free port of 127.0.0.1 and `@DIR@` for the scratch folder; the text
    /// must listen on that port. On the first line, and so without moving any other line, these
    /// are added where the text has none of its own: `daemon off`, `user root`, `pid`,
    /// `error_log @DIR@/error.log info`; behind the first `http {` all temporary paths and
    /// `access_log @DIR@/access.log`.
    ///
    /// # Panics
    /// When nginx ends or does not accept within some seconds, with what it wrote.
    pub fn start(config: &str) -> Self {
        Self::start_with(config, &[])
    }

    /// As [`Server::start`], with more files in the folder; the placeholders work in them too.
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn start_with(config: &str, files: &[(&str, &str)]) -> Self {
        let scratch = Scratch::new("nginx");
        let port = free_port();
        let dir = scratch.path().display().to_string();
        let fill = |text: &str| {
            text.replace("@PORT@", &port.to_string())
                .replace("@DIR@", &dir)
        };
        for (name, text) in files {
            scratch.write(name, fill(text));
        }
        let config = scratch.write("nginx.conf", fill(&complete(config)));
        let said = scratch.path().join("stderr.log");
        let stderr = std::fs::File::create(&said).expect("a scratch file can be made");
        let child = Command::new(binary())
            .arg("-p")
            .arg(scratch.path())
            .arg("-c")
            .arg(config)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .expect("nginx can be run");
        let mut server = Self {
            child,
            port,
            scratch,
        };
        server.wait_until_ready(&said);
        server
    }

    fn wait_until_ready(&mut self, said: &Path) {
        let begin = Instant::now();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        loop {
            let ended = self.child.try_wait().expect("a child can be asked");
            let late = begin.elapsed() > START;
            if ended.is_some() || late {
                let said = std::fs::read(said).unwrap_or_default();
                let said = String::from_utf8_lossy(&said);
                let log = self.error_log();
                panic!("nginx does not accept on port {}: {said}{log}", self.port);
            }
            if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The port that stands for `@PORT@`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that stands for `@DIR@`.
    pub fn dir(&self) -> &Path {
        self.scratch.path()
    }

    /// The scratch folder, to write more files.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Process id of the master.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Path of `@DIR@/error.log`.
    pub fn error_log_path(&self) -> PathBuf {
        self.scratch.path().join("error.log")
    }

    /// What is in `@DIR@/error.log` by now.
    pub fn error_log(&self) -> String {
        let bytes = std::fs::read(self.error_log_path()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits for a text to appear in the error log; false when it does not.
    pub fn wait_for_log(&self, text: &str, patience: Duration) -> bool {
        let begin = Instant::now();
        loop {
            if self.error_log().contains(text) {
                return true;
            }
            if begin.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal to the master: `HUP` reloads, `USR1` opens the logs again.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// [`get`] from this server.
    pub fn get(&self, host: &str, path: &str) -> Response {
        get(self.port, host, path)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // TERM, not KILL: workers outlive a master that is killed.
        signal(self.child.id(), "TERM");
        let begin = Instant::now();
        while begin.elapsed() < STOP {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Sends a signal to a process; one that is gone already is no error.
pub fn signal(pid: u32, name: &str) {
    let _status = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -{name} {pid}"))
        .stderr(Stdio::null())
        .status();
}

/// Adds what a server in a scratch folder needs and the text leaves out.
fn complete(config: &str) -> String {
    let has = |name: &str| {
        config.split(['\n', ';', '{', '}']).any(|part| {
            let mut words = part.split_ascii_whitespace();
            words.next() == Some(name)
        })
    };
    let mut head = String::new();
    for (name, rest) in [
        ("daemon", "off"),
        ("user", "root"),
        ("pid", "@DIR@/nginx.pid"),
        ("error_log", "@DIR@/error.log info"),
    ] {
        if !has(name) {
            head += &format!("{name} {rest}; ");
        }
    }
    let mut inner = String::new();
    for (name, rest) in [
        ("client_body_temp_path", "@DIR@/body"),
        ("proxy_temp_path", "@DIR@/proxy"),
        ("fastcgi_temp_path", "@DIR@/fastcgi"),
        ("uwsgi_temp_path", "@DIR@/uwsgi"),
        ("scgi_temp_path", "@DIR@/scgi"),
        ("access_log", "@DIR@/access.log"),
    ] {
        if !has(name) {
            inner += &format!(" {name} {rest};");
        }
    }
    head + &config.replacen("http {", &format!("http {{{inner}"), 1)
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status; 0 when the connection ended without an answer.
    pub status: u16,
    /// Header fields in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: Vec<u8>,
    /// Whether the body came to its end as announced.
    pub complete: bool,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
}

impl Response {
    /// The first header field of a name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks `http://127.0.0.1:PORT/path` with a Host field, on a connection of its own.
///
/// # Panics
/// When nothing listens, or no answer ends within a minute.
pub fn get(port: u16, host: &str, path: &str) -> Response {
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    send(port, text.as_bytes())
}

/// Sends a request as it is and reads until the server closes.
///
/// # Panics
/// As [`get`].
pub fn send(port: u16, request: &[u8]) -> Response {
    let mut stream =
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server accepts connections");
    let begin = Instant::now();
    stream
        .set_write_timeout(Some(ANSWER))
        .expect("a timeout can be set");
    // A server that refuses early closes before it has read all: its answer still counts.
    let _early_answer = stream.write_all(request);
    let mut bytes = Vec::new();
    let mut part = [0; 16_384];
    loop {
        let left = ANSWER.saturating_sub(begin.elapsed());
        assert!(!left.is_zero(), "no end of the answer within {ANSWER:?}");
        stream
            .set_read_timeout(Some(left))
            .expect("a timeout can be set");
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(&part[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("reading the answer: {error}"),
        }
    }
    response(&bytes, begin.elapsed())
}

fn response(bytes: &[u8], elapsed: Duration) -> Response {
    let mut out = Response {
        status: 0,
        headers: Vec::new(),
        body: Vec::new(),
        complete: false,
        elapsed,
    };
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        return out;
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    out.status = status.and_then(|text| text.parse().ok()).unwrap_or(0);
    for line in lines {
        if let Some((name, value)) = line.split_once(':') {
            let pair = (name.to_ascii_lowercase(), value.trim().to_owned());
            out.headers.push(pair);
        }
    }
    let body = &bytes[end + 4..];
    if out.header("transfer-encoding") == Some("chunked") {
        (out.body, out.complete) = unchunk(body);
    } else {
        let length = out.header("content-length").and_then(|n| n.parse().ok());
        out.complete = length.is_none_or(|n: usize| body.len() == n);
        out.body = body.to_vec();
    }
    out
}

/// Joins chunks; false when the last one is missing.
fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(rest, b"\r\n") else {
            return (body, false);
        };
        let size = std::str::from_utf8(&rest[..end]).unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            return (body, false);
        };
        if size == 0 {
            return (body, true);
        }
        let data = &rest[end + 2..];
        if data.len() < size + 2 {
            body.extend_from_slice(&data[..size.min(data.len())]);
            return (body, false);
        }
        body.extend_from_slice(&data[..size]);
        rest = &data[size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdict_of_a_good_and_a_bad_config() {
        let good = test_config(&[("nginx.conf", b"events {}")]);
        assert!(good.ok && good.syntax_ok, "{}", good.output);
        let files: [(&str, &[u8]); 2] = [
            ("nginx.conf", b"events {}\ninclude a/b.conf;"),
            ("a/b.conf", b"\n\nnope 1;\n"),
        ];
        let bad = test_config(&files);
        assert_eq!(bad.said(), r#"unknown directive "nope""#);
        assert_eq!((bad.file.as_str(), bad.line), ("a/b.conf", 3));
        assert!(!bad.ok && !bad.syntax_ok);
    }

    #[test]
    fn live_server_answers() {
        let server = Server::start(
            "events {}\nhttp { server { listen 127.0.0.1:@PORT@; root @DIR@;\n\
             location /hi { return 200 \"$host\"; } } }\n",
        );
        let answer = server.get("example.test", "/hi");
        assert_eq!((answer.status, answer.text()), (200, "example.test".into()));
        assert!(answer.complete);
        assert_eq!(server.get("x", "/none").status, 404);
        let seen = server.wait_for_log("No such file", Duration::from_secs(2));
        assert!(seen, "{}", server.error_log());
    }

    #[test]
    fn chunks() {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
        let whole = [&head[..], b"0\r\n\r\n"].concat();
        let whole = response(&whole, Duration::ZERO);
        assert_eq!((whole.body.as_slice(), whole.complete), (&b"abc"[..], true));
        assert!(!response(head, Duration::ZERO).complete);
    }
}
