//! PHP-FPM's log (`sapi/fpm/fpm/zlog.c` and the format strings of its other files).
//!
//! `[22-Nov-2026 11:31:20] WARNING: [pool www] child 14058, …`. With `log_level = debug` the time
//! has microseconds and `pid N, function(), line N: ` follows the level. With `error_log = syslog` a
//! line is `[WARNING] [pool www] …` (seen from php-fpm 8.2). The text of a request
//! and of a script is whatever a client or a file system says, so lines are read from both ends.

use memchr::memmem;

use crate::event::{Event, Read, Signal};
use crate::nginx_error::target_parts;
use crate::php;
use crate::time::{self, Zone};

/// Whether an entry begins at this line.
pub fn begins(line: &[u8]) -> bool {
    php::begins(line) || level(line).is_some()
}

/// The level and what follows it.
pub(crate) fn level(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let names = [
        b"ALERT".as_slice(),
        b"ERROR",
        b"WARNING",
        b"NOTICE",
        b"DEBUG",
    ];
    names.into_iter().find_map(|name| {
        // With `error_log = syslog` the level stands in brackets.
        let (inner, end) = match text.strip_prefix(b"[") {
            Some(inner) => (inner, b"] ".as_slice()),
            None => (text, b": ".as_slice()),
        };
        let rest = inner.strip_prefix(name)?.strip_prefix(end)?;
        Some((name, rest))
    })
}

/// Reads an entry, without its last newline.
pub fn read<'l>(entry: &'l [u8], zone: &Zone) -> Read<'l> {
    let stamped = entry.strip_prefix(b"[").and_then(|rest| {
        let (local, taken) = time::fpm(rest)?;
        Some((zone.to_utc(local), rest[taken..].strip_prefix(b"] ")?))
    });
    let (time, rest) = match stamped {
        Some((time, rest)) => (Some(time), rest),
        None => (None, entry),
    };
    let Some((level, message)) = level(rest) else {
        // A worker's own words, when `decorate_workers_output` is off.
        return match rest.starts_with(b"PHP ") {
            true => php::of_message(php::message(rest), time),
            false => Read::Unknown,
        };
    };
    if level == b"DEBUG" {
        return Read::Irrelevant;
    }
    let mut read = of_message(level, undecorated(message));
    if let Read::Event(event) = &mut read {
        event.time = time;
    }
    read
}

/// The message behind `pid N, function(), line N: `.
fn undecorated(message: &[u8]) -> &[u8] {
    let head = &message[..message.len().min(160)];
    let is_traced = head.starts_with(b"pid ") && memmem::find(head, b"(), line ").is_some();
    let end = is_traced.then(|| {
        let line = memmem::find(head, b"(), line ")?;
        Some(line + memmem::find(&head[line..], b": ")? + 2)
    });
    match end.flatten() {
        Some(end) => &message[end..],
        None => message,
    }
}

/// Beginnings of messages that say nothing about a failure.
const HARMLESS: [&[u8]; 23] = [
    b"fpm is running",
    b"exiting, bye-bye!",
    b"systemd monitor",
    b"using inherited socket",
    b"reloading: execvp(",
    b"configuration file ",
    b"error log file re-opened",
    b"access log file",
    b"child ",
    b"about to trace ",
    b"finished trace of ",
    b"getting into test mode",
    b"PHP message: ",
    b"Not enabling PHP-FPM systemd",
    b"event kqueue",
    b"'user' directive is ignored",
    b"'group' directive is ignored",
    b"libapparmor",
    b"Maximum number of open file",
    b"oops, unknown child",
    b"signal ",
    b"fpm_",
    b"starting",
];

fn of_message<'l>(level: &[u8], message: &'l [u8]) -> Read<'l> {
    if let Some((pool, rest)) = in_pool(message) {
        return of_pool(level, pool, rest);
    }
    let starts = |begin: &[u8]| message.starts_with(begin);
    let signal = match () {
        () if starts(b"Reloading in progress") => Signal::Reloading,
        () if starts(b"Terminating ...") || starts(b"Finishing ...") => Signal::Stopping,
        () if starts(b"ready to handle connections") => Signal::Ready,
        () if starts(b"failed processes threshold") => Signal::EmergencyRestart,
        () if starts(b"failed to ptrace(") => Signal::TraceFailed,
        () if HARMLESS.iter().any(|known| starts(known)) => return Read::Irrelevant,
        // `php-fpm -tt` dumps the configuration into the log.
        () if starts(b"[") || starts(b"\t") || starts(b" ") || message.is_empty() => {
            return Read::Irrelevant;
        }
        () if matches!(level, b"ERROR" | b"ALERT") => Signal::FpmError,
        () => return Read::Unknown,
    };
    let mut event = Event::new(signal);
    event.detail = message;
    Read::Event(event)
}

/// The pool of `[pool NAME] message`.
fn in_pool(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = message.strip_prefix(b"[pool ")?;
    let end = memmem::find(rest, b"] ")?;
    Some((&rest[..end], &rest[end + 2..]))
}

