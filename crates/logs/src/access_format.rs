//! A `log_format` as what it is: fixed text with values between.
//!
//! Lines are read by finding the fixed text, not by parsing JSON or by regular expressions: that
//! is exact for every format in which nginx escapes what could end a value (`escape=default`
//! writes `"` as `\x22`, `escape=json` as `\"`), and as fast as searching.

use memchr::memmem;

use crate::json;

/// A value of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Field {
    /// `$status`
    Status,
    /// `$time_local`, `$time_iso8601` or `$msec`
    Time,
    /// `$remote_addr`
    Client,
    /// `$request`: method, target and protocol
    Request,
    /// `$request_method`
    Method,
    /// `$request_uri`: path and query
    Target,
    /// `$uri`: the path after rewriting, without the query
    Path,
    /// `$args`, `$query_string`
    Query,
    /// `$server_name`
    Server,
    /// `$host`, `$http_host`
    Host,
    /// `$connection`
    Connection,
    /// `$request_time`
    RequestTime,
    /// `$upstream_addr`
    UpstreamAddr,
    /// `$upstream_status`
    UpstreamStatus,
    /// `$upstream_response_time`
    ResponseTime,
    /// `$upstream_connect_time`
    ConnectTime,
    /// `$upstream_header_time`
    HeaderTime,
    /// `$body_bytes_sent`, `$bytes_sent`
    Bytes,
    /// `$fastcgi_script_name`
    Script,
}

/// How many fields there are.
pub(crate) const FIELDS: usize = 19;

impl Field {
    /// The field that a variable of nginx, or a key that people use for it, stands for.
    pub fn named(name: &[u8]) -> Option<Field> {
        let lower = name.to_ascii_lowercase();
        let name = lower.strip_prefix(b"@").unwrap_or(&lower);
        Some(match name {
            b"status" | b"status_code" | b"response_status" | b"http_status" => Field::Status,
            b"time_local" | b"time_iso8601" | b"msec" | b"time" | b"timestamp" | b"ts"
            | b"datetime" | b"date" => Field::Time,
            b"remote_addr"
            | b"client"
            | b"client_ip"
            | b"remote_ip"
            | b"clientip"
            | b"ip"
            | b"realip_remote_addr"
            | b"remote_address" => Field::Client,
            b"request" => Field::Request,
            b"request_method" | b"method" | b"verb" => Field::Method,
            b"request_uri" | b"url" => Field::Target,
            b"uri" | b"path" | b"document_uri" => Field::Path,
            b"args" | b"query_string" | b"query" => Field::Query,
            b"server_name" | b"server" | b"vhost" => Field::Server,
            b"host" | b"http_host" | b"domain" => Field::Host,
            b"connection" | b"conn" => Field::Connection,
            b"request_time" | b"rt" | b"responsetime" => Field::RequestTime,
            b"upstream_addr" | b"upstream" | b"ua" | b"upstreamhost" => Field::UpstreamAddr,
            b"upstream_status" | b"us" => Field::UpstreamStatus,
            b"upstream_response_time" | b"urt" | b"upstreamtime" => Field::ResponseTime,
            b"upstream_connect_time" | b"uct" => Field::ConnectTime,
            b"upstream_header_time" | b"uht" => Field::HeaderTime,
            b"body_bytes_sent" | b"bytes_sent" | b"bytes" | b"size" => Field::Bytes,
            b"fastcgi_script_name" | b"script" | b"request_filename" => Field::Script,
            _ => return None,
        })
    }
}

/// How nginx escaped the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// `\xHH` for quotes, backslashes, control and non-ASCII bytes.
    Default,
    /// JSON string escapes.
    Json,
    /// Nothing.
    None,
}

#[derive(Clone, Debug)]
struct Part {
    /// The value, if it is one of ours.
    field: Option<Field>,
    /// The fixed text that ends it; empty for the last one.
    end: Vec<u8>,
}

/// A format, ready to read lines.
#[derive(Clone, Debug)]
pub struct Format {
    begin: Vec<u8>,
    parts: Vec<Part>,
    /// How many parts hold what tells a healthy request from another: its status, those of its
    /// upstreams, and the time.
    telling: usize,
    /// Whether lines say which upstream was asked, or that none was.
    pub tells_upstream: bool,
    /// How values are escaped.
    pub escape: Escape,
}

/// nginx's own format, the default of every `access_log`.
pub const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
                            $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// The values of one line; empty where the format has none.
pub(crate) type Values<'l> = [&'l [u8]; FIELDS];

