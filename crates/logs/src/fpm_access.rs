//! PHP-FPM's own access log (`sapi/fpm/fpm/fpm_log.c`): `%R - %u %t "%m %r" %s`, and what people
//! add behind it. `%t` is the start of the request, without brackets.

use memchr::memmem;

use crate::event::{Event, Read, Signal};
use crate::nginx_error::target_parts;
use crate::time;

/// Reads a line.
pub fn read(line: &[u8]) -> Read<'_> {
    parse(line).map_or(Read::Unknown, Read::Event)
}

fn parse(line: &[u8]) -> Option<Event<'_>> {
    let open = memmem::find(line, b" \"")?;
    let stamp = line.get(open.checked_sub(26)?..open)?;
    let mut event = Event::new(Signal::Served);
    event.time = Some(time::time_local(stamp)?);
    let rest = &line[open + 2..];
    let close = memmem::find(rest, b"\" ")?;
    let request = &rest[..close];
    let space = memchr::memchr(b' ', request)?;
    event.method = &request[..space];
    (event.path, event.query) = target_parts(&request[space + 1..]);
    let mut words = rest[close + 2..].split(|b| *b == b' ');
    let status = words.next()?;
    let is_status = status.len() == 3 && status.iter().all(u8::is_ascii_digit);
    event.status = u16::try_from(time::digits(status).filter(|_| is_status)?).ok()?;
    for word in words {
        if word.starts_with(b"/") && event.script.is_empty() {
            event.script = word;
        } else if let Some(pid) = word.strip_prefix(b"pid=") {
            event.pid = u32::try_from(time::digits(pid)?).ok()?;
        } else if event.millis.is_none() && word.contains(&b'.') && !word.ends_with(b"%") {
            event.millis = duration(word);
        }
    }
    Some(event)
}

/// `%{milliseconds}d` has milliseconds and `%d` seconds, both with three digits behind the point
/// and without a unit; the former is what people write.
fn duration(word: &[u8]) -> Option<u32> {
    let word = word.strip_suffix(b"ms").unwrap_or(word);
    let dot = memchr::memchr(b'.', word)?;
    let fraction = &word[dot + 1..];
    let fits = !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit);
    fits.then_some(())?;
    u32::try_from(time::digits(&word[..dot])?).ok()
}
