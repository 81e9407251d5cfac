//! What PHP says: its error log, and the messages that it hands to the web server.
//!
//! `main/main.c` (`php_error_cb`, `php_log_err_with_severity`) writes
//! `PHP Fatal error:  MESSAGE in FILE on line N`; uncaught exceptions write `FILE:N` and a stack
//! trace on lines of their own. In nginx's error log each message begins with `PHP message: `.

use memchr::memmem;

use crate::event::{Event, Read, Signal};
use crate::time::{self, Zone};

/// One message of PHP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'l> {
    /// What it means.
    pub signal: Signal,
    /// The message without its severity and place.
    pub detail: &'l [u8],
    /// The script's file, if the message names one.
    pub script: &'l [u8],
}

/// The messages in what a worker wrote to standard error.
pub fn messages(text: &[u8]) -> impl Iterator<Item = Message<'_>> {
    const BEGIN: &[u8] = b"PHP message: ";
    let mut rest = Some(text.strip_prefix(BEGIN).unwrap_or(text));
    std::iter::from_fn(move || {
        let text = rest?;
        // Messages are joined by `; `, or stand on lines of their own.
        let next = find(text, BEGIN);
        let one = match next {
            Some(at) => &text[..at],
            None => text,
        };
        rest = next.map(|at| &text[at + BEGIN.len()..]);
        let one = one.strip_suffix(b"; ").unwrap_or(one);
        Some(message(one.trim_ascii()))
    })
}

/// How bad a message is: of several in one line the worst counts.
pub fn weight(signal: Signal) -> u8 {
    match signal {
        Signal::PhpNotice => 0,
        Signal::PhpFatal => 2,
        Signal::PhpMemory | Signal::PhpTime => 3,
        _ => 1,
    }
}

/// What one message means.
pub fn message(text: &[u8]) -> Message<'_> {
    let head = &text[..text.len().min(40)];
    let fatal = [
        b"PHP Fatal error:  ".as_slice(),
        b"PHP Parse error:  ",
        b"PHP Recoverable fatal error:  ",
        b"PHP Compile error:  ",
        b"PHP Core error:  ",
    ];
    let found = fatal.iter().find_map(|begin| text.strip_prefix(*begin));
    if let Some(said) = found {
        let (detail, script) = place(said);
        let signal = match detail {
            one if one.starts_with(b"Allowed memory size of ") => Signal::PhpMemory,
            one if one.starts_with(b"Out of memory") => Signal::PhpMemory,
            one if one.starts_with(b"Maximum execution time of ") => Signal::PhpTime,
            _ => Signal::PhpFatal,
        };
        return Message {
            signal,
            detail,
            script,
        };
    }
    let bare = |signal, detail, script| Message {
        signal,
        detail,
        script,
    };
    if head.starts_with(b"Primary script unknown") {
        return bare(Signal::ScriptUnknown, b"", b"");
    }
    if let Some(rest) = text.strip_prefix(b"Access to the script '") {
        let end = memmem::find(rest, b"' has been denied").unwrap_or(rest.len());
        return bare(Signal::ScriptDenied, b"", &rest[..end]);
    }
    if let Some(rest) = find(text, b"Unable to open primary script: ") {
        let rest = &text[rest + 31..];
        let open = memmem::rfind(rest, b" (").unwrap_or(rest.len());
        let denied = rest[open..].starts_with(b" (Permission denied");
        let signal = if denied {
            Signal::ScriptUnreadable
        } else {
            Signal::ScriptUnknown
        };
        return bare(signal, b"", &rest[..open]);
    }
    if find(head, b"Maximum execution time of ").is_some() {
        let (detail, script) = place(text);
        return bare(Signal::PhpTime, detail, script);
    }
    bare(Signal::PhpNotice, text, b"")
}

/// The message and the file of `MESSAGE in FILE on line N` or `MESSAGE in FILE:N`.
fn place(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = &text[..end];
    let in_file = |at: &usize| line[*at..].starts_with(b" in ");
    let mut spaces = memchr::memrchr_iter(b' ', line).filter(in_file);
    // A message may itself say ` in `: the last one before a path is the place.
    let last = spaces.clone().next();
    let Some(at) = spaces.find(|at| line[at + 4..].starts_with(b"/")).or(last) else {
        return (line, b"");
    };
    let place = &line[at + 4..];
    let end = find(place, b" on line ").or_else(|| {
        let colon = memchr::memrchr(b':', place)?;
        let number = &place[colon + 1..];
        (!number.is_empty() && number.iter().all(u8::is_ascii_digit)).then_some(colon)
    });
    match end {
        Some(end) => (&line[..at], &place[..end]),
        None => (line, b""),
    }
}

/// Where a short text begins: for the few hundred bytes of a message this is faster than
/// preparing a search.
fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let mut starts = memchr::memchr_iter(what[0], text);
    starts.find(|at| text[*at..].starts_with(what))
}

/// Whether an entry of PHP's error log begins at this line: `[22-Nov-2026 11:31:53 UTC] `.
pub fn begins(line: &[u8]) -> bool {
    line.first() == Some(&b'[') && time::fpm(&line[1..]).is_some()
}

/// Reads an entry of PHP's error log.
pub fn read<'l>(entry: &'l [u8], zone: &Zone) -> Read<'l> {
    let Some((local, taken)) = entry.get(1..).and_then(time::fpm) else {
        return Read::Unknown;
    };
    let rest = &entry[1 + taken..];
    let Some(end) = memmem::find(&rest[..rest.len().min(64)], b"] ") else {
        return Read::Unknown;
    };
    let utc = match rest[..end].trim_ascii() {
        b"UTC" => local,
        _ => zone.to_utc(local),
    };
    of_message(message(&rest[end + 2..]), Some(utc))
}

/// A message as an event.
pub fn of_message(message: Message<'_>, time: Option<i64>) -> Read<'_> {
    if message.signal == Signal::PhpNotice {
        return Read::Irrelevant;
    }
    let mut event = Event::new(message.signal);
    event.time = time;
    event.detail = message.detail;
    event.script = message.script;
    Read::Event(event)
}
