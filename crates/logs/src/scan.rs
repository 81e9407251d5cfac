//! Reading blocks of one log, whatever kind it is.

use crate::access_format::Format;
use crate::detect::{LogKind, kind_of_line};
use crate::event::Read;
use crate::nginx_access::{NginxAccess, Request};
use crate::nginx_error::NginxError;
use crate::time::{self, Zone};
use crate::{fpm, fpm_access, journal, kernel, nginx_error, php, slow, syslog, wrap};

/// What a reader must be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone of times without one.
    pub zone: Zone,
    /// The year of times without one (syslog).
    pub year: i64,
    /// Formats of access logs, from the configuration.
    pub formats: Vec<Format>,
}

/// Reads one log.
#[derive(Clone, Debug)]
pub struct Scanner {
    kind: LogKind,
    /// Whether lines of other kinds are recognised too.
    is_strict: bool,
    settings: Settings,
    error: NginxError,
    access: NginxAccess,
    /// Where wrapped lines are unwrapped.
    scratch: Vec<u8>,
}

/// One entry that was read.
#[derive(Debug)]
pub struct Seen<'l> {
    /// Number of its first line, from 1.
    pub line: u64,
    /// How many lines it has.
    pub lines: u64,
    /// Its bytes, as they stand in the log.
    pub entry: &'l [u8],
    /// What it means.
    pub read: Read<'l>,
    /// For a line of an access log: its status and time.
    pub request: Request,
}

impl Seen<'_> {
    /// When, UTC, if the line was of interest or is a request.
    pub fn time(&self) -> Option<i64> {
        match &self.read {
            Read::Event(event) => event.time.or(self.request.time),
            _ => self.request.time,
        }
    }
}

impl Scanner {
    /// A reader for logs of this kind; `is_strict` when the user said so, and lines of other kinds
    /// are not understood then.
    pub fn new(kind: LogKind, is_strict: bool, settings: Settings) -> Self {
        Scanner {
            kind,
            is_strict,
            error: NginxError::new(settings.zone.clone()),
            access: NginxAccess::new(settings.formats.clone(), settings.zone.clone()),
            settings,
            scratch: Vec::new(),
        }
    }

    /// Which levels of nginx's error log were met, see [`nginx_error::LEVELS`].
    pub fn levels(&self) -> u8 {
        self.error.levels
    }

    /// Whether an entry begins at this line, which may be cut.
    pub fn begins(&self, line: &[u8]) -> bool {
        match self.kind {
            LogKind::NginxError => nginx_error::begins(line),
            LogKind::Fpm => fpm::begins(line),
            LogKind::PhpError => php::begins(line),
            LogKind::FpmSlow => slow::begins(line),
            LogKind::JournalExport => journal::begins_export(line),
            LogKind::NginxAccess | LogKind::FpmAccess | LogKind::Kernel | LogKind::Syslog => true,
            LogKind::JournalJson => true,
            LogKind::DockerJson | LogKind::Cri | LogKind::Compose => wrap::begins(self.kind, line),
        }
    }

