//! A ratio whose sides keep labels by which they do not meet, or meet themselves.

use base::Severity;

use crate::exporters::metric;
use crate::promql::{Binary, Kind, MatchOp, Matcher, Type};
use crate::rule::{Asked, Found, rule};
use crate::rules::prometheus_selector_matches_nothing::is_missing;
use crate::shape::{Side, side};

rule! {
    /// A ratio divides each series by itself, or by nothing.
    ///
    /// ## Why it matters
    ///
    /// `/` pairs a series on its left with the one on its right whose labels are all equal. In
    /// `rate(a{status=~"5.."}[5m]) / rate(a[5m])` both sides keep `status`, so the partner of the
    /// series with `status="502"` is that series itself. Every result is 1: an alert on more than
    /// 1 % fires at the first error, however small its share is. Where the sides keep different
    /// labels, no series has a partner; there is no result, and an alert never fires. Prometheus
    /// reports neither.
    ///
    /// Judged is what the expression itself makes certain: both sides come from one selector each,
    /// and neither `on` nor `ignoring` says what matches.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// groups:
    ///   - name: nginx
    ///     rules:
    ///       - alert: TooManyErrors
    ///         expr: |
    ///           rate(http_requests_total{status=~"5.."}[5m])
    ///             / rate(http_requests_total[5m]) > 0.01
    ///         for: 5m
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// groups:
    ///   - name: nginx
    ///     rules:
    ///       - alert: TooManyErrors
    ///         expr: |
    ///           sum by (instance) (rate(http_requests_total{status=~"5.."}[5m]))
    ///             / sum by (instance) (rate(http_requests_total[5m])) > 0.01
    ///         for: 5m
    ///       - record: instance_status:http_requests:share5m
    ///         expr: |
    ///           sum by (instance, status) (rate(http_requests_total[5m]))
    ///             / ignoring (status) group_left ()
    ///               sum by (instance) (rate(http_requests_total[5m]))
    /// ```
    ///
    /// ## References
    ///
    /// - <https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching>
    /// - <https://prometheus.io/docs/practices/rules/#aggregation>
    PROMETHEUS_RATIO_NOT_AGGREGATED {
        id: "prometheus-ratio-not-aggregated",
        severity: Error,
        since: "0.1.0",
        check: check,
    }
}

