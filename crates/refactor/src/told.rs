//! What a language model is told of the findings and of the chains of limits.
//!
//! All of it is read from the redacted texts: the configuration is loaded from them a second time.
//! A finding that looks different there is told by its rule and place alone.

use std::fmt::Write;

use base::ladder::{Actor, Ladder};
use base::{FileId, Finding, Span};
use model::Model;
use rules::Context;

use crate::ask::{Ask, World};
use crate::look::look_at;
use crate::papers::{Papers, key_of, line_of};
use crate::target::Target;

/// Chains that are drawn.
const MOST_CHAINS: usize = 6;
/// Pages of rules that are quoted.
const MOST_PAGES: usize = 8;
/// Routes of a finding that are named.
const MOST_ROUTES: usize = 3;

/// The parts of the user's text besides the files.
pub(crate) struct Told {
    /// The findings, numbered.
    pub(crate) findings: String,
    /// The limits of each route.
    pub(crate) chains: String,
    /// What the pages of the rules say: our own words.
    pub(crate) pages: String,
    /// Papers that belong to the findings, for sending.
    pub(crate) papers: Vec<usize>,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Rules and places only: even a sentence of ours may read like one that gives a secret away.
    Bare,
    /// What the rules say of themselves.
    Summaries,
    /// Messages, reasons, help, chains and pages.
    Full,
}

/// Writes it.
pub(crate) fn tell(
    world: &World<'_>,
    ask: &Ask<'_>,
    papers: &Papers,
    targets: &[Target],
    detail: Detail,
) -> Told {
    let model = (world.load)(&papers.hidden_store());
    let mut options = ask.wants.options.clone();
    options.strict = true;
    let cx = Context::with(&model, options);
    let hidden = Hidden {
        world,
        papers,
        model: &model,
    };
    let twins = rules::check(&cx);
    // What stands in a text by way of a rule's words could still be found by the redactor, and
    // would hold up the whole request: such a text is left out.
    let is_clean = |text: &str| look_at(text, &papers.map, &ask.redact).is_ok();
    let mut findings = String::new();
    let mut routes: Vec<&String> = Vec::new();
    let mut sent: Vec<usize> = Vec::new();
    for (number, target) in (1..).zip(targets) {
        let twin = twins.iter().find(|twin| hidden.is_twin(target, twin));
        let written = [Detail::Full, Detail::Summaries].into_iter();
        let written = written
            .filter(|way| *way <= detail)
            .map(|way| hidden.finding(number, target, twin, way))
            .find(|text| is_clean(text));
        let bare = || hidden.finding(number, target, None, Detail::Bare);
        findings += &written.unwrap_or_else(bare);
        routes.extend(twin.into_iter().flat_map(|twin| &twin.routes));
        sent.extend(target.places.iter().map(|(paper, ..)| *paper));
    }
    let ladders = cx.ladders();
    let ladders: Vec<&Ladder> = ladders
        .iter()
        .filter(|ladder| routes.contains(&&ladder.route))
        .take(MOST_CHAINS)
        .collect();
    for span in ladders.iter().flat_map(|ladder| spans_of(ladder)) {
        sent.extend(hidden.place(span).map(|(paper, _)| paper));
    }
    sent.sort_unstable();
    sent.dedup();
    let is_full = detail == Detail::Full;
    Told {
        findings,
        chains: ladders
            .iter()
            .map(|ladder| hidden.chain(ladder))
            .filter(|text| is_full && is_clean(text))
            .collect(),
        pages: match is_full {
            true => pages(targets, &is_clean),
            false => String::new(),
        },
        papers: sent,
    }
}

fn spans_of(ladder: &Ladder) -> Vec<Span> {
    let rungs = ladder.rungs.iter();
    rungs
        .filter_map(|rung| rung.origin.as_ref()?.span())
        .collect()
}

