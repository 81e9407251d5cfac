//! What kind of log a file is, by what is in it.

use crate::access_format::Format;
use crate::{fpm, fpm_access, journal, json, kernel, nginx_error, php, slow, syslog, time, wrap};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// A kind of log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LogKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl LogKind {
            /// All of them.
            pub const ALL: &[LogKind] = &[$(LogKind::$name,)*];

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self {
                    $(LogKind::$name => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// nginx's error log.
    NginxError = "nginx-error",
    /// nginx's access log, in any format.
    NginxAccess = "nginx-access",
    /// PHP-FPM's log.
    Fpm = "fpm",
    /// PHP-FPM's own access log.
    FpmAccess = "fpm-access",
    /// PHP-FPM's slow log.
    FpmSlow = "fpm-slow",
    /// PHP's error log.
    PhpError = "php-error",
    /// The kernel's log as `dmesg` prints it.
    Kernel = "kernel",
    /// syslog of one or several programs.
    Syslog = "syslog",
    /// `journalctl -o json`.
    JournalJson = "journal-json",
    /// `journalctl -o export`.
    JournalExport = "journal-export",
    /// Docker's json-file.
    DockerJson = "docker",
    /// Kubernetes' container logs.
    Cri = "cri",
    /// `docker compose logs`.
    Compose = "compose",
}

impl LogKind {
    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<LogKind> {
        LogKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.word() == word)
    }

    /// Whether lines of several programs stand in it, each with a wrap around.
    pub fn is_wrapped(self) -> bool {
        matches!(
            self,
            LogKind::Syslog
                | LogKind::JournalJson
                | LogKind::JournalExport
                | LogKind::DockerJson
                | LogKind::Cri
                | LogKind::Compose
        )
    }
}

/// The kind of a log by its beginning; `None` when nothing in it looks like one.
pub fn detect(head: &[u8]) -> Option<LogKind> {
    let lines = || {
        let lines = head.split(|b| *b == b'\n');
        lines
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !line.is_empty())
            .take(400)
    };
    let mut counts = vec![0usize; LogKind::ALL.len()];
    let mut known = 0;
    for kind in lines().filter_map(kind_of_line) {
        counts[kind as usize] += 1;
        known += 1;
    }
    // Stack traces, dumps of the kernel and worker output make up for some; a text in which a
    // line happens to look like a log is none.
    if known == 0 || known * 8 < lines().count() {
        return None;
    }
    let best = LogKind::ALL
        .iter()
        .max_by_key(|kind| counts[**kind as usize])?;
    Some(*best)
}

/// The kind of a single line that begins an entry.
pub fn kind_of_line(line: &[u8]) -> Option<LogKind> {
    let is_slow = || slow::begins(line);
    match line.first()? {
        b'0'..=b'9' if nginx_error::begins(line) => Some(LogKind::NginxError),
        b'[' if is_slow() => Some(LogKind::FpmSlow),
        b'[' if kernel::looks_like(line) => Some(LogKind::Kernel),
        b'[' if php::begins(line) => {
            let end = memchr::memmem::find(&line[..line.len().min(80)], b"] ")?;
            let is_fpm = fpm::level(&line[end + 2..]).is_some();
            Some(if is_fpm {
                LogKind::Fpm
            } else {
                LogKind::PhpError
            })
        }
        b'{' if journal::looks_like_json(line) => Some(LogKind::JournalJson),
        b'{' => match wrap::kind(line) {
            Some(kind) => Some(kind),
            None => {
                json::fields(line)?;
                Format::of_json(line).map(|_| LogKind::NginxAccess)
            }
        },
        b'_' if journal::begins_export(line) => Some(LogKind::JournalExport),
        b'N' | b'W' | b'E' | b'A' | b'D' if fpm::level(line).is_some() => Some(LogKind::Fpm),
        _ if is_combined(line) => Some(LogKind::NginxAccess),
        _ if matches!(fpm_access::read(line), crate::Read::Event(_)) => Some(LogKind::FpmAccess),
        _ => match wrap::kind(line) {
            Some(kind) => Some(kind),
            None => syslog::looks_like(line).then_some(LogKind::Syslog),
        },
    }
}

/// `ADDRESS - USER [22/Nov/2026:11:31:20 +0000] "…`, whatever follows.
fn is_combined(line: &[u8]) -> bool {
    let Some(open) = memchr::memmem::find(&line[..line.len().min(400)], b" [") else {
        return false;
    };
    time::time_local(&line[open + 2..]).is_some() && line.get(open + 28..open + 29) == Some(b"]")
}

/// The offset that a line's own time stamp names, in seconds east of UTC.
pub fn offset_of(line: &[u8]) -> Option<i32> {
    let head = &line[..line.len().min(600)];
    let local = memchr::memchr_iter(b'[', head)
        .filter(|at| time::time_local(&head[at + 1..]).is_some())
        .map(|at| &head[at + 22..at + 27])
        .next();
    let iso = || {
        let at = memchr::memchr_iter(b'"', head).find(|at| {
            let (stamp, has_zone) = time::iso(&head[at + 1..]).unwrap_or((0, false));
            stamp != 0 && has_zone
        })?;
        let stamp = head.get(at + 20..at + 26)?;
        Some(if stamp[0] == b'Z' { b"+00:00" } else { stamp })
    };
    let seconds = time::offset(local.or_else(iso)?)? / 1000;
    i32::try_from(seconds).ok()
}
