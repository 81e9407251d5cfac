//! PHP-FPM's slow log (`sapi/fpm/fpm/fpm_php_trace.c`): an empty line, a head, the script, and one
//! line for each function, the innermost first.

use memchr::memmem;

use crate::event::{Event, Read, Signal};
use crate::time::{self, Zone};

/// Whether an entry begins at this line: `[22-Nov-2026 11:31:19]  [pool www] pid 14058`.
pub fn begins(line: &[u8]) -> bool {
    head(line, &Zone::fixed(0)).is_some()
}

fn head<'l>(line: &'l [u8], zone: &Zone) -> Option<(i64, &'l [u8], u32)> {
    let rest = line.strip_prefix(b"[")?;
    let (local, taken) = time::fpm(rest)?;
    let rest = rest[taken..].strip_prefix(b"]  [pool ")?;
    let end = memmem::find(rest, b"] pid ")?;
    let digits = rest[end + 6..].iter().take_while(|b| b.is_ascii_digit());
    let pid = digits
        .take(9)
        .fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
    Some((zone.to_utc(local), &rest[..end], pid))
}

/// Reads an entry.
pub fn read<'l>(entry: &'l [u8], zone: &Zone) -> Read<'l> {
    let entry = entry.trim_ascii();
    let Some((time, pool, pid)) = head(entry, zone) else {
        return Read::Unknown;
    };
    let mut event = Event::new(Signal::SlowTrace);
    (event.time, event.pool, event.pid) = (Some(time), pool, pid);
    for line in entry.split(|b| *b == b'\n').skip(1) {
        if let Some(script) = line.strip_prefix(b"script_filename = ") {
            event.script = script;
        } else if let (true, Some(at)) = (event.detail.is_empty(), memmem::find(line, b"] ")) {
            event.detail = &line[at + 2..];
        }
    }
    Read::Event(event)
}
