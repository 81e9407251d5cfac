//! nginx's access log, in any format.
//!
//! The three upstream times tell what the error log would say (`ngx_http_upstream.c`,
//! `ngx_http_upstream_response_time_variable`): `-` for the connect time means that no connection
//! was made, `-` for the header time that no usable header came back. Lists have an element for
//! each try, `, ` between servers and ` : ` between internal redirects.

use crate::access_format::{COMBINED, Escape, Field, Format, Values, unescape};
use crate::event::{Event, Read, Signal};
use crate::nginx_error::{request, target_parts};
use crate::time::{self, Zone};

/// What a line is besides an event: a request with a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The status, 0 when the line has none.
    pub status: u16,
    /// When, UTC.
    pub time: Option<i64>,
}

/// Reads lines of one log.
#[derive(Clone, Debug)]
pub struct NginxAccess {
    formats: Vec<Format>,
    zone: Zone,
    stamp: Vec<u8>,
    stamp_time: Option<i64>,
    scratch: [Vec<u8>; 2],
}

impl NginxAccess {
    /// A reader that knows these formats, tried in order, and always nginx's own. Formats of JSON
    /// lines are learned.
    pub fn new(mut formats: Vec<Format>, zone: Zone) -> Self {
        formats.extend(Format::new(COMBINED.as_bytes(), Escape::Default));
        NginxAccess {
            formats,
            zone,
            stamp: Vec::new(),
            stamp_time: None,
            scratch: [Vec::new(), Vec::new()],
        }
    }

    /// Reads one line, without its newline; `asked` gets its status and time.
    pub fn read<'l>(&'l mut self, line: &'l [u8], asked: &mut Request) -> Read<'l> {
        let Some((values, escape, tells)) = self.values(line) else {
            return Read::Unknown;
        };
        let Some(status) = status(values[Field::Status as usize]) else {
            return Read::Unknown;
        };
        asked.status = status;
        asked.time = self.time(values[Field::Time as usize]);
        let Some(signal) = signal(status, &values, tells) else {
            return Read::Irrelevant;
        };
        Read::Event(self.event(signal, *asked, &values, escape))
    }

    /// The values of a line in the first format that fits, and whether it tells of upstreams; a JSON
    /// line teaches its own.
    fn values<'l>(&mut self, line: &'l [u8]) -> Option<(Values<'l>, Escape, bool)> {
        for at in 0..self.formats.len() {
            let format = &self.formats[at];
            if let Some(values) = format.values(line, is_healthy)
                && status(values[Field::Status as usize]).is_some()
            {
                let (escape, tells) = (format.escape, format.tells_upstream);
                // The next line is most likely of the same format.
                if at > 0 {
                    self.formats[..=at].rotate_right(1);
                }
                return Some((values, escape, tells));
            }
        }
        let format = line.starts_with(b"{").then(|| Format::of_json(line))??;
        let values = format.values(line, is_healthy)?;
        let tells = format.tells_upstream;
        // Lines with keys of their own would each teach a format: enough is enough.
        if self.formats.len() < 16 {
            self.formats.insert(0, format);
        }
        Some((values, Escape::Json, tells))
    }

    /// Most lines repeat the time of the line before.
    fn time(&mut self, text: &[u8]) -> Option<i64> {
        if text != self.stamp {
            self.stamp.clear();
            self.stamp.extend_from_slice(text);
            self.stamp_time = parse_time(text, &self.zone);
        }
        self.stamp_time
    }

    fn event<'l>(
        &'l mut self,
        signal: Signal,
        request_of: Request,
        values: &Values<'l>,
        escape: Escape,
    ) -> Event<'l> {
        let value = |field: Field| values[field as usize];
        let mut event = Event::new(signal);
        event.time = request_of.time;
        event.status = request_of.status;
        event.client = value(Field::Client);
        event.server = given(value(Field::Server));
        if event.server.is_empty() {
            event.server = given(value(Field::Host));
        }
        let tries = || list(value(Field::UpstreamAddr));
        event.upstream = tries().next_back().map_or(b"", given);
        event.code = i32::try_from(tries().count()).unwrap_or(i32::MAX);
        event.detail = value(Field::UpstreamStatus);
        event.connection = digits(value(Field::Connection));
        event.millis =
            elapsed(value(Field::ResponseTime)).or_else(|| elapsed(value(Field::RequestTime)));
        event.script = value(Field::Script);
        let [line, query] = &mut self.scratch;
        let asked = value(Field::Request);
        if asked.is_empty() {
            event.method = given(value(Field::Method));
            let target = [Field::Target, Field::Path].map(value);
            let target = target.into_iter().find(|text| !text.is_empty());
            let target = unescape(target.unwrap_or_default(), escape, line);
            (event.path, event.query) = target_parts(target);
            if event.query.is_empty() {
                event.query = unescape(given(value(Field::Query)), escape, query);
            }
        } else {
            let (method, target) = request(unescape(asked, escape, line));
            event.method = method;
            (event.path, event.query) = target_parts(target);
        }
        event
    }
}

