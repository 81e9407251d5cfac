//! `policy`: each statement of the team, and where it holds.

use std::io::{self, Write};

use redact::masked_text;
use rules::Context;
use rules::policy::{Answer, Verdict, answers};
use serde_json::{Value, json};

use crate::cli::{ListFormat, PolicyArgs};
use crate::fixing::say_problems;
use crate::load::load;
use crate::run::Outcome;
use crate::talk;

/// Prints them.
pub(crate) fn policy(args: &PolicyArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(loaded) = load(&args.image.added_to(&args.input)) else {
        return Ok(Outcome::Undecided);
    };
    let options = loaded.project.options();
    if options.statements.is_empty() {
        talk("error: badgateway.toml states no policy");
        talk("\nhint: `badgateway config init` writes a file with an example of [policy]");
        return Ok(Outcome::Undecided);
    }
    let problems = loaded.problems.iter().chain(&loaded.model.problems);
    say_problems(problems.clone());
    let is_whole = problems.count() == 0;
    let cx = Context::with(&loaded.model, options);
    let asked: Vec<_> = cx
        .options
        .statements
        .iter()
        .map(|statement| (statement, answers(&cx, statement)))
        .collect();
    match args.format {
        ListFormat::Full => {
            for (statement, answers) in &asked {
                writeln!(out, "{statement}  ({})", statement.from)?;
                writeln!(out, "    {}", counts(answers))?;
                for answer in answers {
                    if let Some(line) = line(&cx, answer) {
                        writeln!(out, "    {line}")?;
                    }
                }
            }
        }
        ListFormat::Json => {
            let statements: Vec<Value> = asked
                .iter()
                .map(|(statement, answers)| {
                    json!({
                        "statement": statement.to_string(),
                        "from": statement.from,
                        "holds": number(answers, 0),
                        "broken": number(answers, 1),
                        "unknown": number(answers, 2),
                        "answers": answers.iter().map(|one| as_json(&cx, one)).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let whole = json!({ "version": 1, "is_whole": is_whole, "statements": statements });
            writeln!(out, "{whole:#}")?;
        }
    }
    let all = || asked.iter().flat_map(|(_, answers)| answers);
    let has = |rank| all().any(|answer| self::rank(answer) == rank);
    Ok(match (!is_whole || has(2), has(1)) {
        (true, _) => Outcome::Undecided,
        (false, true) => Outcome::Findings,
        (false, false) => Outcome::Clean,
    })
}

fn rank(answer: &Answer) -> usize {
    match answer.verdict {
        Verdict::Holds => 0,
        Verdict::Broken(_) => 1,
        Verdict::Unknown(_) => 2,
    }
}

fn number(answers: &[Answer], rank: usize) -> usize {
    let same = answers.iter().filter(|answer| self::rank(answer) == rank);
    same.count()
}

/// `3 routes: 2 hold, 1 broken, 0 unknown`.
fn counts(answers: &[Answer]) -> String {
    let routes = answers.iter().filter(|answer| answer.is_route).count();
    let [holds, broken, unknown] = [0, 1, 2].map(|rank| number(answers, rank));
    let pools = answers.len() - routes;
    format!("routes {routes}, pools {pools}: holds {holds}, broken {broken}, unknown {unknown}")
}

/// What is to be said of a place where it does not hold.
fn line(cx: &Context<'_>, answer: &Answer) -> Option<String> {
    let subject = match answer.subject.as_str() {
        "" => String::new(),
        subject => format!(" {}:", masked_text(subject)),
    };
    match &answer.verdict {
        Verdict::Holds => None,
        Verdict::Unknown(why) => Some(format!("unknown{subject} {}", masked_text(why))),
        Verdict::Broken(values) => {
            let values = values.iter().map(|value| {
                let place = value.setting.origin.span();
                let place = place.map_or("the default".to_owned(), |at| cx.model.sources.place(at));
                format!("{} is {} ({place})", value.name, value.setting.value)
            });
            let values: Vec<_> = values.collect();
            Some(format!("broken{subject} {}", values.join(", ")))
        }
    }
}

fn as_json(cx: &Context<'_>, answer: &Answer) -> Value {
    let values = match &answer.verdict {
        Verdict::Broken(values) => values.as_slice(),
        Verdict::Holds | Verdict::Unknown(_) => &[],
    };
    let values: Vec<Value> = values
        .iter()
        .map(|value| {
            let place = value
                .setting
                .origin
                .span()
                .map(|at| cx.model.sources.place(at));
            json!({ "name": value.name, "value": value.setting.value, "place": place })
        })
        .collect();
    let word = ["holds", "broken", "unknown"][rank(answer)];
    let why = match &answer.verdict {
        Verdict::Unknown(why) => Some(masked_text(why)),
        Verdict::Holds | Verdict::Broken(_) => None,
    };
    json!({
        "subject": masked_text(&answer.subject),
        "kind": if answer.is_route { "route" } else { "pool" },
        "verdict": word,
        "values": values,
        "why": why,
    })
}
