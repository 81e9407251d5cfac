//! The kernel's lines about killed and crashed processes (`mm/oom_kill.c`,
//! `arch/x86/mm/fault.c`), and systemd's about units. Shapes of old kernels too: the texts changed
//! over the years, the pid and the name in brackets stayed.

use memchr::memmem;

use crate::event::{Event, Read, Signal};
use crate::time::{self, Zone};

/// Reads a line of `dmesg`: `[ 5718.976315] …` or, with `-T`, `[Sun Nov 22 11:32:24 2026] …`.
pub fn read<'l>(line: &'l [u8], zone: &Zone) -> Read<'l> {
    let Some((stamp, rest)) = bracket(line) else {
        return Read::Unknown;
    };
    let time = match stamp
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' '))
    {
        true => None,
        false => match wall_clock(stamp) {
            Some(local) => Some(zone.to_utc(local)),
            None => return Read::Unknown,
        },
    };
    let mut read = message(rest);
    if let Read::Event(event) = &mut read {
        event.time = time;
    }
    read
}

/// Whether it looks like a line of `dmesg`.
pub fn looks_like(line: &[u8]) -> bool {
    bracket(line).is_some_and(|(stamp, _)| {
        let seconds = stamp.trim_ascii();
        let dot = memchr::memchr(b'.', seconds);
        let monotonic = dot.is_some_and(|dot| {
            seconds.len() - dot == 7 && seconds.iter().all(|b| b.is_ascii_digit() || *b == b'.')
        });
        monotonic || wall_clock(stamp).is_some()
    })
}

fn bracket(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // `dmesg -r` has the level in front.
    let line = match line.strip_prefix(b"<") {
        Some(rest) => &rest[memchr::memchr(b'>', &rest[..rest.len().min(5)])? + 1..],
        None => line,
    };
    let rest = line.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', &rest[..rest.len().min(40)])?;
    Some((&rest[..end], rest[end + 1..].trim_ascii_start()))
}

/// `Sun Nov 22 11:32:24 2026`, local time.
fn wall_clock(stamp: &[u8]) -> Option<i64> {
    let mut words = stamp.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let (_, month, day) = (words.next()?, words.next()?, words.next()?);
    let clock = time::clock(words.next()?)?;
    let date = (
        time::digits(words.next()?)?,
        time::month(month)?,
        time::digits(day)?,
    );
    time::millis(date, clock, 0)
}

/// What a line of the kernel means, without its stamp.
pub fn message(text: &[u8]) -> Read<'_> {
    if let Some(event) = killed(text).or_else(|| crashed(text)) {
        return Read::Event(event);
    }
    Read::Irrelevant
}

/// `Memory cgroup out of memory: Killed process 16744 (php-fpm8.2) total-vm:…`.
fn killed(text: &[u8]) -> Option<Event<'_>> {
    let at = memmem::find(text, b"Killed process ")?;
    let rest = &text[at + 15..];
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut event = Event::new(Signal::OomKill);
    event.pid = u32::try_from(time::digits(&rest[..digits])?).ok()?;
    event.detail = in_brackets(&rest[digits..])?;
    Some(event)
}

/// `php-fpm8.2[16744]: segfault at 0 ip …`, `traps: php-fpm8.2[16744] general protection …`.
fn crashed(text: &[u8]) -> Option<Event<'_>> {
    let text = text.strip_prefix(b"traps: ").unwrap_or(text);
    let open = memchr::memchr(b'[', &text[..text.len().min(32)])?;
    let rest = &text[open + 1..];
    let close = memchr::memchr(b']', &rest[..rest.len().min(12)])?;
    let said = rest[close + 1..]
        .strip_prefix(b":")
        .unwrap_or(&rest[close + 1..]);
    let said = said.trim_ascii_start();
    let faults = [
        b"segfault at".as_slice(),
        b"general protection",
        b"trap ",
        b"bad frame",
    ];
    faults
        .iter()
        .any(|fault| said.starts_with(fault))
        .then_some(())?;
    let mut event = Event::new(Signal::Segfault);
    event.pid = u32::try_from(time::digits(&rest[..close])?).ok()?;
    event.detail = &text[..open];
    Some(event)
}

/// The name in ` (php-fpm8.2)` or ` (php-fpm8.2),`.
fn in_brackets(text: &[u8]) -> Option<&[u8]> {
    let rest = text.trim_ascii_start();
    let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    let open = memchr::memchr(b'(', &rest[..rest.len().min(24)])?;
    let rest = &rest[open + 1..];
    let close = memchr::memchr(b')', &rest[..rest.len().min(24)])?;
    Some(&rest[..close])
}

/// What systemd says of a unit.
pub fn systemd(text: &[u8]) -> Read<'_> {
    let signal = match text {
        _ if memmem::find(text, b"killed by the OOM killer").is_some() => Signal::UnitOom,
        _ if memmem::find(text, b"Failed with result 'oom-kill'").is_some() => Signal::UnitOom,
        _ if memmem::find(text, b"under memory pressure").is_some() => Signal::UnitOom,
        _ if is_change(text) => Signal::UnitChange,
        _ => return Read::Irrelevant,
    };
    let is_php = memmem::find(text, b"php").is_some()
        || memmem::find(text, b"FastCGI Process Manager").is_some()
        || memmem::find(text, b"FPM").is_some();
    if !is_php {
        return Read::Irrelevant;
    }
    let mut event = Event::new(signal);
    event.detail = text;
    Read::Event(event)
}

fn is_change(text: &[u8]) -> bool {
    let begins = [
        b"Stopping ".as_slice(),
        b"Stopped ",
        b"Reloading ",
        b"Reloaded ",
        b"Starting ",
        b"Started ",
        b"Restarting ",
    ];
    begins.iter().any(|begin| text.starts_with(begin))
        || memmem::find(text, b"Main process exited").is_some()
}
