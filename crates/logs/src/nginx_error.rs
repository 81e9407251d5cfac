//! nginx's error log, all levels.
//!
//! A line is `YYYY/MM/DD HH:MM:SS [level] PID#TID: *CONN message, client: A, server: S,
//! request: "L", upstream: "X", host: "H", referrer: "R"` (`ngx_log_error_core`,
//! `ngx_http_log_error_handler`); everything behind the message is optional. nginx escapes
//! nothing, so fields are read from the left, and the referrer, which a client chooses freely, is
//! the rest. A message of PHP may hold newlines: an entry then has several lines.

use memchr::memmem::Finder;

use crate::event::{Event, Read, Signal};
use crate::php;
use crate::time::{self, Zone};

/// The levels, most severe first; their places are the bits of [`NginxError::levels`].
pub const LEVELS: [&[u8]; 8] = [
    b"emerg", b"alert", b"crit", b"error", b"warn", b"notice", b"info", b"debug",
];

/// Bits of the levels that prove that `error` is logged.
pub const ERROR_OR_BELOW: u8 = 0b1111_1000;

/// Reads entries of one log; remembers the last time stamp, because most lines repeat it.
#[derive(Clone, Debug)]
pub struct NginxError {
    zone: Zone,
    last_stamp: [u8; 19],
    last_time: Option<i64>,
    /// Which levels were met, as bits.
    pub levels: u8,
    client: Finder<'static>,
    stderr_end: Finder<'static>,
}

/// Whether an entry begins at this line.
pub fn begins(line: &[u8]) -> bool {
    matches!(line, [y1, y2, y3, y4, b'/', _, _, b'/', ..]
        if y1.is_ascii_digit() && y2.is_ascii_digit() && y3.is_ascii_digit() && y4.is_ascii_digit())
}

/// The fields behind the message.
#[derive(Default)]
struct Fields<'l> {
    client: &'l [u8],
    server: &'l [u8],
    request: &'l [u8],
    upstream: &'l [u8],
}

impl NginxError {
    /// A reader for a log whose times are local in `zone`.
    pub fn new(zone: Zone) -> Self {
        NginxError {
            zone,
            last_stamp: [0; 19],
            last_time: None,
            levels: 0,
            client: Finder::new(b", client: "),
            stderr_end: Finder::new(b"\" while "),
        }
    }

    /// Reads one entry, without its last newline.
    pub fn read<'l>(&mut self, entry: &'l [u8]) -> Read<'l> {
        let Some((level, connection, rest)) = head(entry) else {
            return Read::Unknown;
        };
        self.levels |= bit(level);
        if level == b"debug" {
            return Read::Irrelevant;
        }
        let (message, fields) = self.split(rest);
        let Some(mut event) = classify(level, message, &fields) else {
            return Read::Irrelevant;
        };
        event.time = self.time(entry);
        event.connection = connection;
        event.client = fields.client;
        event.server = fields.server;
        (event.scheme, event.upstream) = upstream(fields.upstream);
        let (method, target) = request(fields.request);
        event.method = method;
        (event.path, event.query) = target_parts(target);
        Read::Event(event)
    }

    /// The time of an entry, UTC.
    pub fn time(&mut self, entry: &[u8]) -> Option<i64> {
        let stamp = entry.first_chunk::<19>()?;
        if *stamp != self.last_stamp {
            self.last_stamp = *stamp;
            self.last_time = time::nginx_error(stamp).map(|local| self.zone.to_utc(local));
        }
        self.last_time
    }

    /// The message and what stands behind it.
    fn split<'l>(&self, rest: &'l [u8]) -> (&'l [u8], Fields<'l>) {
        // What PHP says stands in quotes and may look like anything; it ends at `" while `.
        let from = match rest.starts_with(STDERR) {
            true => self.stderr_end.find(rest).unwrap_or(0),
            false => 0,
        };
        let Some(at) = self.client.find(&rest[from..]).map(|at| from + at) else {
            return (rest, Fields::default());
        };
        (&rest[..at], fields(&rest[at + 10..]))
    }
}

fn bit(level: &[u8]) -> u8 {
    match level {
        b"error" => 1 << 3,
        _ => {
            let at = LEVELS.iter().position(|known| *known == level);
            at.map_or(0, |at| 1 << at)
        }
    }
}

