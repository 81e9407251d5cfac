//! `diagnose` and `merge`: find the logs, read them on all cores, judge, and render.

mod configured;
mod logs_of;
pub(crate) mod open;
mod output;
mod read;
mod zones;

use std::io::{self, Write};
use std::sync::Mutex;

use base::{Problem, ProblemKind};
use diagnose::State;
use diagnose::state::SourceState;
use jiff::Timestamp;
use logs::LogKind;
use logs::scan::{Scanner, Settings};

use crate::cli::{DiagnoseArgs, MergeArgs};
use crate::run::Outcome;
use crate::talk;

use configured::Configured;
use logs_of::Wanted;
use open::Opened;
pub(crate) use output::Progress;
use read::Span;
use zones::Named;

/// Diagnoses logs.
pub(crate) fn diagnose(args: &DiagnoseArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let wanted = match logs_of::find(args) {
        Ok(wanted) => wanted,
        Err(reason) => return Ok(refuse(&reason)),
    };
    let mut configured = Configured::load(&wanted);
    let mut problems = wanted.problems.clone();
    let opened = open_all(args, &wanted, &configured, &mut problems);
    let now = Timestamp::now();
    let plan = match Plan::new(args, &opened, now) {
        Ok(plan) => plan,
        Err(reason) => return Ok(refuse(&reason)),
    };
    let formats = match configured.formats(&args.log_format) {
        Ok(formats) => formats,
        Err(reason) => return Ok(refuse(&reason)),
    };
    let settings = Settings {
        zone: plan.zone.steps(),
        year: plan.year,
        formats,
    };
    let state = Mutex::new(State::default());
    let progress = Progress::new(opened.iter().map(|(log, _)| log.size));
    for (log, kind) in opened {
        let (kind, is_told) = kind;
        let about = plan.about(args, &log, kind);
        let name = about.name.clone();
        let scanner = Scanner::new(kind, is_told, settings.clone());
        progress.begin(&name);
        let result = read::read(log, &scanner, &about, plan.span, &state, &progress);
        if let Err(error) = result {
            problems.push(unreadable(
                format!("{name}: {error}"),
                Some("what was read before is in the answer"),
            ));
        }
    }
    progress.finish();
    let state = state.into_inner();
    let mut state = state.unwrap_or_else(std::sync::PoisonError::into_inner);
    state.seal();
    let unread = problems.len();
    problems.append(&mut configured.problems);
    if let Some(path) = &args.state
        && let Err(reason) = output::save(path, &state)
    {
        return Ok(refuse(&reason));
    }
    let offset = plan.zone.offset_at(now.as_millisecond());
    output::answer(
        &state,
        &configured,
        (&problems, unread),
        offset,
        &args.output,
        out,
    )
}

/// Merges saved states.
pub(crate) fn merge(args: &MergeArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut state = State::default();
    let mut problems = Vec::new();
    for path in &args.states {
        match output::load(path) {
            Ok(mut part) => state.merge(&mut part),
            Err(reason) => problems.push(unreadable(reason, None)),
        }
    }
    let wanted = Wanted::of_config(&args.config);
    let mut configured = Configured::load(&wanted);
    let unread = problems.len();
    problems.append(&mut configured.problems);
    if let Some(path) = &args.state
        && let Err(reason) = output::save(path, &state)
    {
        return Ok(refuse(&reason));
    }
    let now = Timestamp::now().as_millisecond();
    let offset = Named::local().offset_at(now);
    output::answer(
        &state,
        &configured,
        (&problems, unread),
        offset,
        &args.output,
        out,
    )
}

fn refuse(reason: &str) -> Outcome {
    talk(&format!("error: {reason}"));
    Outcome::Undecided
}

fn unreadable(message: String, help: Option<&str>) -> Problem {
    Problem {
        kind: ProblemKind::Unreadable,
        message,
        span: None,
        help: help.map(str::to_owned),
    }
}

