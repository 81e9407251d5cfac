//! `generate`: what is needed around the agent.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;

use agent::generate;
use model::Model;

use crate::cli::{GenerateCommand, InputArgs};
use crate::diagnosing::{host_defaults, named_logs};
use crate::fixing::say_problems;
use crate::load::load;
use crate::run::Outcome;
use crate::talk;

/// Runs the command.
pub(crate) fn generate(command: &GenerateCommand, out: &mut dyn Write) -> io::Result<Outcome> {
    match command {
        GenerateCommand::Alerts { objective, tests } => {
            if !(50.0..100.0).contains(objective) {
                talk("error: --objective: a percentage from 50 to below 100, such as 99.9");
                return Ok(Outcome::Undecided);
            }
            let text = match tests {
                Some(file) => generate::tests(file, None),
                None => generate::rules(objective / 100.0),
            };
            out.write_all(text.as_bytes())?;
        }
        GenerateCommand::Dashboard { queries: true } => {
            for query in generate::queries() {
                writeln!(out, "{query}")?;
            }
        }
        GenerateCommand::Dashboard { queries: false } => {
            serde_json::to_writer_pretty(&mut *out, &generate::dashboard())?;
            writeln!(out)?;
        }
        GenerateCommand::ScrapeConfig {
            address,
            token_file,
            tls,
        } => {
            let scrape = generate::Scrape {
                address: *address,
                token_file: token_file.clone(),
                tls: *tls,
            };
            out.write_all(generate::scrape_config(&scrape).as_bytes())?;
        }
        GenerateCommand::LogFormat { text } => {
            out.write_all(generate::log_format(!text).as_bytes())?;
        }
        GenerateCommand::StatusLocation(input) => {
            return with_model(input, |model| {
                if model.pools().next().is_none() {
                    talk("error: no pool was found: name the configuration of PHP-FPM");
                    return Ok(Outcome::Undecided);
                }
                out.write_all(generate::status_location(model).as_bytes())?;
                Ok(Outcome::Clean)
            });
        }
        GenerateCommand::Systemd(input) => {
            return with_model(input, |model| {
                let groups: Vec<String> = groups(model).into_iter().collect();
                let program = std::env::current_exe()?.display().to_string();
                let text = generate::systemd(&program, &groups, " --journal");
                out.write_all(text.as_bytes())?;
                Ok(Outcome::Clean)
            });
        }
        GenerateCommand::Metrics => out.write_all(agent::metrics::families::page().as_bytes())?,
    }
    Ok(Outcome::Clean)
}

fn with_model(
    input: &InputArgs,
    write: impl FnOnce(&Model) -> io::Result<Outcome>,
) -> io::Result<Outcome> {
    let Some(loaded) = load(input) else {
        return Ok(Outcome::Undecided);
    };
    let problems = loaded.problems.iter().chain(&loaded.model.problems);
    say_problems(problems.clone());
    let is_whole = problems.count() == 0;
    match write(&loaded.model)? {
        Outcome::Clean if !is_whole => Ok(Outcome::Undecided),
        outcome => Ok(outcome),
    }
}

/// The groups that may read the logs and connect to the pools: those of Debian, and those that own
/// what there is.
fn groups(model: &Model) -> BTreeSet<String> {
    let mut groups: BTreeSet<String> = ["adm", "systemd-journal"].map(str::to_owned).into();
    let sockets = agent::watched(model)
        .into_iter()
        .filter_map(|pool| match pool.listen {
            Some(agent::Place::Unix(path)) => Some(path),
            _ => None,
        });
    let names = std::fs::read_to_string("/etc/group").unwrap_or_default();
    for path in named_logs(model)
        .into_iter()
        .chain(host_defaults())
        .chain(sockets)
    {
        let Ok(meta) = std::fs::metadata(path) else {
            continue;
        };
        let owner = names.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(meta.gid())).then_some(name)
        });
        groups.extend(owner.filter(|name| *name != "root").map(str::to_owned));
    }
    groups
}