    /// Reads a block of whole entries.
    pub fn scan(&mut self, block: &[u8], first_line: u64, sink: &mut impl FnMut(&Seen<'_>)) {
        let mut line = first_line;
        let mut rest = block;
        while !rest.is_empty() {
            let (length, lines) = self.entry(rest);
            let entry = &rest[..length];
            let text = entry.strip_suffix(b"\n").unwrap_or(entry);
            // As an editor or a transfer from Windows leaves it.
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            self.read(line, lines, text, sink);
            line += lines;
            rest = &rest[length..];
        }
    }

    /// The time of the first and of the last entry of a block that have one, whatever they say: so
    /// much of the time a log tells of.
    pub fn span_of(&self, block: &[u8]) -> Option<(i64, i64)> {
        let mut lines = block.split(|b| *b == b'\n').take(64);
        let first = lines.find_map(|line| self.time_of(line))?;
        let mut lines = block.rsplit(|b| *b == b'\n').take(64);
        let last = lines.find_map(|line| self.time_of(line))?;
        Some((first, last))
    }

    fn time_of(&self, line: &[u8]) -> Option<i64> {
        let zone = &self.settings.zone;
        let mut scratch = Vec::new();
        let (text, outer, _) = self.unwrapped(line, &mut scratch);
        if outer.is_some() {
            return outer;
        }
        let local = match text.first()? {
            b'[' => time::fpm(&text[1..]).map(|(local, _)| local),
            _ => time::nginx_error(text),
        };
        local.map(|local| zone.to_utc(local))
    }

    /// Bytes and lines of the first entry.
    fn entry(&self, text: &[u8]) -> (usize, u64) {
        let mut end = 0;
        let mut lines = 0;
        loop {
            lines += 1;
            match memchr::memchr(b'\n', &text[end..]) {
                None => return (text.len(), lines),
                Some(at) => end += at + 1,
            }
            if end == text.len() || self.begins(&text[end..]) {
                return (end, lines);
            }
        }
    }

    fn read(&mut self, line: u64, lines: u64, entry: &[u8], sink: &mut impl FnMut(&Seen<'_>)) {
        let mut seen = Seen {
            line,
            lines,
            entry,
            read: Read::Irrelevant,
            request: Request::default(),
        };
        if entry.trim_ascii().is_empty() {
            return sink(&seen);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let (text, outer, tag) = self.unwrapped(entry, &mut scratch);
        let kind = self.kind_of(text, tag);
        let mut request = Request::default();
        seen.read = match kind {
            None => Read::Unknown,
            Some(Inner::Kernel) => kernel::message(text),
            Some(Inner::Systemd) => kernel::systemd(text),
            Some(Inner::Nothing) => Read::Irrelevant,
            Some(Inner::Log(kind)) => of_kind(
                &mut self.error,
                &mut self.access,
                &self.settings,
                kind,
                text,
                &mut request,
            ),
        };
        if let Read::Event(event) = &mut seen.read {
            event.time = event.time.or(outer);
        }
        seen.request = request;
        sink(&seen);
        self.scratch = scratch;
    }

    /// The text inside a wrap, with the time and the program that the wrap names.
    fn unwrapped<'l>(
        &self,
        entry: &'l [u8],
        scratch: &'l mut Vec<u8>,
    ) -> (&'l [u8], Option<i64>, Option<Tag>) {
        let settings = &self.settings;
        match self.kind {
            LogKind::Syslog => match syslog::split(entry, &settings.zone, settings.year) {
                Some(line) => (line.text, line.time, Some(Tag::of(line.tag))),
                None => (entry, None, None),
            },
            LogKind::JournalJson | LogKind::JournalExport => {
                let read = match self.kind {
                    LogKind::JournalJson => journal::json(entry),
                    _ => journal::export(entry),
                };
                match read {
                    Some(found) => {
                        *scratch = found.message;
                        (scratch, found.time, Some(Tag::of(&found.identifier)))
                    }
                    None => (entry, None, None),
                }
            }
            LogKind::DockerJson | LogKind::Cri | LogKind::Compose => {
                match wrap::unwrap(self.kind, entry, scratch) {
                    Some(inner) => (scratch, inner.time, None),
                    None => (entry, None, None),
                }
            }
            _ => (entry, None, None),
        }
    }

    /// What to read a text as.
    fn kind_of(&self, text: &[u8], tag: Option<Tag>) -> Option<Inner> {
        let own = Some(Inner::Log(self.kind));
        match tag {
            Some(Tag::Kernel) => return Some(Inner::Kernel),
            Some(Tag::Systemd) => return Some(Inner::Systemd),
            // Lines of other programs are of no interest, whatever they look like.
            Some(Tag::Other) => {
                let known = kind_of_line(text);
                return Some(known.map_or(Inner::Nothing, Inner::Log));
            }
            Some(Tag::Fpm) => return Some(Inner::Log(LogKind::Fpm)),
            None => {}
        }
        match self.kind {
            _ if self.is_strict && !self.kind.is_wrapped() => own,
            LogKind::NginxError if nginx_error::begins(text) => own,
            LogKind::NginxAccess if !nginx_error::begins(text) && text[0] != b'[' => own,
            LogKind::Fpm if fpm::level(behind_stamp(text)).is_some() => own,
            LogKind::PhpError if php::begins(text) && kind_of_line(text) == Some(self.kind) => own,
            _ => {
                let other = kind_of_line(text).filter(|kind| !kind.is_wrapped());
                match (other, self.kind.is_wrapped()) {
                    (Some(other), _) => Some(Inner::Log(other)),
                    // A runtime wraps whatever its programs print.
                    (None, true) => text
                        .starts_with(b"PHP ")
                        .then_some(Inner::Log(LogKind::Fpm)),
                    (None, false) => own,
                }
            }
        }
    }
}

/// What stands in a wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    Log(LogKind),
    Kernel,
    Systemd,
    Nothing,
}

/// The program that a wrap names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Kernel,
    Systemd,
    Fpm,
    Other,
}

impl Tag {
    fn of(name: &[u8]) -> Tag {
        match name {
            b"kernel" => Tag::Kernel,
            _ if name.starts_with(b"systemd") => Tag::Systemd,
            _ if name.starts_with(b"php") && memchr::memmem::find(name, b"fpm").is_some() => {
                Tag::Fpm
            }
            _ => Tag::Other,
        }
    }
}

/// A line of FPM behind its time stamp.
fn behind_stamp(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'[') => memchr::memmem::find(&text[..text.len().min(40)], b"] ")
            .map_or(text, |at| &text[at + 2..]),
        _ => text,
    }
}

fn of_kind<'l>(
    error: &'l mut NginxError,
    access: &'l mut NginxAccess,
    settings: &Settings,
    kind: LogKind,
    text: &'l [u8],
    request: &mut Request,
) -> Read<'l> {
    let zone = &settings.zone;
    match kind {
        LogKind::NginxError => error.read(text),
        LogKind::NginxAccess => access.read(text, request),
        LogKind::Fpm => fpm::read(text, zone),
        LogKind::FpmAccess => fpm_access::read(text),
        LogKind::FpmSlow => slow::read(text, zone),
        LogKind::PhpError => php::read(text, zone),
        LogKind::Kernel => kernel::read(text, zone),
        _ => Read::Unknown,
    }
}
