//! Following logs: what is appended is read once, over rotations and restarts.
//!
//! ```text
//! Wanted ─► Log ── Lines ── Generation, Generation, …   (a file, its rotated predecessors)
//!                   │
//!                   └─ or the journal (`journalctl` in a process of its own)
//! ```
//!
//! A file is looked at once in a round (one `stat`), and read with plain reads: a map would count
//! as memory and end the program when the file is truncated. Copying and truncating
//! (`copytruncate`) loses what is written between the two; nothing can help that.

mod file;
mod journal;
mod lines;
mod position;
mod rotated;

use std::path::PathBuf;

use base::SortedMap;
use base::source::printable;
use diagnose::State;
use diagnose::read::{Span, block};
use diagnose::state::SourceState;
use intake::Configured;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use logs::LogKind;
use logs::scan::{Scanner, Settings};

use crate::snapshot::LogView;
use file::FileLines;
use journal::JournalLines;
use lines::Lines;
pub use position::{Position, Positions};
pub use rotated::neighbours;

/// How much of a log is looked at to see what it is.
const HEAD: usize = 64 << 10;

/// The number of a line has so many bits; above them stands how often its log was rotated, so that
/// lines of a file and of its successor are told apart.
pub(crate) const LINE_BITS: u32 = 40;

/// A log to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    source: Source,
    /// What it is, when the user has said so.
    kind: Option<LogKind>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    /// The journal, of this folder if one is given.
    Journal(Option<PathBuf>),
}

impl Wanted {
    /// A file; it need not be there yet.
    pub fn file(path: PathBuf) -> Wanted {
        Wanted {
            source: Source::File(path),
            kind: None,
        }
    }

    /// The same, of this kind when one is given.
    #[must_use]
    pub fn of_kind(self, kind: Option<LogKind>) -> Wanted {
        Wanted { kind, ..self }
    }

    /// The journal of this machine, or of a folder.
    pub fn journal(folder: Option<PathBuf>) -> Wanted {
        Wanted {
            source: Source::Journal(folder),
            kind: Some(LogKind::JournalJson),
        }
    }

    /// Its name, as it is shown and as its position is kept.
    pub fn name(&self) -> String {
        match &self.source {
            Source::File(path) => printable(path.as_os_str().as_encoded_bytes()),
            Source::Journal(None) => "journal".to_owned(),
            Source::Journal(Some(folder)) => {
                format!(
                    "journal:{}",
                    printable(folder.as_os_str().as_encoded_bytes())
                )
            }
        }
    }
}

/// Where a log begins that nothing was read of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// With what is written from now on.
    End,
    /// With its first line.
    Start,
    /// With the first line of its last bytes, of which there are at most so many.
    Back(u64),
}

/// Follows many logs.
pub struct Follower {
    logs: Vec<Log>,
    configured: Configured,
    /// Where logs are that an earlier agent read and nobody has asked for yet.
    positions: Positions,
    from: Beginning,
    rotations: SortedMap<String, u64>,
    /// Seconds east of UTC, as an access log tells.
    offset: Option<i32>,
    year: i64,
}

struct Log {
    wanted: Wanted,
    name: String,
    lines: Box<dyn Lines + Send>,
    /// Once its kind is known.
    reader: Option<Reader>,
    /// Moment of the last entry that was read.
    last: Option<i64>,
    /// When something of it was read last.
    read: Option<i64>,
    problem: Option<String>,
}

struct Reader {
    scanner: Scanner,
    about: SourceState,
}

impl Follower {
    /// Goes on at these positions. Where logs without one begin, `from` says.
    pub fn new(positions: Positions, from: Beginning) -> Follower {
        Follower {
            logs: Vec::new(),
            configured: Configured::default(),
            positions,
            from,
            rotations: SortedMap::new(),
            offset: None,
            year: this_year(),
        }
    }

