//! `explain`, `rules` and `causes`: the pages, the lists, and what `check` says of an example.

use std::io::{self, Write};

use base::{FilePath, Finding};
use diagnose::cause::Cause;
use intake::{named, summary};
use model::php::FpmInput;
use model::{Inputs, MemoryFiles, Model, Source};
use report::{CauseMeta, Format, Report, RuleMeta, Style};
use rules::Rule;
use rules::example::{self, Example};

use crate::cli::ListFormat;
use crate::run::{Outcome, width};
use crate::{no_such_rule, registry, talk};

/// Prints the page of a rule or a cause, or both.
pub(crate) fn explain(id: &str, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut pages: Vec<String> = intake::pages(id).iter().map(ToString::to_string).collect();
    pages.extend(registry::page(id));
    if pages.is_empty() {
        no_such_rule(id);
        return Ok(Outcome::Undecided);
    }
    writeln!(out, "{}", pages.join("\n\n"))?;
    Ok(Outcome::Clean)
}

/// Prints what `check` says of the bad example on a rule's page, completed to a whole stack.
pub(crate) fn report(id: &str, out: &mut dyn Write) -> io::Result<Outcome> {
    if let Some(rule) = prometheus::by_id(id.strip_prefix("rule:").unwrap_or(id)) {
        return report_on_rule_file(rule, out);
    }
    let (Some(rule), _) = named(id) else {
        match named(id) {
            (_, Some(_)) => talk(&format!(
                "error: `{id}` is a cause; only rules have examples"
            )),
            _ => no_such_rule(id),
        }
        return Ok(Outcome::Undecided);
    };
    let Some((mut model, options)) = bad_example(rule) else {
        return Ok(Outcome::Undecided);
    };
    let mut findings = rules::check(&rules::Context::with(&model, options));
    findings.retain(|finding| finding.rule == rule.id);
    let files: Vec<_> = model.sources.iter().map(|(file, _)| file).collect();
    files
        .into_iter()
        .for_each(|file| redact::mark(&mut model.sources, file));
    example_report(&model, &findings, out)?;
    match model.problems.is_empty() {
        true => Ok(Outcome::Clean),
        false => Ok(Outcome::Undecided),
    }
}

/// The same of a page whose example is a rule file.
fn report_on_rule_file(rule: &prometheus::Rule, out: &mut dyn Write) -> io::Result<Outcome> {
    let section = rule.section("Bad").unwrap_or_default();
    let text = section.split_once("```yaml\n").unwrap_or_default().1;
    let text = text.split_once("```").map_or(text, |(text, _)| text);
    let mut model = Model::load(Inputs::default(), &MemoryFiles::default());
    let path = FilePath::new("rules.yml");
    let file = model.sources.add(path, text.as_bytes().into(), None);
    let mut judged = prometheus::judge(&model.sources, &[file]);
    judged.findings.retain(|finding| finding.rule == rule.id);
    example_report(&model, &judged.findings, out)?;
    Ok(Outcome::Clean)
}

fn example_report(model: &Model, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        sources: &model.sources,
        findings,
        problems: &model.problems,
        unjudged: &[],
        ladders: &[],
        summary: summary(model, 0),
    };
    let style = Style {
        colour: false,
        width: width(),
        show_secrets: false,
        strict: true,
    };
    report::render(&report, &[], Format::Full, &style, out)
}

/// The model of the example; what keeps it from being read is said.
fn bad_example(rule: &Rule) -> Option<(Model, rules::Options)> {
    let section = rule.section("Bad").unwrap_or_default();
    let read = Example::from_markdown(&section).and_then(|example| {
        let facts = settings::host::facts("host.toml", &example.facts);
        let facts = facts.map_err(|refusal| format!("host.toml, {refusal}"))?;
        let project = settings::project::project(&example.policy);
        let project = project.map_err(|refusal| format!("badgateway.toml, {refusal}"))?;
        let mut options = project.options("badgateway.toml");
        options.strict = true;
        Ok((example, facts, options))
    });
    let (example, facts, options) = match read {
        Ok(read) => read,
        Err(why) => {
            talk(&format!("error: the example of `{}`: {why}", rule.id));
            return None;
        }
    };
    let mut files = MemoryFiles::default();
    for (path, text) in example.files() {
        files.insert(&path, text.into_bytes());
    }
    let mut fpm = FpmInput::main(FilePath::new(example::FPM));
    fpm.php_ini = Some(FilePath::new(example::PHP_INI));
    let mut inputs = Inputs {
        facts,
        ..Inputs::default()
    };
    inputs.nginx.push(Source {
        input: FilePath::new(example::NGINX),
        files: &files,
        via: None,
    });
    inputs.fpm.push(Source {
        input: fpm,
        files: &files,
        via: None,
    });
    Some((Model::load(inputs, &files), options))
}

/// Lists the causes.
pub(crate) fn causes(format: ListFormat, out: &mut dyn Write) -> io::Result<Outcome> {
    let meta = |cause: &&'static Cause| CauseMeta {
        id: cause.id,
        title: cause.title,
        summary: cause.summary(),
        decides: cause.decides,
        rules: cause.rules,
        settings: cause.settings,
        since: cause.since,
        doc: cause.page(),
    };
    let metas: Vec<CauseMeta> = diagnose::causes::ALL.iter().map(meta).collect();
    match format {
        ListFormat::Full => report::causes(&metas, out)?,
        ListFormat::Json => report::causes_json(&metas, out)?,
    }
    Ok(Outcome::Clean)
}

/// Lists the rules, all or those of one group.
pub(crate) fn rules(
    group: Option<&str>,
    format: ListFormat,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let mut metas = registry::metas();
    if let Some(group) = group {
        if metas.iter().all(|rule| rule.group != group) {
            no_such_group(group, &metas);
            return Ok(Outcome::Undecided);
        }
        metas.retain(|rule| rule.group == group);
    }
    match format {
        ListFormat::Full => report::rules(&metas, out)?,
        ListFormat::Json => report::rules_json(&metas, out)?,
    }
    Ok(Outcome::Clean)
}

fn no_such_group(group: &str, metas: &[RuleMeta]) {
    let mut groups: Vec<&str> = metas.iter().map(|rule| rule.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let shown = base::source::printable(group.as_bytes());
    let groups = groups.join(", ");
    talk(&format!(
        "error: there is no group `{shown}`\n\nhint: the groups are {groups}"
    ));
}
