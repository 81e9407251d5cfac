//! Which labels the series of an expression have, as far as the expression tells.

use std::collections::BTreeSet;

use crate::exporters::{self, metric};
use crate::promql::{Expr, Id, Kind, Matcher, Selector, Type};
use crate::rule::Asked;
use crate::rules::OF_REQUESTS;

/// Functions whose results have other labels than what they are given.
const CHANGES_LABELS: &[&str] = &[
    "absent",
    "absent_over_time",
    "histogram_avg",
    "histogram_count",
    "histogram_fraction",
    "histogram_quantile",
    "histogram_stddev",
    "histogram_stdvar",
    "histogram_sum",
    "info",
    "label_join",
    "label_replace",
    "vector",
];

/// Aggregates that give one series for each group, with the labels of the group.
const GROUPS: &[&str] = &[
    "avg", "count", "group", "max", "min", "stddev", "stdvar", "sum",
];

/// One side of an operator.
pub(crate) struct Side<'e> {
    /// The selector that all of it comes from.
    pub(crate) selector: &'e Selector,
    /// What is done with it, without the selector: equal words, equal work.
    pub(crate) work: String,
    /// The labels that an aggregation has left; all of them when there is none.
    pub(crate) group: Option<BTreeSet<&'e str>>,
    /// Whether the series come from a target, and so have its `job` and `instance`.
    is_scraped: bool,
}

/// The side that a part is; `None` when its labels cannot be told.
pub(crate) fn side<'e>(asked: &Asked<'e>, id: Id) -> Option<Side<'e>> {
    let expr = asked.expr;
    let (mut id, mut work, mut group, mut has_range) = (id, String::new(), None, false);
    let selector = loop {
        match &expr.part(id).kind {
            Kind::Selector(selector) => break selector,
            Kind::Paren(of) => id = *of,
            Kind::Signed(of) => {
                work.push('-');
                id = *of;
            }
            Kind::Range(of, range) => {
                work += &format!("[{range}]");
                has_range = true;
                id = *of;
            }
            Kind::Moved(of, how) => {
                work += &format!(" {how} ");
                id = *of;
            }
            Kind::Call(name, args) => {
                let series = |id: &&Id| matches!(expr.part(**id).gives, Type::Vector | Type::Range);
                if CHANGES_LABELS.contains(name) {
                    return None;
                }
                let of = *args.iter().find(series)?;
                work += &format!("{name}({})", beside(asked, args, of)?);
                id = of;
            }
            Kind::Aggregate(aggregate) => {
                let labels = aggregate.labels.as_ref();
                let is_told = labels.is_none_or(|labels| labels.is_by);
                if group.is_some() || !is_told || !GROUPS.contains(&aggregate.how) {
                    return None;
                }
                let names = labels.iter().flat_map(|labels| &labels.names);
                group = Some(names.map(String::as_str).collect());
                work += aggregate.how;
                id = aggregate.of;
            }
            Kind::Binary(binary) => {
                let sides = (binary.left, binary.right);
                let (of, number) = match (gives(expr, sides.0), gives(expr, sides.1)) {
                    (Type::Vector, Type::Scalar) => sides,
                    (Type::Scalar, Type::Vector) => (sides.1, sides.0),
                    _ => return None,
                };
                work += &format!("{}{}", binary.op, asked.shown(expr.part(number).range));
                id = of;
            }
            Kind::Constant => return None,
        }
    };
    let name = selector.metric.as_ref().map(|(name, _)| name.as_str());
    let is_raw = |name: &str| !name.contains(':') && !asked.recorded.contains(name);
    Some(Side {
        selector,
        work,
        group,
        is_scraped: name.is_some_and(|name| is_raw(name) && (has_range || metric(name).is_some())),
    })
}

fn gives(expr: &Expr, id: Id) -> Type {
    expr.part(id).gives
}

/// The arguments beside the series, when they are constants.
fn beside(asked: &Asked<'_>, args: &[Id], of: Id) -> Option<String> {
    let mut out = String::new();
    for arg in args.iter().filter(|arg| **arg != of) {
        let part = asked.expr.part(*arg);
        if !matches!(part.kind, Kind::Constant | Kind::Signed(_)) {
            return None;
        }
        out += &asked.shown(part.range);
        out.push(',');
    }
    Some(out)
}

impl<'e> Side<'e> {
    /// The metric's name.
    pub(crate) fn metric(&self) -> Option<&'e str> {
        self.selector.metric.as_ref().map(|(name, _)| name.as_str())
    }

    /// Labels that every series of this side has, those that are asked for first.
    pub(crate) fn sure(&self) -> Vec<&'e str> {
        let asked_for = self.selector.matchers.iter();
        let asked_for = asked_for.filter(|matcher| matcher.needs_value());
        let mut sure: Vec<&str> = asked_for.map(|matcher| matcher.label.as_str()).collect();
        if let Some(metric) = self.metric().and_then(metric) {
            sure.extend(metric.labels);
        }
        if self.is_scraped {
            sure.extend(["instance", "job"]);
        }
        sure.retain(|label| self.keeps(label));
        sure
    }

    /// Whether a label that its series have is still there.
    pub(crate) fn keeps(&self, label: &str) -> bool {
        self.group
            .as_ref()
            .is_none_or(|names| names.contains(label))
    }

    /// Whether no series of this side has a label.
    pub(crate) fn lacks(&self, label: &str) -> bool {
        if !self.keeps(label) {
            return true;
        }
        let mut of_label = self.of_label(label);
        if of_label.any(|matcher| matcher.fits("") == Some(true) && is_only_empty(matcher)) {
            return true;
        }
        let Some(metric) = self.metric().and_then(metric).filter(|_| self.is_scraped) else {
            return false;
        };
        let is_exported = exporters::ALL.iter().any(|exporter| {
            let mut labels = exporter.metrics.iter().flat_map(|(_, labels)| *labels);
            labels.any(|own| *own == label)
        });
        !metric.labels.contains(&label) && (is_exported || OF_REQUESTS.contains(&label))
    }

    /// What is asked of a label.
    pub(crate) fn of_label<'s>(
        &'s self,
        label: &'s str,
    ) -> impl Iterator<Item = &'e Matcher> + use<'s, 'e> {
        let matchers = self.selector.matchers.iter();
        matchers.filter(move |matcher| matcher.label == label)
    }
}

fn is_only_empty(matcher: &Matcher) -> bool {
    matcher.op == crate::promql::MatchOp::Equal && matcher.value.is_empty()
}
