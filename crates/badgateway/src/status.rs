//! `status`: one look at the pools of a running server.

use std::io::{self, Write};
use std::time::Duration;

use agent::State;
use model::nginx::value::time_msec;

use crate::cli::{ListFormat, StatusArgs};
use crate::fixing::say_problems;
use crate::load::load;
use crate::run::Outcome;
use crate::talk;

/// Runs the command.
pub(crate) fn status(args: &StatusArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let patience = match time_msec(args.timeout.as_bytes()) {
        Ok(ms) if (1..=60_000).contains(&ms) => Duration::from_millis(ms),
        _ => {
            talk("error: --timeout: write a time such as 2s or 500ms, at most a minute");
            return Ok(Outcome::Undecided);
        }
    };
    let Some(loaded) = load(&args.input) else {
        return Ok(Outcome::Undecided);
    };
    let problems = loaded.problems.iter().chain(&loaded.model.problems);
    say_problems(problems.clone());
    let mut pools = agent::watched(&loaded.model);
    pools.retain(|pool| args.pool.as_ref().is_none_or(|name| *name == pool.name));
    if pools.is_empty() {
        match &args.pool {
            Some(name) => talk(&format!(
                "error: there is no pool `{}`",
                base::source::printable(name.as_bytes())
            )),
            None => talk("error: no pool was found: name the configuration of PHP-FPM"),
        }
        return Ok(Outcome::Undecided);
    }
    let queues = match agent::queue::queues() {
        Ok(queues) => Some(queues),
        Err(why) => {
            talk(&format!("note: {why}"));
            None
        }
    };
    let samples = agent::sample(&pools, queues.as_ref(), patience);
    match args.format {
        ListFormat::Full => agent::show::table(&pools, &samples, out)?,
        ListFormat::Json => agent::show::json(&pools, &samples, out)?,
    }
    let has = |wanted: &[State]| {
        let mut states = pools
            .iter()
            .zip(&samples)
            .map(|(pool, sample)| sample.state(pool));
        states.any(|state| wanted.contains(&state))
    };
    Ok(if has(&[State::Unknown]) || problems.count() > 0 {
        Outcome::Undecided
    } else if has(&[State::Saturated, State::Down]) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}