/// What becomes of a ratio.
enum Fate<'e> {
    /// Each series is divided by itself.
    One(Vec<&'e str>),
    /// No series has a partner: the left side has a label of which the right has none, or the
    /// other way round.
    Unequal { label: &'e str, is_left: bool },
    /// No series has a partner: both sides have a label, with other values.
    Disjoint(&'e str),
}

fn check(asked: &Asked<'_>, out: &mut Vec<Found>) {
    for part in asked.expr.parts() {
        let Kind::Binary(binary) = &part.kind else {
            continue;
        };
        let gives = |id| asked.expr.part(id).gives;
        let is_ratio = binary.op == "/" && !binary.is_matched;
        if !is_ratio || (gives(binary.left), gives(binary.right)) != (Type::Vector, Type::Vector) {
            continue;
        }
        let sides = (side(asked, binary.left), side(asked, binary.right));
        if let (Some(left), Some(right)) = sides
            && let Some(fate) = fate(&left, &right)
        {
            out.push(found(asked, binary, &fate, (&left, &right)));
        }
    }
}

fn fate<'e>(left: &Side<'e>, right: &Side<'e>) -> Option<Fate<'e>> {
    let asked = left.selector.matchers.iter();
    let kept = asked.map(|matcher| matcher.label.as_str());
    let mut both = kept.filter(|label| left.keeps(label) && right.keeps(label));
    if let Some(label) = both.find(|label| are_disjoint(left, right, label)) {
        return Some(Fate::Disjoint(label));
    }
    let is_same = left.metric().is_some() && left.metric() == right.metric();
    let differing = differing(left, right);
    let keeps_them = differing
        .iter()
        .all(|label| left.keeps(label) && right.keeps(label));
    if is_same && left.work == right.work && left.group == right.group {
        let is_one = keeps_them && !differing.is_empty();
        return is_one.then_some(Fate::One(differing));
    }
    for (one, other, is_left) in [(left, right, true), (right, left, false)] {
        if let Some(label) = one.sure().into_iter().find(|label| other.lacks(label)) {
            return Some(Fate::Unequal { label, is_left });
        }
    }
    None
}

/// Labels of which the two sides ask different things.
fn differing<'e>(left: &Side<'e>, right: &Side<'e>) -> Vec<&'e str> {
    let all = |side: &Side<'e>, label: &str| {
        let of = side.of_label(label);
        let mut of: Vec<_> = of
            .map(|matcher| (matcher.op, matcher.value.as_str()))
            .collect();
        of.sort_unstable();
        of.dedup();
        of
    };
    let matchers = left
        .selector
        .matchers
        .iter()
        .chain(&right.selector.matchers);
    let mut labels: Vec<&str> = matchers.map(|matcher| matcher.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.retain(|label| all(left, label) != all(right, label));
    labels
}

/// Whether no value of a label fits both sides.
fn are_disjoint(left: &Side<'_>, right: &Side<'_>, label: &str) -> bool {
    let fits = |side: &Side<'_>, value: &str| {
        side.of_label(label)
            .all(|matcher| matcher.fits(value) != Some(false))
    };
    let exact = |matcher: &&Matcher| matcher.op == MatchOp::Equal;
    for (one, other) in [(left, right), (right, left)] {
        if let Some(matcher) = one.of_label(label).find(exact) {
            return !fits(other, &matcher.value);
        }
    }
    let is_status = ["status", "code", "status_code"].contains(&label);
    let asks = |side: &Side<'_>| side.of_label(label).any(Matcher::needs_value);
    // Of a status all values are known.
    let mut codes = (100..600).map(|code: u32| code.to_string());
    let mut classes = (1..6).flat_map(|class| [format!("{class}xx"), format!("{class}XX")]);
    is_status
        && (asks(left) || asks(right))
        && !codes.any(|code| fits(left, &code) && fits(right, &code))
        && !classes.any(|class| fits(left, &class) && fits(right, &class))
}

fn found(
    asked: &Asked<'_>,
    binary: &Binary,
    fate: &Fate<'_>,
    (left, right): (&Side<'_>, &Side<'_>),
) -> Found {
    let shown = |id| asked.shown(asked.expr.part(id).range);
    let (on_left, on_right) = (shown(binary.left), shown(binary.right));
    let mut because = vec!["`/` pairs series whose labels are all equal".to_owned()];
    let (label, message, help) = match fate {
        Fate::One(labels) => {
            because.push(format!(
                "both sides keep {}, so the partner of a series is that series itself",
                ticked(labels)
            ));
            let (label, message) = of_one(left, right, labels);
            (label, message, one_help(left, labels, &on_left, &on_right))
        }
        Fate::Unequal { label, is_left } => {
            let (with, without) = match is_left {
                true => ("left", "right"),
                false => ("right", "left"),
            };
            because.push(format!(
                "every series on the {with} has `{label}`, and none on the {without} has it"
            ));
            (
                "nothing on its two sides has equal labels".to_owned(),
                format!(
                    "only the {with} side of this ratio has `{label}`: no series has a partner, \
                     and there is never a result"
                ),
                "aggregate both sides to the same labels: `sum by (…) (…) / sum by (…) (…)`"
                    .to_owned(),
            )
        }
        Fate::Disjoint(label) => {
            because.push(format!(
                "both sides keep `{label}`, and no value of it fits both"
            ));
            (
                "nothing on its two sides has equal labels".to_owned(),
                format!(
                    "the sides of this ratio never have the same `{label}`: no series has a \
                     partner, and there is never a result"
                ),
                summed(&on_left, &on_right),
            )
        }
    };
    Found {
        severity: Severity::Error,
        range: binary.at,
        label,
        message,
        related: Some((
            asked.expr.part(binary.left).range,
            "this is divided".to_owned(),
        )),
        because,
        help,
    }
}

/// Where the exporter has no such label there is no result at all.
fn of_one(left: &Side<'_>, right: &Side<'_>, labels: &[&str]) -> (String, String) {
    let name = left.metric().unwrap_or_default();
    let matchers = left
        .selector
        .matchers
        .iter()
        .chain(&right.selector.matchers);
    let missing = metric(name).and_then(|metric| {
        let mut missing = matchers.filter(|matcher| is_missing(&metric, matcher));
        Some((metric.exporter.name, missing.next()?.label.as_str()))
    });
    let label = "each series is divided by itself".to_owned();
    match missing {
        None => (
            label,
            format!(
                "this ratio divides each series by itself, for both sides keep {}: every result \
                 is 1, however small the share is",
                ticked(labels)
            ),
        ),
        Some((exporter, missing)) => (
            label,
            format!(
                "the sides of this ratio are not aggregated: without `{missing}`, as {exporter} \
                 has it, there is never a result, and with it every result is 1"
            ),
        ),
    }
}

fn one_help(left: &Side<'_>, labels: &[&str], on_left: &str, on_right: &str) -> String {
    if left.group.is_none() {
        return summed(on_left, on_right);
    }
    let labels = labels.join(", ");
    format!(
        "group by the same labels without `{labels}`, or, for the share of each `{labels}`, group \
         only the right side without it and divide by `/ ignoring ({labels}) group_left ()`"
    )
}

/// What to write, with the sides themselves while they are short.
fn summed(on_left: &str, on_right: &str) -> String {
    let is_short = on_left.len() + on_right.len() < 120 && !on_left.contains('\n');
    let is_bare = |text: &str| !text.starts_with('(') && !text.starts_with("sum");
    let both = match is_short && is_bare(on_left) && is_bare(on_right) && !on_right.contains('\n') {
        true => format!("`sum({on_left}) / sum({on_right})`"),
        false => "`sum(…) / sum(…)`".to_owned(),
    };
    format!("aggregate both sides: {both}, or `sum by (…)` with labels that both have")
}

fn ticked(labels: &[&str]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    labels.join(", ")
}
