//! `refactor`: prepare, show what would be sent, send it when that is wanted, show what is right.

mod consent;
mod key;
mod post;
mod show;

use std::io::{self, Write};
use std::time::Duration;

use base::FilePath;
use fix::{Store, Wants};
use model::nginx::value::time_msec;
use redact::Detector;
use refactor::{Ask, Session, Step, Verdict, Wire, World};

use crate::applying::{Manner, Proof, files_of, prove, write};
use crate::cli::{AskArgs, ListFormat, Provider, RefactorArgs};
use crate::fixing::{outcome, say_problems};
use crate::load::{Prepared, prepare};
use crate::redacting::read_rules;
use crate::run::Outcome;
use crate::{no_such_rule, talk};

use key::Found;

/// Runs the command.
pub(crate) fn refactor(args: &RefactorArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let (Some(plan), Some(rules)) = (Plan::of(args), read_rules(&args.ask.hide_rules)) else {
        return Ok(Outcome::Undecided);
    };
    let Some(prepared) = prepare(&args.input) else {
        return Ok(Outcome::Undecided);
    };
    let detectors: Vec<&dyn Detector> = rules.iter().map(|rules| rules as &dyn Detector).collect();
    let load = |store: &Store| prepared.model(store);
    let resolve = |via: Option<&str>, path: &FilePath| prepared.resolve(via, path);
    let world = World {
        load: &load,
        resolve: &resolve,
    };
    let mut ask = plan.ask(args, &detectors);
    ask.wants.options = prepared.project.options();
    let mut session = Session::begin(world, ask);
    if args.ask.show_request {
        return show_request(&session, args, out);
    }
    let end = plan.run(&mut session, args);
    if end == End::Wrong {
        return Ok(Outcome::Undecided);
    }
    session.stop();
    let Some(verdict) = session.into_verdict() else {
        return Ok(Outcome::Undecided);
    };
    finish(args, &plan, &prepared, &verdict, end, out)
}

/// How the asking went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nobody was to be asked.
    Alone,
    /// Every question was answered, or there was none.
    Asked,
    /// The user did not want to.
    Declined,
    /// Something is wrong with the arguments, which has been said.
    Wrong,
}

/// What the arguments say, checked.
struct Plan {
    wire: Option<Wire>,
    timeout: Duration,
}

impl Plan {
    /// Checks the arguments; what is wrong with them has been said then.
    fn of(args: &RefactorArgs) -> Option<Plan> {
        if let Some(unknown) = args.rules.iter().find(|id| !crate::registry::is_rule(id)) {
            no_such_rule(unknown);
            return None;
        }
        match check(&args.ask) {
            Ok(plan) => Some(plan),
            Err(why) => {
                talk(&format!("error: {why}"));
                None
            }
        }
    }