impl Format {
    /// A format from the text of nginx's `log_format`, its strings joined. `None` when two
    /// variables touch, so that nobody could tell where one ends.
    pub fn new(text: &[u8], escape: Escape) -> Option<Format> {
        let mut format = Format {
            begin: Vec::new(),
            parts: Vec::new(),
            telling: 0,
            tells_upstream: false,
            escape,
        };
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'$', rest) {
            format.literal(&rest[..at]);
            let (name, behind) = variable(&rest[at + 1..]);
            if format.parts.last().is_some_and(|part| part.end.is_empty()) {
                return None;
            }
            format.parts.push(Part {
                field: Field::named(name),
                end: Vec::new(),
            });
            rest = behind;
        }
        format.literal(rest);
        format.find_telling();
        (!format.parts.is_empty()).then_some(format)
    }

    /// The format that a JSON line was written in: its keys are taken as they stand.
    pub fn of_json(line: &[u8]) -> Option<Format> {
        let mut format = Format {
            begin: Vec::new(),
            parts: Vec::new(),
            telling: 0,
            tells_upstream: false,
            escape: Escape::Json,
        };
        let mut done = 0;
        for (key, value) in json::fields(line)? {
            // Both are parts of the same line.
            let at = value.as_ptr() as usize - line.as_ptr() as usize;
            format.literal(&line[done..at]);
            format.parts.push(Part {
                field: Field::named(key),
                end: Vec::new(),
            });
            done = at + value.len();
        }
        format.literal(&line[done..]);
        format.find_telling();
        let has = |field| format.parts.iter().any(|part| part.field == Some(field));
        (has(Field::Status) || has(Field::UpstreamStatus)).then_some(format)
    }

    /// Whether lines have this field.
    pub fn has(&self, field: Field) -> bool {
        self.parts.iter().any(|part| part.field == Some(field))
    }

    /// Whether a line is of this format: its fixed text is there, and a status where one belongs.
    pub fn fits(&self, line: &[u8]) -> bool {
        let status = |values: Values<'_>| {
            let status = values[Field::Status as usize];
            status.len() == 3 && status.iter().all(u8::is_ascii_digit)
        };
        self.values(line, |_| false).is_some_and(status)
    }

    fn literal(&mut self, text: &[u8]) {
        match self.parts.last_mut() {
            Some(part) => part.end.extend_from_slice(text),
            None => self.begin.extend_from_slice(text),
        }
    }

    fn find_telling(&mut self) {
        let tells = |part: &Part| {
            matches!(
                part.field,
                Some(Field::Status | Field::UpstreamStatus | Field::Time)
            )
        };
        let last = self.parts.iter().rposition(tells);
        self.telling = last.map_or(self.parts.len(), |at| at + 1);
        self.tells_upstream = self.has(Field::UpstreamStatus) || self.has(Field::UpstreamAddr);
    }

    /// The values of a line, as they stand in it; `None` when it is not of this format. When
    /// `is_healthy` says so of the telling values, the rest of the line is not looked at, but for
    /// its end.
    pub(crate) fn values<'l>(
        &self,
        line: &'l [u8],
        is_healthy: impl Fn(&Values<'l>) -> bool,
    ) -> Option<Values<'l>> {
        let mut values: Values<'l> = [b""; FIELDS];
        let mut rest = line.strip_prefix(self.begin.as_slice())?;
        for (at, part) in self.parts.iter().enumerate() {
            let end = match part.end.is_empty() {
                true => rest.len(),
                false => self.end_of_value(rest, &part.end)?,
            };
            if let Some(field) = part.field {
                let value = &mut values[field as usize];
                // `$request_uri` and `$uri` may both be there: the first one wins.
                if value.is_empty() {
                    *value = &rest[..end];
                }
            }
            rest = &rest[end + part.end.len()..];
            if at + 1 == self.telling && is_healthy(&values) {
                let is_whole = self
                    .parts
                    .last()
                    .is_some_and(|last| line.ends_with(&last.end));
                return is_whole.then_some(values);
            }
        }
        rest.is_empty().then_some(values)
    }

    /// Where the fixed text begins that ends a value.
    fn end_of_value(&self, rest: &[u8], end: &[u8]) -> Option<usize> {
        let first = end[0];
        let mut from = 0;
        loop {
            let at = from + memchr::memchr(first, &rest[from..])?;
            let fits = rest[at..].starts_with(end);
            if fits && !(self.escape == Escape::Json && first == b'"' && escaped(rest, at)) {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

/// Whether an odd number of backslashes stands before a quote.
fn escaped(text: &[u8], at: usize) -> bool {
    let slashes = text[..at].iter().rev().take_while(|b| **b == b'\\');
    slashes.count() % 2 == 1
}

/// The name at the beginning of what follows a `$`, with or without braces, and the rest.
fn variable(text: &[u8]) -> (&[u8], &[u8]) {
    if let Some(braced) = text.strip_prefix(b"{")
        && let Some(end) = memchr::memchr(b'}', braced)
    {
        return (&braced[..end], &braced[end + 1..]);
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let end = text.iter().take_while(|b| is_name(b)).count();
    text.split_at(end)
}

/// Undoes nginx's escaping, into `scratch`.
pub(crate) fn unescape<'s>(text: &[u8], escape: Escape, scratch: &'s mut Vec<u8>) -> &'s [u8] {
    scratch.clear();
    match escape {
        Escape::None => scratch.extend_from_slice(text),
        Escape::Json => json::unescape(text, scratch),
        Escape::Default => {
            let mut rest = text;
            while let Some(at) = memmem::find(rest, b"\\x") {
                let byte = rest.get(at + 2..at + 4).and_then(hex);
                scratch.extend_from_slice(&rest[..at]);
                match byte {
                    Some(byte) => scratch.push(byte),
                    None => scratch.extend_from_slice(&rest[at..(at + 4).min(rest.len())]),
                }
                rest = rest.get(at + 4..).unwrap_or_default();
            }
            scratch.extend_from_slice(rest);
        }
    }
    scratch
}

fn hex(pair: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(pair).ok()?;
    u8::from_str_radix(text, 16).ok()
}
