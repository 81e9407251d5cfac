//! The findings that a session is about, and what each of them lets an edit touch.

use std::collections::BTreeSet;

use base::{Finding, Severity, Span};
use fix::Wants;
use model::Model;
use rules::{Context, Rule};

use crate::judge::statements::{self, Shape, Statement};
use crate::papers::{Papers, Tongue};

/// More are too much for one answer; the worst come first.
const MOST_TARGETS: usize = 20;
/// Routes of a finding whose files are looked at.
const MOST_CHAINS: usize = 5;

/// One finding.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) finding: Finding,
    /// The paper of its primary place, and the place there as it is sent.
    pub(crate) at: (usize, usize),
    /// All places that belong to it: paper, start and end as sent.
    pub(crate) places: Vec<(usize, usize, usize)>,
    /// The directives and settings that it speaks of.
    pub(crate) names: BTreeSet<Vec<u8>>,
    /// Blocks that the rule's page adds.
    pub(crate) blocks: BTreeSet<Vec<u8>>,
    /// Words that the rule's page writes.
    pub(crate) words: BTreeSet<Vec<u8>>,
}

/// Chooses the findings; how many there are besides.
pub(crate) fn choose(
    cx: &Context<'_>,
    findings: &[Finding],
    wants: &Wants,
    papers: &Papers,
) -> (Vec<Target>, usize) {
    let is_wanted = |finding: &&Finding| {
        let named = wants.rules.iter().any(|rule| rule == finding.rule);
        let by_rule = named || wants.rules.is_empty() && finding.severity > Severity::Info;
        let routes = || {
            finding.routes.is_empty()
                || cx
                    .chains()
                    .iter()
                    .any(|chain| finding.routes.contains(&chain.route.label) && wants.covers(chain))
        };
        let can_be_sent = papers.list[papers.of_file(finding.primary.span.file)].tongue;
        by_rule && can_be_sent != Tongue::Other && (!has_limits(wants) || routes())
    };
    let all: Vec<&Finding> = findings.iter().filter(is_wanted).collect();
    let chosen = all.iter().take(MOST_TARGETS);
    let targets: Vec<Target> = chosen.map(|finding| target(cx, finding, papers)).collect();
    let more = all.len() - targets.len();
    (targets, more)
}

fn has_limits(wants: &Wants) -> bool {
    wants.route.is_some() || wants.pool.is_some()
}

fn target(cx: &Context<'_>, finding: &Finding, papers: &Papers) -> Target {
    let place = |span: Span| {
        let index = papers.of_file(span.file);
        let paper = &papers.list[index];
        let end = paper.to_hidden(span.end as usize);
        (index, paper.to_hidden(span.start as usize), end)
    };
    let own = spans(finding);
    let mut places: Vec<_> = own.iter().copied().map(place).collect();
    let primary = places[0];
    let mut names = BTreeSet::new();
    for span in &own {
        names.extend(name_at(cx.model, papers, *span));
    }
    places.extend(chain_spans(cx, finding).into_iter().map(place));
    places.sort_unstable();
    places.dedup();
    names.extend(quoted_names(finding));
    let (mut blocks, mut words) = (BTreeSet::new(), BTreeSet::new());
    if let Some(rule) = rules::by_id(finding.rule) {
        let page = Page::of(rule);
        names.extend(page.names);
        blocks = page.blocks;
        words = page.words;
    }
    Target {
        finding: finding.clone(),
        at: (primary.0, primary.1),
        places,
        names,
        blocks,
        words,
    }
}

/// The places of a finding, the primary one first.
fn spans(finding: &Finding) -> Vec<Span> {
    let related = finding.related.iter().map(|place| place.span);
    let because = finding.because.iter().filter_map(|step| step.span);
    let primary = std::iter::once(finding.primary.span);
    primary.chain(related).chain(because).collect()
}

