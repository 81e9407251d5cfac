//! A selector that asks for what its exporter never exposes.

use base::Severity;

use crate::exporters::{self, Metric, closed, metric, nearest};
use crate::promql::{Kind, Matcher, Range};
use crate::rule::{Asked, Found, rule};

/// Labels that tell one request from another. An exporter that counts requests without them has
/// none of them, and no target is named so.
pub(crate) const OF_REQUESTS: &[&str] = &[
    "code",
    "handler",
    "http_code",
    "http_method",
    "http_status",
    "method",
    "path",
    "request_method",
    "request_uri",
    "response_code",
    "status",
    "status_class",
    "status_code",
    "uri",
    "url",
    "verb",
];

rule! {
    /// A rule asks for a label or a metric that the exporter does not have: it selects nothing.
    ///
    /// ## Why it matters
    ///
    /// An expression over no series is no error for Prometheus. It has no result, so an alert on it
    /// never fires, and a panel stays empty. The best known case is
    /// `nginx_http_requests_total{status=~"5.."}`: nginx's `stub_status` counts requests, and knows
    /// nothing of their status, so nginx-prometheus-exporter has no such label.
    ///
    /// What is known: the metrics of `badgateway agent`, of nginx-prometheus-exporter (for
    /// `stub_status`) and of php-fpm_exporter. Labels that any target may have, such as `job`,
    /// `instance` or `host`, are not judged. A metric of another program that has the same name may
    /// have other labels; nginx-lua-prometheus names its example so. That is a warning only: allow
    /// it with a comment.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// groups:
    ///   - name: nginx
    ///     rules:
    ///       - alert: ServerErrors
    ///         expr: sum(rate(nginx_http_requests_total{status=~"5.."}[5m])) > 1
    ///         for: 5m
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// groups:
    ///   - name: nginx
    ///     rules:
    ///       - alert: ServerErrors
    ///         expr: sum(rate(badgateway_http_responses_total{code=~"5.."}[5m])) > 1
    ///         for: 5m
    /// ```
    ///
    /// ## References
    ///
    /// - <https://github.com/nginx/nginx-prometheus-exporter#exported-metrics>
    /// - <https://nginx.org/en/docs/http/ngx_http_stub_status_module.html>
    /// - <https://github.com/hipages/php-fpm_exporter#metrics-collected>
    /// - <https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors>
    PROMETHEUS_SELECTOR_MATCHES_NOTHING {
        id: "prometheus-selector-matches-nothing",
        severity: Error,
        since: "0.1.0",
        check: check,
    }
}

fn check(asked: &Asked<'_>, out: &mut Vec<Found>) {
    for part in asked.expr.parts() {
        let Kind::Selector(selector) = &part.kind else {
            continue;
        };
        let Some((name, at)) = &selector.metric else {
            continue;
        };
        if asked.recorded.contains(name) {
            continue;
        }
        match metric(name) {
            Some(metric) => {
                let missing = |matcher: &&Matcher| is_missing(&metric, matcher);
                let found = selector.matchers.iter().filter(missing);
                out.extend(found.map(|matcher| no_label(asked, &metric, matcher)));
            }
            None => out.extend(no_metric(name, *at)),
        }
    }
}

/// Whether no series of a metric can have what is asked for.
pub(super) fn is_missing(metric: &Metric, matcher: &Matcher) -> bool {
    let label = matcher.label.as_str();
    if metric.labels.contains(&label) || !matcher.needs_value() {
        return false;
    }
    // What our other metrics have is no label of a target.
    let mut ours = exporters::ALL
        .iter()
        .filter(|exporter| exporter.name == metric.exporter.name && exporter.closed.is_some());
    let is_ours = ours.any(|exporter| {
        let mut labels = exporter.metrics.iter().flat_map(|(_, labels)| *labels);
        labels.any(|own| *own == label)
    });
    is_ours || OF_REQUESTS.contains(&label)
}

fn no_label(asked: &Asked<'_>, metric: &Metric, matcher: &Matcher) -> Found {
    let (name, label) = (metric.name, matcher.label.as_str());
    let exporter = metric.exporter.name;
    let has = match metric.labels {
        [] => "no label of its own".to_owned(),
        labels => format!("the labels {}", ticked(labels)),
    };
    let mut because = vec![format!(
        "{exporter} exposes `{name}` with {has} ({})",
        metric.exporter.source
    )];
    let namesake = metric.namesake();
    if let Some(other) = namesake {
        because.push(format!(
            "{} may expose a metric of this name with labels of its own: allow this where it does",
            other.whose
        ));
    }
    let wanted = asked.shown(matcher.range);
    let is_status = ["status", "code"].iter().any(|word| label.contains(word));
    let help = match is_status {
        true => "take a metric that has the status: `badgateway_http_responses_total` of \
                 `badgateway agent`, which reads access logs, has `code`"
            .to_owned(),
        false => format!("leave `{wanted}` out, or take a metric that has `{label}`"),
    };
    Found {
        severity: match namesake {
            Some(_) => Severity::Warning,
            None => Severity::Error,
        },
        range: matcher.range,
        label: format!("`{name}` has no `{label}`"),
        message: format!(
            "`{name}` of {exporter} has no label `{label}`: this selects nothing, and says nothing"
        ),
        related: None,
        because,
        help,
    }
}

fn no_metric(name: &str, at: Range) -> Option<Found> {
    let exporter = closed(name)?;
    let help = match nearest(exporter, name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`badgateway generate metrics` lists what there is".to_owned(),
    };
    Some(Found {
        severity: Severity::Error,
        range: at,
        label: "there is no such metric".to_owned(),
        message: format!(
            "{} has no metric `{name}`: this selects nothing, and says nothing",
            exporter.name
        ),
        related: None,
        because: vec![format!("its metrics are in {}", exporter.source)],
        help,
    })
}

fn ticked(labels: &[&str]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    labels.join(", ")
}
