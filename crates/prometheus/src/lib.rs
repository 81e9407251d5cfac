//! Rule files of Prometheus: reading them, and the rules about their expressions.
//!
//! This room does no I/O. It is not in the module for the browser, which stays small so.

mod comments;
mod document;
mod duration;
pub mod exporters;
mod promql;
mod role;
mod rule;
mod rules;
mod shape;

use std::collections::BTreeSet;

use base::{Because, FileId, Finding, Place, Problem, ProblemKind, Sources, Span};

use crate::document::document;
use crate::promql::Expr;
use crate::rule::{Asked, Found};
use yaml::Places;
use yaml::{Id, Style, Tree, Value};

pub use document::Role;
pub use role::{role, rule_files};
pub use rule::Rule;

/// A rule file that people wrote is a hundredth of it.
pub const MOST_BYTES: usize = 8 << 20;

/// All rules, sorted by id.
pub fn all() -> &'static [&'static Rule] {
    rules::ALL
}

/// The rule of an id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    all().iter().copied().find(|rule| rule.id == id)
}

/// What was found in rule files.
#[derive(Debug, Default)]
pub struct Judged {
    /// What is wrong, in the order of the files.
    pub findings: Vec<Finding>,
    /// What could not be read, and what Prometheus would refuse.
    pub problems: Vec<Problem>,
    /// The comments of each file, sorted.
    pub comments: Vec<(FileId, Vec<(u32, u32)>)>,
    /// Each expression and its key, sorted: a comment above the key speaks of all of it.
    pub keys: Vec<(Span, Span)>,
}

/// Judges rule files.
pub fn judge(sources: &Sources, files: &[FileId]) -> Judged {
    let mut judged = Judged::default();
    let read = files.iter().map(|file| read(sources, *file, &mut judged));
    let read: Vec<Vec<Expression>> = read.collect();
    let recorded = read.iter().flatten().filter(|rule| rule.is_record);
    let recorded: BTreeSet<String> = recorded.map(|rule| rule.name.clone()).collect();
    for expression in read.iter().flatten() {
        expression.judge(&recorded, &mut judged.findings);
    }
    judged.keys.sort_unstable();
    judged
}

/// Whether an expression is one that is read here.
///
/// # Errors
/// What is wrong with it, and at which byte.
pub fn check(expression: &str) -> Result<(), (usize, String)> {
    let refused = |refusal: promql::Refusal| (refusal.range.0, refusal.message);
    promql::parse(expression).map(|_| ()).map_err(refused)
}

/// An expression of a rule.
struct Expression {
    name: String,
    is_record: bool,
    named_at: Span,
    file: FileId,
    text: String,
    expr: Expr,
    places: Places,
}

impl Expression {
    fn judge(&self, recorded: &BTreeSet<String>, out: &mut Vec<Finding>) {
        let asked = Asked {
            expr: &self.expr,
            text: &self.text,
            recorded,
        };
        for rule in rules::ALL {
            let mut found = Vec::new();
            (rule.check)(&asked, &mut found);
            out.extend(found.into_iter().map(|found| self.finding(rule, found)));
        }
    }

    fn finding(&self, rule: &Rule, found: Found) -> Finding {
        let span = |(start, end)| span(self.file, self.places.range(start, end));
        let what = match self.is_record {
            true => "of this recording rule",
            false => "of this alert",
        };
        let related = found.related.map(|(range, label)| Place {
            span: span(range),
            label,
        });
        let named = Place {
            span: self.named_at,
            label: what.to_owned(),
        };
        let because = found.because.into_iter();
        Finding {
            rule: rule.id,
            severity: found.severity,
            message: found.message,
            primary: Place {
                span: span(found.range),
                label: found.label,
            },
            related: std::iter::once(named).chain(related).collect(),
            because: because.map(|text| Because { text, span: None }).collect(),
            help: Some(found.help),
            routes: Vec::new(),
            fix: None,
        }
    }
}

/// The expressions of a file; what is wrong with it goes to `judged`.
fn read(sources: &Sources, file: FileId, judged: &mut Judged) -> Vec<Expression> {
    let bytes = &sources.get(file).bytes;
    let mut problem = |range: (u32, u32), message: String, help: Option<&str>| {
        judged.problems.push(Problem {
            kind: ProblemKind::Syntax,
            message,
            span: Some(span(file, range)),
            help: help.map(str::to_owned),
        });
    };
    if bytes.len() > MOST_BYTES {
        let message = "a rule file of more than 8 MiB is not read".to_owned();
        problem((0, 0), message, None);
        return Vec::new();
    }
    let tree = match yaml::parse(bytes) {
        Ok(tree) => tree,
        Err(refusal) => {
            problem((refusal.at, refusal.at), refusal.message, None);
            return Vec::new();
        }
    };
    let document = document(&tree);
    for (range, message) in document.refused {
        problem(
            first_line(bytes, range),
            message,
            Some("`promtool check rules` says what else it wants"),
        );
    }
    for range in document.unread {
        let message = "Prometheus reads the first document of a rule file, and not this one";
        problem(
            first_line(bytes, range),
            message.to_owned(),
            Some("put its groups into the first, or into a file of their own"),
        );
    }
    let mut comments = comments::between_scalars(bytes, &tree);
    let mut out = Vec::new();
    for rule in document.rules {
        let (text, style) = scalar(&tree, rule.expr);
        let places = Places::of(bytes, tree.node(rule.expr).range, text, style);
        let range = |(start, end)| places.range(start, end);
        match promql::parse(text) {
            Err(refusal) => problem(
                range(refusal.range),
                format!("this expression cannot be read: {}", refusal.message),
                Some("`promtool check rules` reads it as Prometheus does"),
            ),
            Ok(expr) => {
                comments.extend(expr.comments.iter().map(|comment| range(*comment)));
                let key = span(file, tree.node(rule.key).range);
                judged.keys.push((span(file, range((0, text.len()))), key));
                out.push(Expression {
                    name: scalar(&tree, rule.name).0.to_owned(),
                    is_record: rule.is_record,
                    named_at: span(file, tree.node(rule.name).range),
                    file,
                    text: text.to_owned(),
                    expr,
                    places,
                });
            }
        }
    }
    comments.sort_unstable();
    judged.comments.push((file, comments));
    out
}

fn span(file: FileId, (start, end): (u32, u32)) -> Span {
    Span::new(file, start, end.max(start))
}

fn scalar(tree: &Tree, id: Id) -> (&str, Style) {
    match &tree.node(id).value {
        Value::Scalar(text, style) => (text, *style),
        Value::List(_) | Value::Map(_) => ("", Style::Plain),
    }
}

/// A map's range may be empty or long; its first line is what people look at.
fn first_line(bytes: &[u8], (start, end): (u32, u32)) -> (u32, u32) {
    let from = (start as usize).min(bytes.len());
    let rest = &bytes[from..(end as usize).clamp(from, bytes.len())];
    let length = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
    let length = u32::try_from(length.unwrap_or(rest.len())).unwrap_or(0);
    (start, start + length)
}
