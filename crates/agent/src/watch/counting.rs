//! What is counted of the logs: lines as they are read, incidents as they are told.

use base::diagnosis::Incident;
use diagnose::State;
use diagnose::live::Told;
use logs::Signal;

use crate::counts::{Counter, Counts, OTHER};
use crate::follow::LINE_BITS;

/// Counts what a piece of a log says; `part` holds that piece and nothing else.
pub(super) fn lines(counts: &mut Counts, part: &State) {
    for source in part.sources.values() {
        let log = source.name.as_str();
        let results = [
            ("event", source.matched),
            ("irrelevant", source.irrelevant),
            ("unknown", source.unknown),
        ];
        for (result, lines) in results {
            add(&mut counts.lines, &[log, result], lines);
        }
        add(&mut counts.bytes, &[log], source.bytes);
        for (status, requests) in &source.statuses {
            let code = match status {
                100..=599 => status.to_string(),
                _ => OTHER.to_owned(),
            };
            add(&mut counts.responses, &[log, &code], *requests);
        }
    }
    for (signal, table) in &part.tables {
        for (key, tally) in &table.records {
            let words = part.contexts.get(key.words);
            let pool = words.pool.as_ref();
            match signal {
                Signal::ExitSignal => {
                    add(
                        &mut counts.exits,
                        &[pool, &signal_name(key.code)],
                        tally.count,
                    );
                }
                Signal::ExitCode => {
                    let how = format!("code {}", key.code);
                    add(&mut counts.exits, &[pool, &how], tally.count);
                }
                Signal::OomKill => add(&mut counts.oom_kills, &[&words.detail], tally.count),
                Signal::Terminating => add(&mut counts.terminations, &[pool], tally.count),
                Signal::MaxChildren => add(&mut counts.max_children, &[pool], tally.count),
                Signal::ExecutingSlow => add(&mut counts.slow, &[pool], tally.count),
                _ => {}
            }
        }
    }
}

/// Counts an incident; its number when all of it is told. Of routes and pools only those of the
/// configuration name a series, as long as there is one: everything else may be a stranger's word.
pub(super) fn incident(
    counts: &mut Counts,
    told: Told,
    is_known_pool: &dyn Fn(&str) -> bool,
) -> Option<(u64, Incident)> {
    let route = told.route.as_deref().unwrap_or(OTHER);
    let pool = match told.pool.as_str() {
        "" => "",
        pool if is_known_pool(pool) => pool,
        _ => OTHER,
    };
    let labels = [
        told.cause,
        told.confidence.word(),
        told.harm.word(),
        route,
        pool,
    ];
    counts.incidents.add(&labels, 3, told.count);
    counts.latest = counts.latest.saturating_add(told.count);
    let mut incident = told.incident?;
    for line in &mut incident.evidence {
        line.line &= (1 << LINE_BITS) - 1;
    }
    Some((counts.latest, incident))
}

fn add(counter: &mut Counter, labels: &[&str], more: u64) {
    if more > 0 {
        counter.add(labels, 0, more);
    }
}

/// `SIGKILL`; `signal 40` for those without a name (`signal(7)`, Linux on most machines).
fn signal_name(number: i32) -> String {
    const NAMES: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    let at = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
    match at.and_then(|at| NAMES.get(at)) {
        Some(name) => format!("SIG{name}"),
        None => format!("signal {number}"),
    }
}