const STDERR: &[u8] = b"FastCGI sent in stderr: \"";

/// Level, connection number and what follows `PID#TID: *CONN `.
fn head(entry: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    if !begins(entry) || entry.get(19..21)? != b" [" {
        return None;
    }
    let rest = &entry[21..];
    let end = memchr::memchr(b']', &rest[..rest.len().min(8)])?;
    let level = &rest[..end];
    let rest = rest.get(end + 2..)?;
    let colon = memchr::memchr(b':', &rest[..rest.len().min(32)])?;
    let rest = rest.get(colon + 2..)?;
    let Some(numbered) = rest.strip_prefix(b"*") else {
        return Some((level, 0, rest));
    };
    let mut connection = 0u64;
    let mut taken = 0;
    for b in numbered.iter().take_while(|b| b.is_ascii_digit()) {
        connection = connection
            .wrapping_mul(10)
            .wrapping_add(u64::from(b - b'0'));
        taken += 1;
    }
    Some((level, connection, numbered.get(taken + 1..)?))
}

/// Reads `A, server: S, request: "L", …`.
fn fields(rest: &[u8]) -> Fields<'_> {
    let mut fields = Fields::default();
    let (client, mut rest) = until(rest, b", ");
    fields.client = client;
    if let Some(behind) = rest.strip_prefix(b"server: ") {
        (fields.server, rest) = until(behind, b", ");
        // A regex may hold commas, but no `, request: `.
        if !rest.starts_with(b"request: \"")
            && let Some(end) = memchr::memmem::find(behind, b", request: \"")
        {
            (fields.server, rest) = (&behind[..end], &behind[end + 2..]);
        }
    }
    // A URI holds no space, so `", ` cannot stand inside a value.
    while let Some(name_end) = memchr::memchr(b':', &rest[..rest.len().min(16)])
        && rest[name_end..].starts_with(b": \"")
    {
        let name = &rest[..name_end];
        let value = &rest[name_end + 3..];
        if name == b"referrer" {
            break;
        }
        let (text, behind) = until(value, b"\", ");
        let text = match behind.is_empty() {
            true => text.strip_suffix(b"\"").unwrap_or(text),
            false => text,
        };
        match name {
            b"request" => fields.request = text,
            b"upstream" => fields.upstream = text,
            _ => {}
        }
        rest = behind;
    }
    fields
}

/// The text before a separator, and what is behind it.
fn until<'l>(text: &'l [u8], separator: &[u8]) -> (&'l [u8], &'l [u8]) {
    // Separators are two or three bytes long: looking for the first is faster than preparing a
    // search.
    let mut starts = memchr::memchr_iter(separator[0], text);
    match starts.find(|at| text[*at..].starts_with(separator)) {
        Some(at) => (&text[..at], &text[at + separator.len()..]),
        None => (text, b""),
    }
}

/// `fastcgi://unix:/run/php.sock:` as scheme and address.
fn upstream(text: &[u8]) -> (&[u8], &[u8]) {
    let colon = memchr::memchr(b':', text).filter(|at| text[*at..].starts_with(b"://"));
    let Some(at) = colon else {
        return (b"", text);
    };
    let (scheme, rest) = (&text[..at], &text[at + 3..]);
    let end = match rest.strip_prefix(b"unix:") {
        Some(path) => 5 + memchr::memchr(b':', path).unwrap_or(path.len()),
        None => memchr::memchr(b'/', rest).unwrap_or(rest.len()),
    };
    (scheme, &rest[..end])
}

/// Method and target of `GET /x?y HTTP/1.1`; HTTP/0.9 has no protocol.
pub(crate) fn request(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(space) = memchr::memchr(b' ', line) else {
        return (b"", line);
    };
    let (method, rest) = (&line[..space], &line[space + 1..]);
    match memchr::memrchr(b' ', rest) {
        Some(end) if rest[end + 1..].starts_with(b"HTTP/") => (method, &rest[..end]),
        _ => (method, rest),
    }
}

/// Path and query of a target.
pub(crate) fn target_parts(target: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, b""),
    }
}

/// What nginx was doing, behind ` while `.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Sending,
    Header,
    Body,
    Other,
}

