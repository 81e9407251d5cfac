//! The command line: arguments, disk, exit codes and wiring. No rule, parser or format lives here.

mod applying;
mod baseline;
mod cli;
mod diagnosing;
mod disk;
mod facts;
mod fixing;
mod gate;
mod generating;
mod images;
mod inputs;
mod load;
mod lsp;
mod outgoing;
mod pages;
mod project;
mod redacting;
mod refactoring;
mod registry;
mod rulefiles;
mod run;
mod sandbox;
mod status;
mod talking;
mod tuning;
mod verify;
mod watching;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::run::Outcome;
pub(crate) use crate::talking::talk;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, anything else is a wrong argument.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _closed_pipe = error.print();
            return ExitCode::from(code);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let outcome = dispatch(&cli, &mut out).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match outcome {
        Ok(outcome) => ExitCode::from(outcome.code()),
        // The reader has seen enough: `badgateway check | head` is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            talk(&format!("error: cannot write the output: {error}"));
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: &Cli, out: &mut dyn Write) -> io::Result<Outcome> {
    match &cli.command {
        None => run::check(&cli.check, out),
        Some(Command::Check(args)) => run::check(args, out),
        Some(Command::Ci(args)) => gate::ci(args, out),
        Some(Command::Policy(args)) => gate::policy(args, out),
        Some(Command::Fix(args)) => fixing::fix(args, out),
        Some(Command::Refactor(args)) => refactoring::refactor(args, out),
        Some(Command::Diagnose(args)) => diagnosing::diagnose(args, out),
        Some(Command::Merge(args)) => diagnosing::merge(args, out),
        Some(Command::Chain(args)) => run::chain(args, out),
        Some(Command::Status(args)) => status::status(args, out),
        Some(Command::Tune(args)) => tuning::tune(args, out),
        Some(Command::Agent(args)) => watching::agent(args, out),
        Some(Command::Top(args)) => watching::top(args, out),
        Some(Command::Generate(command)) => generating::generate(command, out),
        Some(Command::Redact(args)) => redacting::redact(args, out),
        Some(Command::Restore(args)) => redacting::restore(args, out),
        Some(Command::Sandbox(args)) => sandbox::sandbox(args, out),
        Some(Command::Explain { id, report: false }) => pages::explain(id, out),
        Some(Command::Explain { id, report: true }) => pages::report(id, out),
        Some(Command::Causes { format }) => pages::causes(*format, out),
        Some(Command::Rules { group, format }) => pages::rules(group.as_deref(), *format, out),
        Some(Command::Facts(args)) => facts::print(args, out),
        Some(Command::Config(command)) => project::command(command, out),
        Some(Command::Lsp(args)) => lsp::serve(args, out),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Cli::command(), "badgateway", &mut &mut *out);
            Ok(Outcome::Clean)
        }
        Some(Command::Man) => {
            clap_mangen::Man::new(Cli::command()).render(&mut &mut *out)?;
            Ok(Outcome::Clean)
        }
    }
}

/// Says that a rule's name is wrong, and which one may be meant.
pub(crate) fn no_such_rule(id: &str) {
    let shown = base::source::printable(id.as_bytes());
    talk(&format!("error: there is no rule and no cause `{shown}`"));
    match intake::nearest(&id.to_ascii_lowercase()) {
        Some(near) => talk(&format!("\nhint: did you mean `{near}`?")),
        None => talk("\nhint: `badgateway rules` and `badgateway causes` list them"),
    }
}