fn of_pool<'l>(level: &[u8], pool: &'l [u8], message: &'l [u8]) -> Read<'l> {
    if let Some(rest) = message.strip_prefix(b"child ") {
        return of_child(pool, rest);
    }
    let reached = [
        b"server reached pm.max_children setting (".as_slice(),
        b"server reached max_children setting (",
    ];
    let limit = reached
        .iter()
        .find_map(|begin| message.strip_prefix(*begin));
    let mut event = match limit {
        Some(limit) => {
            let mut event = Event::new(Signal::MaxChildren);
            event.code = i32::try_from(number(limit)).unwrap_or(i32::MAX);
            event
        }
        None if message.starts_with(b"seems busy") => Event::new(Signal::SeemsBusy),
        None if matches!(level, b"ERROR" | b"ALERT") => {
            let mut event = Event::new(Signal::FpmError);
            event.detail = message;
            event
        }
        None => return Read::Irrelevant,
    };
    event.pool = pool;
    Read::Event(event)
}

/// What is said of one child: `14058, script '…' (request: "…") …` or `14058 exited …`.
fn of_child<'l>(pool: &'l [u8], rest: &'l [u8]) -> Read<'l> {
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let pid = u32::try_from(number(rest)).unwrap_or(0);
    let said = &rest[digits..];
    let event = if let Some(said) = said.strip_prefix(b", script '") {
        of_request(said)
    } else if let Some(said) = said.strip_prefix(b" exited ") {
        exited(said)
    } else if let Some(said) = said.strip_prefix(b" said into std") {
        return child_says(pool, pid, said);
    } else if said.starts_with(b" started") {
        return Read::Irrelevant;
    } else {
        None
    };
    match event {
        Some(mut event) => {
            event.pool = pool;
            event.pid = pid;
            Read::Event(event)
        }
        None => Read::Irrelevant,
    }
}

/// `FILE' (request: "GET /x.php?y") execution timed out (2.216985 sec), terminating`.
fn of_request(said: &[u8]) -> Option<Event<'_>> {
    let ends = [
        (b") execution timed out (".as_slice(), Signal::Terminating),
        (b") executing too slow (", Signal::ExecutingSlow),
    ];
    // A client can write anything into its request: the last of these is FPM's own.
    let (end, (words, signal)) = ends
        .into_iter()
        .filter_map(|end| Some((memmem::rfind(said, end.0)?, end)))
        .max_by_key(|(at, _)| *at)?;
    let mut event = Event::new(signal);
    event.millis = seconds(&said[end + words.len()..]);
    let between = memmem::find(&said[..end], b"' (request: \"")?;
    event.script = &said[..between];
    let request = &said[between + 13..end];
    let request = request.strip_suffix(b"\"").unwrap_or(request);
    let space = memchr::memchr(b' ', request).unwrap_or(0);
    event.method = &request[..space];
    let target = request.get(space + 1..).unwrap_or_default();
    (event.path, event.query) = target_parts(target);
    Some(event)
}

/// `on signal 11 (SIGSEGV - core dumped) after 2.3 seconds from start`, `with code 0 after …`.
fn exited(said: &[u8]) -> Option<Event<'_>> {
    let (signal, rest) = match said.strip_prefix(b"on signal ") {
        Some(rest) => (Signal::ExitSignal, rest),
        None => (Signal::ExitCode, said.strip_prefix(b"with code ")?),
    };
    let code = i32::try_from(number(rest)).unwrap_or(i32::MAX);
    let clean = signal == Signal::ExitCode && code == 0;
    let mut event = Event::new(if clean { Signal::ExitClean } else { signal });
    event.code = code;
    let after = memmem::find(rest, b" after ");
    event.millis = after.and_then(|at| seconds(&rest[at + 7..]));
    Some(event)
}

/// `err: "text"`: a worker's own words.
fn child_says<'l>(pool: &'l [u8], pid: u32, said: &'l [u8]) -> Read<'l> {
    let Some(at) = memmem::find(said, b": \"") else {
        return Read::Irrelevant;
    };
    let text = &said[at + 3..];
    let text = match memchr::memrchr(b'"', text) {
        Some(end) => &text[..end],
        None => text,
    };
    let mut read = match memmem::find(text, b"Connection disallowed: IP address '") {
        Some(at) => {
            let from = &text[at + 35..];
            let mut event = Event::new(Signal::Disallowed);
            event.client = &from[..memchr::memchr(b'\'', from).unwrap_or(from.len())];
            Read::Event(event)
        }
        None => php::of_message(said_by_php(text), None),
    };
    if let Read::Event(event) = &mut read {
        event.pool = pool;
        event.pid = pid;
    }
    read
}

/// PHP's words may have a time stamp of their own, or `NOTICE: PHP message: ` in front.
fn said_by_php(text: &[u8]) -> php::Message<'_> {
    let text = match text.first() {
        Some(b'[') => memmem::find(text, b"] ").map_or(text, |at| &text[at + 2..]),
        _ => text,
    };
    let text = text.strip_prefix(b"NOTICE: ").unwrap_or(text);
    let text = text.strip_prefix(b"PHP message: ").unwrap_or(text);
    php::message(text)
}

fn number(text: &[u8]) -> u64 {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).take(18);
    digits.fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

/// `2.216985` in milliseconds.
fn seconds(text: &[u8]) -> Option<u32> {
    let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (whole > 0).then_some(())?;
    let fraction = match text.get(whole..)? {
        [b'.', rest @ ..] => {
            let end = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            time::thousandths_of(&rest[..end])
        }
        _ => 0,
    };
    let millis = number(text)
        .checked_mul(1000)?
        .checked_add(u64::try_from(fraction).ok()?)?;
    u32::try_from(millis).ok()
}