    fn ask<'a>(&self, args: &RefactorArgs, detectors: &'a [&'a dyn Detector]) -> Ask<'a> {
        let model = args
            .ask
            .model
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let mut ask = Ask::new(self.wire.unwrap_or(Wire::Local), model);
        ask.base.clone_from(&args.ask.base_url);
        ask.is_streamed = !args.ask.no_stream;
        ask.most_tokens = args.ask.max_tokens;
        ask.redact.identity = !args.ask.no_identity;
        ask.redact.detectors = detectors;
        ask.wants = Wants {
            unsafe_too: args.unsafe_too,
            rules: args.rules.clone(),
            route: args.route.clone(),
            ..Wants::default()
        };
        ask
    }

    /// Sends what the session wants to be sent, each time with the user's consent.
    fn run(&self, session: &mut Session<'_>, args: &RefactorArgs) -> End {
        let Some(wire) = self.wire else {
            talk("no language model was chosen (--provider): nothing is sent");
            return End::Alone;
        };
        if matches!(session.next(), Step::Done(_)) {
            return End::Asked;
        }
        let (key, source) = match key::find(wire, args.ask.key_file.as_deref()) {
            Found::Key(key, source) => (Some(key), source),
            Found::NotNeeded => (None, String::new()),
            Found::None(why) => {
                talk(&format!("{why}: nothing is sent"));
                return End::Alone;
            }
            Found::Wrong => return End::Wrong,
        };
        while let Step::Send(request) = session.next() {
            let is_fine = args.ask.yes || consent::ask(session, request, &source);
            if !is_fine {
                return End::Declined;
            }
            let progress = show::Progress::begin(wire, request.body.len());
            let said = post::send(wire, request, key.as_ref(), self.timeout, &mut |bytes| {
                progress.received(bytes);
            });
            progress.end();
            let said = said.map_err(|mut trouble| {
                if let (Some(key), Some(quoted)) = (&key, &mut trouble.quoted) {
                    *quoted = key.cover(quoted);
                }
                trouble
            });
            session.answer(said);
        }
        End::Asked
    }
}

fn check(args: &AskArgs) -> Result<Plan, String> {
    let wire = args.provider.map(wire_of);
    if let Some(base) = &args.base_url {
        refactor::check_base(base).map_err(|why| format!("--base-url: {why}"))?;
    }
    match (&args.model, wire) {
        (Some(model), _) => {
            refactor::check_model(model).map_err(|why| format!("--model: {why}"))?
        }
        (None, None | Some(Wire::Local)) => {}
        (None, Some(wire)) => {
            let name = wire.name();
            return Err(format!("--model: say which model of {name} to ask"));
        }
    }
    if wire.is_none() && args.show_request {
        return Err("--show-request: say whose format with --provider".to_owned());
    }
    let timeout = match time_msec(args.timeout.as_bytes()) {
        Ok(ms) if ms >= 1000 => Duration::from_millis(ms),
        _ => return Err("--timeout: write a time such as 90s or 5m".to_owned()),
    };
    Ok(Plan { wire, timeout })
}

fn wire_of(provider: Provider) -> Wire {
    match provider {
        Provider::Anthropic => Wire::Anthropic,
        Provider::Openai => Wire::OpenAi,
        Provider::Gemini => Wire::Gemini,
        Provider::Openrouter => Wire::OpenRouter,
        Provider::Local => Wire::Local,
    }
}

/// Prints the request as it would be sent, the key left out.
fn show_request(
    session: &Session<'_>,
    args: &RefactorArgs,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    match session.next() {
        Step::Send(request) => {
            match args.format {
                ListFormat::Full => consent::print(request, out)?,
                // The body alone, byte for byte, for programs.
                ListFormat::Json => out.write_all(&request.body)?,
            }
            talk("nothing was sent");
            Ok(Outcome::Clean)
        }
        Step::Done(verdict) => match &verdict.refusal {
            Some(refusal) => {
                show::refusal(refusal);
                Ok(Outcome::Undecided)
            }
            None => {
                talk("nothing was found that a language model could be asked about");
                Ok(Outcome::Clean)
            }
        },
    }
}

/// Shows the verdict, and writes or proves it where that is wanted.
fn finish(
    args: &RefactorArgs,
    plan: &Plan,
    prepared: &Prepared,
    verdict: &Verdict,
    end: End,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let before = prepared.model(&Store::default());
    let read = files_of(&before);
    show::verdict(args, plan.wire, prepared, before, verdict, out)?;
    let problems = prepared.given.found.problems.len() + verdict.fixed.problems.len();
    if problems > 0 {
        say_problems(
            prepared
                .given
                .found
                .problems
                .iter()
                .chain(&verdict.fixed.problems),
        );
    }
    let failed = verdict.trouble.is_some() || verdict.refusal.is_some();
    let decided = |otherwise| match failed {
        true => Outcome::Undecided,
        false => outcome(problems, otherwise),
    };
    if verdict.files.is_empty() {
        return Ok(decided(Outcome::Clean));
    }
    if args.write {
        if failed || end == End::Declined {
            talk("error: nothing was written: there is no answer of a language model");
            talk("    `badgateway fix --write` writes badgateway's own edits");
            return Ok(Outcome::Undecided);
        }
        let manner = Manner {
            backup: args.backup,
            no_verify: args.no_verify,
        };
        let proof = Proof {
            planned: &verdict.files,
            read: &read,
        };
        return Ok(write(manner, prepared, &verdict.files, proof, problems));
    }
    if args.verify && !prove(prepared, &verdict.files, &read) {
        return Ok(Outcome::Undecided);
    }
    Ok(decided(Outcome::Findings))
}
