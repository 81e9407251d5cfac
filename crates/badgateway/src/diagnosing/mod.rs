//! `diagnose` and `merge`: find the logs, read them on all cores, judge, and render.

mod configured;
mod logs_of;
mod output;
mod read;
mod zones;

use std::io::{self, Write};
use std::sync::Mutex;

use agent::open::{self, Opened};
use base::Problem;
use base::diagnosis::ZoneKnown;
use diagnose::State;
use diagnose::read::Span;
use diagnose::state::SourceState;
use intake::{Configured, unreadable};
use jiff::Timestamp;
use logs::LogKind;
use logs::scan::{Scanner, Settings};

use crate::cli::{DiagnoseArgs, MergeArgs};
use crate::run::Outcome;
use crate::talk;

use configured::Configuration;
pub(crate) use configured::{host_defaults, named_logs};
use logs_of::Wanted;
pub(crate) use output::Progress;
use zones::Named;

/// Diagnoses logs.
pub(crate) fn diagnose(args: &DiagnoseArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let wanted = match logs_of::find(args) {
        Ok(wanted) => wanted,
        Err(reason) => return Ok(refuse(&reason)),
    };
    let mut configuration = Configuration::load(&wanted);
    let mut problems = wanted.problems.clone();
    let opened = open_all(args, &wanted, &configuration.configured, &mut problems);
    let now = Timestamp::now();
    let plan = match Plan::new(args, &opened, now) {
        Ok(plan) => plan,
        Err(reason) => return Ok(refuse(&reason)),
    };
    let formats = match configuration.configured.formats.with(&args.log_format) {
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
        let result = read::all(log, &scanner, &about, plan.span, &state, &progress);
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
    problems.append(&mut configuration.configured.problems);
    if let Some(path) = &args.state
        && let Err(reason) = output::save(path, &state)
    {
        return Ok(refuse(&reason));
    }
    let offset = plan.zone.offset_at(now.as_millisecond());
    output::answer(
        &state,
        &configuration,
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
    let mut configuration = Configuration::load(&wanted);
    let unread = problems.len();
    problems.append(&mut configuration.configured.problems);
    if let Some(path) = &args.state
        && let Err(reason) = output::save(path, &state)
    {
        return Ok(refuse(&reason));
    }
    let now = Timestamp::now().as_millisecond();
    let offset = Named::local().offset_at(now);
    output::answer(
        &state,
        &configuration,
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
        match configured.kind_of(&log.head, told, &args.log_format) {
            Some(kind) => opened.push((log, kind)),
            None => problems.push(intake::unknown_log(&log.name)),
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
    how: ZoneKnown,
    span: Span,
    year: i64,
}

impl Plan {
    fn new(args: &DiagnoseArgs, opened: &[Log], now: Timestamp) -> Result<Plan, String> {
        let (zone, how) = match &args.timezone {
            Some(text) => (Named::parse(text)?, ZoneKnown::Given),
            // An access log names its zone: the other logs of the machine are in the same one.
            None => match opened
                .iter()
                .find_map(|(log, _)| intake::offset_in(&log.head))
            {
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
        intake::about(name, kind, (&self.zone.name, self.how))
    }
}
