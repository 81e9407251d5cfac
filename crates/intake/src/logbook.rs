//! What is known of a log before it is read, and what a diagnosis wants of the configuration.

use base::Problem;
use base::diagnosis::{Diagnosis, ZoneKnown};
use diagnose::read::{self, Span};
use diagnose::state::SourceState;
use diagnose::{Stack, State, Wanted};
use logs::LogKind;
use logs::scan::{Scanner, Settings};
use logs::time::Zone;
use model::Model;

use crate::formats::Formats;
use crate::gather::unreadable;

/// The configuration beside the logs, if there is one.
#[derive(Default)]
pub struct Configured {
    /// With all secrets marked.
    pub model: Option<Model>,
    /// What the diagnosis wants to know of it.
    pub stack: Stack,
    /// How the lines of its access logs look.
    pub formats: Formats,
    /// What kept us from reading it.
    pub problems: Vec<Problem>,
}

impl Configured {
    /// What a model tells; `problems` are those of finding its files.
    pub fn of(mut model: Model, mut problems: Vec<Problem>) -> Configured {
        problems.append(&mut model.problems);
        let files: Vec<_> = model.sources.iter().map(|(id, _)| id).collect();
        for file in files {
            redact::mark(&mut model.sources, file);
        }
        Configured {
            stack: Stack::of(&model),
            formats: Formats::of(&model),
            model: Some(model),
            problems,
        }
    }

    /// What a log is, and whether the user said so. `None` when nothing in it is known.
    pub fn kind_of(
        &self,
        head: &[u8],
        told: Option<LogKind>,
        given: &[String],
    ) -> Option<(LogKind, bool)> {
        if let Some(kind) = told {
            return Some((kind, true));
        }
        if self.formats.fit(head, given) {
            return Some((LogKind::NginxAccess, false));
        }
        // An empty log says that nothing was written, which is an answer.
        let empty = || head.trim_ascii().is_empty().then_some(LogKind::NginxError);
        let kind = logs::detect::detect(head).or_else(empty)?;
        Some((kind, false))
    }

    /// The judges' answer. `diff` gives the edits that end what these rules find.
    pub fn diagnose(
        &self,
        state: &State,
        wanted: Wanted,
        diff: &dyn Fn(&[&str]) -> String,
    ) -> Diagnosis {
        let mut diagnosis = diagnose::diagnose(state, &self.stack, wanted);
        for group in &mut diagnosis.groups {
            let cause = diagnose::causes::by_id(group.cause);
            group.diff = cause.map_or_else(String::new, |cause| diff(cause.rules));
        }
        diagnosis
    }
}

/// One log in memory.
#[derive(Clone, Copy, Debug)]
pub struct Log<'l> {
    /// Its name.
    pub name: &'l str,
    /// All of it.
    pub bytes: &'l [u8],
}

/// Logs that were read.
pub struct Logbook {
    /// What they say, with secrets covered.
    pub state: State,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Seconds east of UTC of times without a zone.
    pub offset: i32,
}

impl Logbook {
    /// Reads logs. `offset` is that of times without a zone, in seconds east of UTC; without one
    /// an access log may tell, else it is UTC. `year` is that of times without one.
    pub fn read(
        logs: &[Log<'_>],
        configured: &Configured,
        offset: Option<i32>,
        year: i64,
    ) -> Logbook {
        let told = || logs.iter().find_map(|log| offset_in(head(log.bytes)));
        let (offset, how) = match (offset, told) {
            (Some(offset), _) => (offset, ZoneKnown::Given),
            (None, told) => match told() {
                Some(offset) => (offset, ZoneKnown::Inferred),
                None => (0, ZoneKnown::Assumed),
            },
        };
        let zone = offset_name(offset);
        let settings = Settings {
            zone: Zone::fixed(offset),
            year,
            formats: configured.formats.with(&[]).unwrap_or_default(),
        };
        let mut book = Logbook {
            state: State::default(),
            problems: Vec::new(),
            offset,
        };
        for log in logs {
            let Some((kind, told)) = configured.kind_of(head(log.bytes), None, &[]) else {
                book.problems.push(unknown_log(log.name));
                continue;
            };
            let about = about(log.name.to_owned(), kind, (&zone, how));
            let scanner = Scanner::new(kind, told, settings.clone());
            let span = Span::default();
            let read = read::log(log.bytes, scanner, &about, span, &mut book.state);
            if let Err(error) = read {
                let message = format!("{}: {error}", log.name);
                book.problems.push(unreadable(message, None));
            }
        }
        book.state.seal();
        book
    }
}

/// How much of a log is looked at to see what it is.
const HEAD: usize = 64 << 10;

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(HEAD)]
}

/// A log of which nothing is known.
pub fn unknown_log(name: &str) -> Problem {
    unreadable(
        format!("{name}: nothing in it looks like a log that is known"),
        Some("say what it is with --as, such as --as nginx-access with --log-format"),
    )
}

/// What is known of a log before it is read. `zone` is that of times without one: its name, and
/// how it is known.
pub fn about(name: String, kind: LogKind, zone: (&str, ZoneKnown)) -> SourceState {
    let is_written = matches!(
        kind,
        LogKind::NginxAccess | LogKind::FpmAccess | LogKind::JournalJson | LogKind::JournalExport
    );
    let (zone, how) = match is_written {
        true => ("", ZoneKnown::Written),
        false => zone,
    };
    SourceState {
        name,
        kind: kind.word().to_owned(),
        zone: zone.to_owned(),
        zone_how: how.word().to_owned(),
        ..SourceState::default()
    }
}

/// The offset that a line of an access log names, in seconds east of UTC: the other logs of the
/// machine are in the same zone.
pub fn offset_in(head: &[u8]) -> Option<i32> {
    let lines = head.split(|b| *b == b'\n').take(50);
    lines.filter_map(logs::detect::offset_of).next()
}

/// The name of a fixed offset in seconds east of UTC: `+02:00`.
pub fn offset_name(seconds: i32) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60)
}