fn phase(message: &[u8], has_upstream: bool) -> Phase {
    const PHASES: [(&[u8], Phase); 6] = [
        (
            b" while reading response header from upstream",
            Phase::Header,
        ),
        (b" while connecting to upstream", Phase::Connecting),
        (b" while reading upstream", Phase::Body),
        (b" while sending request to upstream", Phase::Sending),
        (b" while sending to client", Phase::Body),
        (b" while SSL handshaking to upstream", Phase::Connecting),
    ];
    let found = PHASES.iter().find(|(text, _)| message.ends_with(text));
    match found {
        Some((b" while sending to client", _)) if !has_upstream => Phase::Other,
        Some((_, phase)) => *phase,
        None => Phase::Other,
    }
}

fn classify<'l>(level: &[u8], message: &'l [u8], fields: &Fields<'l>) -> Option<Event<'l>> {
    let has_upstream = !fields.upstream.is_empty();
    let phase = || phase(message, has_upstream);
    let event = match message.first()? {
        b'F' => message.strip_prefix(STDERR).and_then(stderr),
        b'u' => upstream_says(message, phase()),
        b'r' | b'w' | b's' if message.starts_with(b"worker process ") => nginx_worker(message),
        b'r' | b'w' | b's' | b'p' | b'o' | b'm' => call_failed(level, message, phase()),
        b'c' if message.starts_with(b"connect() ") => Some(connect_failed(message)),
        b'c' if message.starts_with(b"client prematurely closed connection") => {
            Some(Event::new(Signal::ClientGone))
        }
        b'e' | b'k' => {
            let told = b" reported that client prematurely closed connection";
            let call = memchr::memchr(b' ', message)?;
            let gone = message[call..].starts_with(told);
            gone.then(|| Event::new(Signal::ClientGone))
        }
        b'n' if message.starts_with(b"no live upstreams") => {
            Some(Event::new(Signal::NoLiveUpstreams))
        }
        b'n' if message.starts_with(b"no resolver defined") => {
            Some(with(Signal::Unresolved, message))
        }
        b'f' if message.starts_with(b"fastcgi request record is too big") => {
            Some(Event::new(Signal::ParamsTooBig))
        }
        b'a' if message.starts_with(b"accept") => call_failed(level, message, phase()),
        _ => None,
    };
    event.or_else(|| {
        // These begin with a number or a name.
        let ends = |text: &[u8]| message.ends_with(text);
        if ends(b"worker_connections are not enough")
            || ends(b"worker_connections are not enough while connecting to upstream")
        {
            return Some(Event::new(Signal::NginxConnections));
        }
        let may_be = matches!(level, b"error" | b"crit" | b"alert");
        let unresolved =
            may_be && memchr::memmem::find(message, b" could not be resolved (").is_some();
        unresolved.then(|| with(Signal::Unresolved, message))
    })
}

fn with(signal: Signal, detail: &[u8]) -> Event<'_> {
    let mut event = Event::new(signal);
    event.detail = detail;
    event
}

/// What stands in `FastCGI sent in stderr: "…"`: the worst of the messages in it.
fn stderr(text: &[u8]) -> Option<Event<'_>> {
    // Nothing behind the closing quote holds another one; cut lines have none.
    let text = memchr::memrchr(b'"', text).map_or(text, |end| &text[..end]);
    let worst = php::messages(text).max_by_key(|m| php::weight(m.signal))?;
    let mut event = with(worst.signal, worst.detail);
    event.script = worst.script;
    Some(event)
}

fn upstream_says(message: &[u8], phase: Phase) -> Option<Event<'_>> {
    let said = message.strip_prefix(b"upstream ")?;
    let starts = |text: &[u8]| said.starts_with(text);
    if starts(b"timed out") {
        return Some(Event::new(match phase {
            Phase::Header => Signal::TimeoutBeforeHeader,
            Phase::Body => Signal::TimeoutAfterHeader,
            Phase::Sending => Signal::TimeoutSending,
            Phase::Connecting => Signal::TimeoutConnecting,
            Phase::Other => return Some(with(Signal::UpstreamOther, message)),
        }));
    }
    if starts(b"prematurely closed FastCGI stdout") {
        return Some(with(Signal::StrangeRecord, message));
    }
    if starts(b"prematurely closed") || starts(b"closed prematurely") {
        return Some(Event::new(match phase {
            Phase::Header | Phase::Sending | Phase::Connecting => Signal::EofBeforeHeader,
            Phase::Body | Phase::Other => Signal::EofAfterHeader,
        }));
    }
    if let Some(sent) = said.strip_prefix(b"sent ") {
        return upstream_sent(sent, message, phase);
    }
    if starts(b"server temporarily disabled") {
        return Some(Event::new(Signal::ServerDisabled));
    }
    // The rest that is an error by its words: `upstream SSL certificate verify error`, …
    starts(b"SSL").then(|| with(Signal::UpstreamOther, message))
}