/// The configuration as it is sent.
struct Hidden<'h> {
    world: &'h World<'h>,
    papers: &'h Papers,
    model: &'h Model,
}

impl Hidden<'_> {
    fn paper(&self, file: FileId) -> Option<usize> {
        let key = key_of(self.world, &self.model.sources, file);
        let mut papers = self.papers.list.iter();
        papers.position(|paper| paper.key == key)
    }

    /// Paper and 1-based line.
    fn place(&self, span: Span) -> Option<(usize, usize)> {
        let index = self.paper(span.file)?;
        let line = line_of(&self.papers.list[index].hidden, span.start as usize);
        Some((index, line))
    }

    /// `nginx-1.conf:12`.
    fn place_words(&self, span: Span) -> Option<String> {
        let (index, line) = self.place(span)?;
        Some(format!("{}:{line}", self.papers.list[index].label))
    }

    fn is_twin(&self, target: &Target, twin: &Finding) -> bool {
        let span = twin.primary.span;
        twin.rule == target.finding.rule
            && span.start as usize == target.at.1
            && self.paper(span.file) == Some(target.at.0)
    }

    fn finding(
        &self,
        number: usize,
        target: &Target,
        twin: Option<&Finding>,
        detail: Detail,
    ) -> String {
        let mut out = String::new();
        let paper = &self.papers.list[target.at.0];
        let (rule, level) = (target.finding.rule, target.finding.severity.word());
        let place = format!("{}:{}", paper.label, paper.line(target.at.1));
        let _ = writeln!(out, "{number}. [{rule}] {level} at {place}");
        if detail == Detail::Bare {
            return out;
        }
        let Some(twin) = twin.filter(|_| detail == Detail::Full) else {
            let summary = rules::by_id(rule).map_or("", |rule| rule.summary());
            let _ = writeln!(out, "   {}", one_line(summary));
            return out;
        };
        let _ = writeln!(out, "   {}", one_line(&twin.message));
        for step in &twin.because {
            let at = step.span.and_then(|span| self.place_words(span));
            let at = at.map_or_else(String::new, |at| format!(" ({at})"));
            let _ = writeln!(out, "   because: {}{at}", one_line(&step.text));
        }
        if let Some(help) = &twin.help {
            let _ = writeln!(out, "   help: {}", one_line(help));
        }
        for route in twin.routes.iter().take(MOST_ROUTES) {
            let _ = writeln!(out, "   route: {}", one_line(route));
        }
        out
    }

    fn chain(&self, ladder: &Ladder) -> String {
        let mut out = format!("route {}\n", one_line(&ladder.route));
        for rung in &ladder.rungs {
            let who = match rung.actor {
                Actor::Client => "nginx to client",
                Actor::Nginx => "nginx to upstream",
                Actor::Fpm => "php-fpm",
                Actor::Php => "php",
            };
            let limit = match &rung.limit {
                Ok(limit) => limit.to_string(),
                Err(_) => "unknown".to_owned(),
            };
            let at = rung.origin.as_ref().and_then(|origin| origin.span());
            let at = at.and_then(|span| self.place_words(span));
            let at = at.unwrap_or_else(|| "default".to_owned());
            let _ = writeln!(out, "   {who}: {} = {limit} ({at})", rung.name);
        }
        out
    }
}

/// The sentence and the good example of each rule.
fn pages(targets: &[Target], is_clean: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut seen: Vec<&str> = Vec::new();
    for target in targets {
        let id = target.finding.rule;
        if seen.contains(&id) || seen.len() >= MOST_PAGES {
            continue;
        }
        seen.push(id);
        let Some(rule) = rules::by_id(id) else {
            continue;
        };
        let good = rule.section("Good").unwrap_or_default();
        let summary = one_line(rule.summary());
        let text = format!("[{id}] {summary}\nA good example:\n{good}\n\n");
        if is_clean(&text) {
            out += &text;
        }
    }
    out
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