/// `-` is nginx's word for nothing.
fn given(text: &[u8]) -> &[u8] {
    if text == b"-" { b"" } else { text }
}

/// A status line's number.
fn status(text: &[u8]) -> Option<u16> {
    let [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = *text else {
        return None;
    };
    Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
}

/// The elements of `a, b : c`.
fn list(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let parts = text.split(|b| matches!(b, b',' | b' '));
    parts.filter(|part| !part.is_empty() && *part != b":")
}

/// What a line says about a failure, if it does.
fn signal(status: u16, values: &Values<'_>, tells_upstream: bool) -> Option<Signal> {
    let value = |field: Field| values[field as usize];
    let tries = value(Field::UpstreamStatus);
    if status < 500 {
        if status == 499 {
            return Some(Signal::AccessClientGone);
        }
        // Most lines end here: the application's status is what the client got.
        if tries.len() < 3 || !list(tries).any(|one| one.first() == Some(&b'5') && one.len() == 3) {
            return None;
        }
        return Some(Signal::AccessRetried);
    }
    let last = |field: Field| list(value(field)).next_back();
    let asked = last(Field::UpstreamStatus).or_else(|| last(Field::UpstreamAddr));
    let knows_upstream = asked.is_some();
    if tells_upstream && !knows_upstream {
        return Some(not_asked(status, values));
    }
    Some(match (last(Field::ConnectTime), last(Field::HeaderTime)) {
        (Some(b"-"), _) if knows_upstream || last(Field::HeaderTime).is_some() => {
            // `-` everywhere is also how the default escaping writes "no upstream was asked".
            match asked {
                None | Some(b"-") => not_asked(status, values),
                Some(_) => Signal::AccessNeverConnected,
            }
        }
        (Some(_), Some(b"-")) => Signal::AccessNoHeader,
        (_, Some(_)) => Signal::AccessAnswered,
        (_, None) => match asked {
            Some(b"-") => not_asked(status, values),
            _ => Signal::AccessFailed,
        },
    })
}

/// Whether the rest of a line cannot matter.
fn is_healthy(values: &Values<'_>) -> bool {
    let found = status(values[Field::Status as usize]);
    found.is_some_and(|status| status < 499 && signal(status, values, true).is_none())
}

/// 502 and 504 without an upstream's status: the upstream was wanted and could not be asked.
fn not_asked(status: u16, values: &Values<'_>) -> Signal {
    let addr = given(values[Field::UpstreamAddr as usize]);
    match addr.is_empty() && !matches!(status, 502 | 504) {
        true => Signal::AccessNotAsked,
        false => Signal::AccessNeverConnected,
    }
}

fn digits(text: &[u8]) -> u64 {
    let text = text.get(..text.len().min(18)).unwrap_or_default();
    let text = text.iter().take_while(|b| b.is_ascii_digit());
    text.fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

/// The sum of a list of seconds, in milliseconds.
fn elapsed(text: &[u8]) -> Option<u32> {
    let one = |text: &[u8]| -> Option<u64> {
        let dot = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
        let whole = u64::try_from(time::digits(&text[..dot])?).ok()?;
        let fraction = text.get(dot + 1..).unwrap_or_default();
        let fraction = fraction
            .iter()
            .all(u8::is_ascii_digit)
            .then_some(fraction)?;
        let thousandths = u64::try_from(time::thousandths_of(fraction)).ok()?;
        whole.checked_mul(1000)?.checked_add(thousandths)
    };
    let mut known = list(text).filter_map(one).peekable();
    known.peek()?;
    u32::try_from(known.fold(0u64, u64::saturating_add)).ok()
}

fn parse_time(text: &[u8], zone: &Zone) -> Option<i64> {
    if let Some(utc) = time::time_local(text) {
        return Some(utc);
    }
    if let Some((value, has_zone)) = time::iso(text) {
        return Some(if has_zone { value } else { zone.to_utc(value) });
    }
    // `$msec`: seconds since 1970 with a point and three digits, or whole milliseconds.
    let dot = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let seconds = time::digits(&text[..dot])?;
    match text.get(dot + 1..) {
        Some(fraction) if fraction.iter().all(u8::is_ascii_digit) => {
            Some(seconds * 1000 + time::thousandths_of(fraction))
        }
        Some(_) => None,
        None if seconds > 100_000_000_000 => Some(seconds),
        None => Some(seconds * 1000),
    }
}