fn upstream_sent<'l>(sent: &[u8], message: &'l [u8], phase: Phase) -> Option<Event<'l>> {
    if sent.starts_with(b"too big header") {
        return Some(Event::new(Signal::HeaderTooBig));
    }
    if let Some(version) = sent.strip_prefix(b"unsupported FastCGI protocol version: ") {
        let mut event = Event::new(Signal::WrongProtocol);
        event.code = number(version);
        return Some(event);
    }
    let invalid: [&[u8]; 6] = [
        b"invalid header",
        b"invalid status",
        b"no valid HTTP",
        b"invalid \"",
        b"duplicate header",
        b"invalid chunked",
    ];
    if invalid.iter().any(|text| sent.starts_with(text)) {
        return Some(with(Signal::HeaderInvalid, message));
    }
    let strange = memchr::memmem::find(sent, b"FastCGI").is_some();
    if strange && phase == Phase::Header {
        return Some(with(Signal::StrangeRecord, message));
    }
    // `more data than specified in "Content-Length" header` harms nobody by itself.
    strange.then(|| with(Signal::UpstreamOther, message))
}

/// The number in `failed (N: …)`.
fn errno(message: &[u8]) -> i32 {
    let mut opens = memchr::memchr_iter(b'(', message);
    let at = opens.find(|at| message[..*at].ends_with(b"failed "));
    at.map_or(0, |at| number(&message[at + 1..]))
}

fn number(text: &[u8]) -> i32 {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).take(9);
    digits.fold(0, |sum, b| sum * 10 + i32::from(b - b'0'))
}

fn connect_failed(message: &[u8]) -> Event<'_> {
    let code = errno(message);
    let mut event = Event::new(match code {
        2 => Signal::ConnectMissing,
        11 => Signal::ConnectFull,
        13 => Signal::ConnectDenied,
        110 => Signal::TimeoutConnecting,
        111 => Signal::ConnectRefused,
        104 => Signal::ResetBeforeHeader,
        24 => Signal::NginxFiles,
        _ => Signal::ConnectFailed,
    });
    event.code = code;
    event.detail = message;
    event
}

/// `recv() failed (104: …)` and its like: who failed, and with what.
fn call_failed<'l>(level: &[u8], message: &'l [u8], phase: Phase) -> Option<Event<'l>> {
    let code = errno(message);
    let mut event = with(Signal::UpstreamOther, message);
    event.code = code;
    let reads = message.starts_with(b"recv") || message.starts_with(b"read");
    let writes = message.starts_with(b"writev") || message.starts_with(b"send");
    event.signal = match (code, phase) {
        // 107 and 32 are what a closed socket says when it is used once more.
        (104 | 32 | 107, Phase::Header) => Signal::ResetBeforeHeader,
        (104 | 32 | 107, Phase::Body) if reads => Signal::ResetAfterHeader,
        (104 | 32 | 107, Phase::Sending | Phase::Connecting) if reads || writes => {
            Signal::ResetWhileSending
        }
        (24, _) => Signal::NginxFiles,
        (28 | 30 | 122 | 5, _) => Signal::TempFileFailed,
        (13, _) if level == b"crit" => Signal::TempFileFailed,
        _ if memchr::memmem::find(message, b" has written only ").is_some() => {
            Signal::TempFileFailed
        }
        (1.., Phase::Header | Phase::Connecting | Phase::Sending) => Signal::UpstreamOther,
        (1.., Phase::Body) if reads => Signal::UpstreamOther,
        _ => return None,
    };
    Some(event)
}

/// `worker process N exited on signal S` of nginx.
fn nginx_worker(message: &[u8]) -> Option<Event<'_>> {
    let told = b" exited on signal ";
    let at = memchr::memmem::find(message, told)?;
    let mut event = with(Signal::NginxWorkerDied, message);
    event.code = number(&message[at + told.len()..]);
    // 9 and 15 are how people stop it.
    (event.code != 15).then_some(event)
}
