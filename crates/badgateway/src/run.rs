//! `check` and `chain`: find, load, judge, render, and say how it went.

use std::io::{self, IsTerminal, Write};

use base::{Finding, Problem, Severity};
use intake::{Asked, Judged};
use report::Style;

use crate::cli::{
    ChainArgs, CheckArgs, ChoiceArgs, Colour, FailOn, Format, JudgingArgs, ListFormat, LookArgs,
};
use crate::load::{Loaded, load, load_all};
use crate::{baseline, project, registry};
use crate::{no_such_rule, talk};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was read, nothing at or above the threshold was found.
    Clean,
    /// Something was found.
    Findings,
    /// Something could not be read or decided. Never mistaken for clean.
    Undecided,
}

impl Outcome {
    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Undecided => 2,
        }
    }
}

/// Judges the configuration.
pub(crate) fn check(args: &CheckArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let is_known = is_known(&args.judging.choice);
    let input = args.image.added_to(&args.input);
    let (true, Some((loaded, beside))) = (is_known, load_all(&input)) else {
        return Ok(Outcome::Undecided);
    };
    let edits = matches!(args.format, Format::Json | Format::Sarif);
    let Verdict {
        project,
        judged,
        strict,
    } = verdict(loaded, beside, &args.judging, edits);
    let style = style(&args.look, strict);
    let mut report = judged.report();
    if let Some(path) = &args.write_baseline
        && !baseline::write(path, &report)
    {
        return Ok(Outcome::Undecided);
    }
    let named = project.project.baseline.as_ref();
    let known = args
        .baseline
        .clone()
        .or_else(|| Some(project.beside(named?)));
    let left = match known.filter(|_| args.write_baseline.is_none()) {
        None => None,
        Some(path) => match baseline::apply(&path, &report) {
            Some(left) => Some(left),
            None => return Ok(Outcome::Undecided),
        },
    };
    if let Some((left, known)) = &left {
        report.findings = left;
        report.summary.known = known.hidden;
        report.summary.gone = known.gone;
    }
    report::render(
        &report,
        &registry::metas(),
        format_of(args.format),
        &style,
        out,
    )?;
    if args.write_baseline.is_some() {
        return Ok(outcome(&[], &judged.problems, FailOn::Never));
    }
    let fail_on = fail_on(&args.judging, &project);
    Ok(outcome(report.findings, &judged.problems, fail_on))
}

/// What the judges said of what was asked.
pub(crate) struct Verdict {
    /// What badgateway.toml says.
    pub(crate) project: project::Found,
    pub(crate) judged: Judged,
    /// Whether notes count as much as the rest.
    pub(crate) strict: bool,
}

/// Asks the judges as the arguments say.
pub(crate) fn verdict(
    loaded: Loaded,
    beside: rules::Beside,
    args: &JudgingArgs,
    edits: bool,
) -> Verdict {
    let mut options = loaded.project.options();
    options.strict |= args.strict;
    let strict = options.strict;
    let asked = Asked {
        options,
        wanted: &|rule| is_chosen(&args.choice, rule),
        notes: !args.choice.rules.is_empty(),
        edits,
        beside,
    };
    let mut judged = intake::judge(loaded.model, loaded.problems, asked);
    let sources = &judged.model.sources;
    loaded.images.add_origins(&mut judged.findings, sources);
    Verdict {
        judged,
        project: loaded.project,
        strict,
    }
}

/// From which severity on a run ends with 1: what was said, or what badgateway.toml says.
pub(crate) fn fail_on(args: &JudgingArgs, project: &project::Found) -> FailOn {
    if let Some(said) = args.fail_on {
        return said;
    }
    match project.project.fail_on {
        None | Some(Some(Severity::Warning)) => FailOn::Warning,
        Some(Some(Severity::Error)) => FailOn::Error,
        Some(Some(Severity::Info)) => FailOn::Info,
        Some(None) => FailOn::Never,
    }
}

/// Whether all rules and groups that were named are there; what is not has been said then.
pub(crate) fn is_known(choice: &ChoiceArgs) -> bool {
    let mut ids = choice.rules.iter().chain(&choice.ignore);
    if let Some(unknown) = ids.find(|id| !registry::is_rule(id)) {
        no_such_rule(unknown);
        return false;
    }
    let groups = registry::groups();
    let is_group = |group: &String| groups.contains(&group.as_str());
    if let Some(unknown) = choice.groups.iter().find(|group| !is_group(group)) {
        let shown = base::source::printable(unknown.as_bytes());
        talk(&format!("error: there is no group `{shown}`"));
        talk(&format!("\nhint: the groups are {}", groups.join(", ")));
        return false;
    }
    true
}

/// Whether a rule's findings are wanted.
pub(crate) fn is_chosen(choice: &ChoiceArgs, id: &str) -> bool {
    let is_ignored = choice.ignore.iter().any(|ignored| ignored == id);
    let by_rule = choice.rules.iter().any(|rule| rule == id);
    let group = registry::group(id);
    let by_group = choice
        .groups
        .iter()
        .any(|name| group == Some(name.as_str()));
    let all = choice.rules.is_empty() && choice.groups.is_empty();
    !is_ignored && (all || by_rule || by_group)
}

/// Draws the ladders.
pub(crate) fn chain(args: &ChainArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(loaded) = load(&args.image.added_to(&args.input)) else {
        return Ok(Outcome::Undecided);
    };
    let mut judged = intake::ladders(loaded.model, loaded.problems);
    if let Some(text) = &args.route {
        let ladders = &mut judged.ladders;
        ladders.retain(|ladder| ladder.route.contains(text.as_str()));
        if ladders.is_empty() {
            let shown = base::source::printable(text.as_bytes());
            talk(&format!("error: no route's name contains `{shown}`"));
            return Ok(Outcome::Undecided);
        }
    }
    let report = judged.report();
    match args.format {
        ListFormat::Full => report::chain(&report, &style(&args.look, true), out)?,
        ListFormat::Json => report::chain_json(&report, out)?,
    }
    Ok(outcome(&[], &judged.problems, FailOn::Warning))
}

/// How a run ended that found this.
pub(crate) fn outcome(findings: &[Finding], problems: &[Problem], fail_on: FailOn) -> Outcome {
    if !problems.is_empty() {
        return Outcome::Undecided;
    }
    let threshold = match fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Info => Severity::Info,
        FailOn::Never => return Outcome::Clean,
    };
    match findings.iter().any(|f| f.severity >= threshold) {
        true => Outcome::Findings,
        false => Outcome::Clean,
    }
}

pub(crate) fn style(look: &LookArgs, strict: bool) -> Style {
    let colour = match look.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
            io::stdout().is_terminal() && !no_color
        }
    };
    Style {
        colour,
        width: width(),
        show_secrets: look.show_secrets,
        strict,
    }
}

/// Columns to fill: those of the terminal, but no more than people read in a line.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns.unwrap_or(100).clamp(60, 140)
}

/// The format as `report` has it.
pub(crate) fn format_of(format: Format) -> report::Format {
    match format {
        Format::Full => report::Format::Full,
        Format::Concise => report::Format::Concise,
        Format::Json => report::Format::Json,
        Format::Sarif => report::Format::Sarif,
        Format::Github => report::Format::Github,
        Format::Gitlab => report::Format::Gitlab,
        Format::Junit => report::Format::Junit,
        Format::Checkstyle => report::Format::Checkstyle,
        Format::Markdown => report::Format::Markdown,
    }
}