/// Where its routes end and which pools answer them: a value that nobody wrote has no place, and
/// would be written there.
fn chain_spans(cx: &Context<'_>, finding: &Finding) -> Vec<Span> {
    let chains = cx.chains().iter();
    let chains = chains.filter(|chain| finding.routes.contains(&chain.route.label));
    let mut out = Vec::new();
    for chain in chains.take(MOST_CHAINS) {
        out.push(chain.nginx.config.span(chain.route.pass));
        out.extend(chain.pool.place());
    }
    out
}

/// The directive or setting at a place. A block is no directive: what is in it has its own name.
fn name_at(model: &Model, papers: &Papers, span: Span) -> Option<Vec<u8>> {
    let paper = &papers.list[papers.of_file(span.file)];
    let bytes = &model.sources.get(span.file).bytes;
    let text = statements::read(paper.tongue, bytes);
    let (start, end) = (span.start as usize, span.end as usize);
    let covers = |statement: &&Statement| {
        statement.shape == Shape::Simple && statement.span.0 <= start && end <= statement.span.1
    };
    let found = text.statements.iter().find(covers)?;
    Some(found.name.clone())
}

/// Names between backticks: a finding names the values it compares, also those that nobody wrote.
fn quoted_names(finding: &Finding) -> Vec<Vec<u8>> {
    let because = finding.because.iter().map(|step| step.text.as_str());
    let texts = [Some(finding.message.as_str()), finding.help.as_deref()];
    let texts = texts.into_iter().flatten().chain(because);
    let mut out = Vec::new();
    for text in texts {
        for quoted in text.split('`').skip(1).step_by(2) {
            let name = quoted.split([' ', '=', ';']).next().unwrap_or_default();
            let name = match name.split_once('[') {
                Some((key, rest)) if key.starts_with("php_") => rest.trim_end_matches(']'),
                _ => name,
            };
            let is_name =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c);
            if name.len() > 1 && name.chars().all(is_name) {
                out.push(name.as_bytes().to_vec());
            }
        }
    }
    out
}

/// What a rule's page changes from its bad example to its good one.
#[derive(Default)]
struct Page {
    names: BTreeSet<Vec<u8>>,
    blocks: BTreeSet<Vec<u8>>,
    words: BTreeSet<Vec<u8>>,
}

impl Page {
    fn of(rule: &Rule) -> Page {
        let (bad, good) = (statements_of(rule, "Bad"), statements_of(rule, "Good"));
        let lacks = |list: &[Statement], one: &Statement| {
            let same = |other: &Statement| (&other.key, &other.values) == (&one.key, &one.values);
            !list.iter().any(same)
        };
        let mut page = Page::default();
        for statement in good.iter().filter(|statement| lacks(&bad, statement)) {
            let words = statement.values.iter().map(|word| statements::bare(word));
            page.words.extend(words);
            match statement.shape {
                Shape::Simple => page.names.insert(statement.name.clone()),
                Shape::Block => page.blocks.insert(statement.name.clone()),
                Shape::Entry | Shape::Code => false,
            };
        }
        let gone = bad.iter().filter(|statement| lacks(&good, statement));
        let gone = gone.filter(|statement| statement.shape == Shape::Simple);
        page.names
            .extend(gone.map(|statement| statement.name.clone()));
        page
    }
}

/// The statements of the examples in a section.
fn statements_of(rule: &Rule, section: &str) -> Vec<Statement> {
    let text = rule.section(section).unwrap_or_default();
    let mut out = Vec::new();
    let mut block: Option<(Tongue, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut block) {
            (Some(_), Some((tongue, body))) => {
                out.extend(statements::read(*tongue, body.as_bytes()).statements);
                block = None;
            }
            (Some(language), None) => block = Some((tongue_of(language), String::new())),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

fn tongue_of(language: &str) -> Tongue {
    match language {
        "nginx" => Tongue::Nginx,
        "fpm" => Tongue::Fpm,
        "php-ini" => Tongue::PhpIni,
        file if file.contains("nginx") => Tongue::Nginx,
        file if file.contains("fpm") => Tongue::Fpm,
        _ => Tongue::PhpIni,
    }
}