    /// Follows these logs from now on, read as this configuration says.
    pub fn set_wanted(&mut self, wanted: Vec<Wanted>, configured: Configured) {
        self.configured = configured;
        let mut old = std::mem::take(&mut self.logs);
        for wanted in wanted {
            let name = wanted.name();
            if self.logs.iter().any(|log| log.name == name) {
                continue;
            }
            let known = old.iter().position(|log| log.wanted == wanted);
            self.logs.push(match known {
                Some(at) => Log {
                    // Its format may be another one now.
                    reader: None,
                    ..old.swap_remove(at)
                },
                None => {
                    let position = self.positions.take(&name);
                    let lines: Box<dyn Lines + Send> = match &wanted.source {
                        Source::File(path) => {
                            Box::new(FileLines::new(path.clone(), position.as_ref(), self.from))
                        }
                        Source::Journal(folder) => {
                            Box::new(JournalLines::new(folder.clone(), position, self.from))
                        }
                    };
                    Log {
                        wanted,
                        name,
                        lines,
                        reader: None,
                        last: None,
                        read: None,
                        problem: None,
                    }
                }
            });
        }
        // A log that nobody wants keeps its place, should it be wanted again.
        for log in old {
            self.positions.put(log.name, log.lines.position());
        }
        self.logs.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Looks what has become of the files; once in a round.
    pub fn look(&mut self) {
        let year = this_year();
        if year != self.year {
            self.year = year;
            self.logs.iter_mut().for_each(|log| log.reader = None);
        }
        for log in &mut self.logs {
            let problem = log.lines.look();
            let turns = log.lines.take_turns();
            if turns > 0 {
                *self.rotations.entry(log.name.clone()).or_default() += turns;
            }
            // What a log is, is known better when there is more of it.
            if problem.is_some() || log.reader.is_some() {
                log.problem = problem;
            }
        }
    }

    /// Reads whole entries of the log that is furthest behind, at most about so many bytes, into
    /// `part`: the moment of the last one. `None` when there is nothing to read now.
    pub fn read(&mut self, most: usize, part: &mut State) -> Option<Option<i64>> {
        let mut tried = Vec::new();
        loop {
            let ready = self.logs.iter().enumerate();
            let ready = ready.filter(|(at, log)| !tried.contains(at) && log.lines.is_ready());
            let (at, _) = ready.min_by_key(|(_, log)| (log.last, log.read))?;
            if let Some(last) = self.read_log(at, most, part) {
                return Some(last);
            }
            tried.push(at);
        }
    }

    fn read_log(&mut self, at: usize, most: usize, part: &mut State) -> Option<Option<i64>> {
        if self.logs[at].reader.is_none() {
            let lines = &mut self.logs[at].lines;
            let is_whole = lines.is_last() || {
                let head = lines.head();
                head.len() >= HEAD || memchr::memchr(b'\n', head).is_some()
            };
            if !is_whole {
                // Half a line says nothing yet.
                return None;
            }
            self.logs[at].reader = self.recognise(at);
        }
        let log = &mut self.logs[at];
        let Some(reader) = &mut log.reader else {
            log.problem = Some(
                "nothing in it looks like a log that is known; say what it is with \
                 --log KIND=PATH"
                    .to_owned(),
            );
            // It is not kept in memory until it does.
            log.lines.skip(most);
            return None;
        };
        let Reader { scanner, about } = reader;
        let (bytes, what) = log.lines.next(most, &|line| scanner.begins(line))?;
        block(scanner, bytes, what, about, Span::default(), part);
        let id = diagnose::state::file_id(&about.name);
        let last = part.sources.get(&id).and_then(|source| source.last);
        log.last = last.max(log.last);
        log.read = Some(crate::watch::now());
        log.problem = None;
        Some(log.last)
    }

    /// What a log is, by its beginning.
    fn recognise(&mut self, at: usize) -> Option<Reader> {
        let log = &mut self.logs[at];
        let head = log.lines.head();
        let (kind, is_told) = self.configured.kind_of(head, log.wanted.kind, &[])?;
        if kind == LogKind::NginxAccess && self.offset.is_none() {
            self.offset = intake::offset_in(head);
        }
        let (zone, zone_name) = zone(self.offset);
        let settings = Settings {
            zone,
            year: self.year,
            formats: self.configured.formats.with(&[]).unwrap_or_default(),
        };
        let how = match self.offset {
            Some(_) => base::diagnosis::ZoneKnown::Inferred,
            None => base::diagnosis::ZoneKnown::Assumed,
        };
        Some(Reader {
            scanner: Scanner::new(kind, is_told, settings),
            about: intake::about(log.name.clone(), kind, (&zone_name, how)),
        })
    }

    /// Everything before this moment was read of every log that is known; `None` when nothing of
    /// them is unread. A log that nobody can read holds nobody up.
    pub fn behind(&self) -> Option<i64> {
        let known = self.logs.iter().filter(|log| log.reader.is_some());
        let ready = known.filter(|log| log.lines.is_ready());
        // An access log writes the second in which a request ended.
        let moment = |log: &Log| {
            log.last
                .map_or(i64::MIN, |last| last - last.rem_euclid(1000))
        };
        ready.map(moment).min()
    }

    /// Bytes that are written and not read yet.
    pub fn unread(&self) -> u64 {
        self.logs.iter().map(|log| log.lines.unread()).sum()
    }

    /// Rotations since the last time, by log.
    pub fn take_rotations(&mut self) -> SortedMap<String, u64> {
        std::mem::take(&mut self.rotations)
    }

    /// How far everything was read that was given out.
    pub fn positions(&self) -> Positions {
        let mut positions = self.positions.clone();
        for log in &self.logs {
            positions.put(log.name.clone(), log.lines.position());
        }
        positions
    }

    /// What is shown of the logs.
    pub fn views(&self) -> Vec<LogView> {
        let view = |log: &Log| LogView {
            name: log.name.clone(),
            kind: (log.reader.as_ref()).map_or_else(String::new, |known| known.about.kind.clone()),
            lag: log.lines.unread(),
            read: log.read,
            problem: log.problem.clone(),
        };
        self.logs.iter().map(view).collect()
    }
}

/// The zone of times without one: what an access log tells, unless this machine is in it.
fn zone(offset: Option<i32>) -> (logs::time::Zone, String) {
    let local = TimeZone::system();
    let here = local.to_offset(Timestamp::now()).seconds();
    match offset {
        Some(offset) if offset != here => {
            (logs::time::Zone::fixed(offset), intake::offset_name(offset))
        }
        _ => {
            let name = local.iana_name().unwrap_or("the zone of this machine");
            (crate::zone::steps(&local), name.to_owned())
        }
    }
}

fn this_year() -> i64 {
    i64::from(TimeZone::UTC.to_datetime(Timestamp::now()).year())
}