/// A log with its kind, and whether the user named the kind.
type Log = (Opened, (LogKind, bool));

/// Opens the logs and sees what they are.
fn open_all(
    args: &DiagnoseArgs,
    wanted: &Wanted,
    configured: &Configured,
    problems: &mut Vec<Problem>,
) -> Vec<Log> {
    let mut opened: Vec<Log> = Vec::new();
    let mut take = |log: io::Result<Opened>, name: &str| {
        let log = match log {
            Ok(log) => log,
            Err(error) => {
                let message = format!("cannot read {name}: {error}");
                return problems.push(unreadable(message, None));
            }
        };
        let told = wanted.kinds.of(&log.name);
        let found = || match configured.fits_access(&log.head, &args.log_format) {
            true => Some(LogKind::NginxAccess),
            false => logs::detect::detect(&log.head),
        };
        match told.or_else(found) {
            Some(kind) => opened.push((log, (kind, told.is_some()))),
            // An empty log says that nothing was written, which is an answer.
            None if log.head.trim_ascii().is_empty() => {
                opened.push((log, (LogKind::NginxError, false)));
            }
            None => problems.push(unreadable(
                format!("{}: nothing in it looks like a log that is known", log.name),
                Some("say what it is with --as, such as --as nginx-access with --log-format"),
            )),
        }
    };
    for path in &wanted.logs {
        let name = base::source::printable(path.as_os_str().as_encoded_bytes());
        take(open::file(path, args.max_expansion), &name);
    }
    if wanted.stdin {
        take(open::stdin(args.max_expansion), "standard input");
    }
    opened
}

/// When and where the logs were written.
struct Plan {
    zone: Named,
    how: base::diagnosis::ZoneKnown,
    span: Span,
    year: i64,
}

impl Plan {
    fn new(args: &DiagnoseArgs, opened: &[Log], now: Timestamp) -> Result<Plan, String> {
        use base::diagnosis::ZoneKnown;
        let (zone, how) = match &args.timezone {
            Some(text) => (Named::parse(text)?, ZoneKnown::Given),
            // An access log names its zone: the other logs of the machine are in the same one.
            None => match opened.iter().find_map(|(log, _)| offset_in(&log.head)) {
                Some(offset) => (Named::offset(offset), ZoneKnown::Inferred),
                None => (Named::local(), ZoneKnown::Assumed),
            },
        };
        let moment = |text: &Option<String>| match text {
            Some(text) => zone.moment(text, now).map(Some),
            None => Ok(None),
        };
        let span = Span {
            since: moment(&args.since)?,
            until: moment(&args.until)?,
        };
        let year = i64::from(jiff::tz::TimeZone::UTC.to_datetime(now).year());
        Ok(Plan {
            zone,
            how,
            span,
            year,
        })
    }

    /// What is known of a log before it is read.
    fn about(&self, args: &DiagnoseArgs, log: &Opened, kind: LogKind) -> SourceState {
        let name = match &args.host {
            Some(host) => format!("{}:{}", base::source::printable(host.as_bytes()), log.name),
            None => log.name.clone(),
        };
        let is_written = matches!(
            kind,
            LogKind::NginxAccess
                | LogKind::FpmAccess
                | LogKind::JournalJson
                | LogKind::JournalExport
        );
        SourceState {
            name,
            kind: kind.word().to_owned(),
            zone: if is_written {
                String::new()
            } else {
                self.zone.name.clone()
            },
            zone_how: match is_written {
                true => base::diagnosis::ZoneKnown::Written.word().to_owned(),
                false => self.how.word().to_owned(),
            },
            ..SourceState::default()
        }
    }
}

/// The offset that a line of an access log names, in seconds east of UTC.
fn offset_in(head: &[u8]) -> Option<i32> {
    let lines = head.split(|b| *b == b'\n').take(50);
    lines.filter_map(logs::detect::offset_of).next()
}
