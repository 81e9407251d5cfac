//! Which expressions the rules speak of, and of which they stay silent.

use crate::{judged, rules_of};

const SELECTOR: &str = "prometheus-selector-matches-nothing";
const RATIO: &str = "prometheus-ratio-not-aggregated";

#[test]
fn selectors_are_held_against_the_exporters() {
    for (expression, wanted) in [
        ("nginx_http_requests_total{status=~\"5..\"}", 1),
        ("nginx_http_requests_total{code=\"500\"}", 1),
        ("{__name__=\"nginx_up\", method=\"GET\"}", 1),
        ("{\"nginx_up\", \"method\"=\"GET\"}", 1),
        ("nginx_connections_active{status!=\"\"}", 1),
        ("phpfpm_accepted_connections{status=~\".+\", code=\"1\"}", 2),
        ("absent(nginx_up{status=\"500\"})", 1),
        ("rate(badgateway_incidents[5m])", 1),
        ("badgateway_pool_up{route=\"/\"}", 1),
        ("badgateway_http_responses_total{status=\"500\"}", 1),
        // What may be there.
        ("nginx_http_requests_total{status=~\"5..|\"}", 0),
        ("nginx_http_requests_total{status!=\"500\"}", 0),
        ("nginx_http_requests_total{status!~\"5..\"}", 0),
        ("nginx_http_requests_total{status=\"\"}", 0),
        (
            "nginx_http_requests_total{job=\"a\",instance=~\"b.*\",env=\"c\",host=\"d\",zone=\"e\"}",
            0,
        ),
        (
            "phpfpm_active_processes{pool=\"www\",scrape_uri=~\"tcp.*\"}",
            0,
        ),
        (
            "badgateway_http_responses_total{code=~\"5..\",log=\"x\"}",
            0,
        ),
        ("{status=\"500\"}", 0),
        ("{__name__=~\"nginx_.*\",status=\"500\"}", 0),
        ("nginxplus_http_requests_total{code=\"500\"}", 0),
        ("nginx_ingress_controller_requests{status=\"500\"}", 0),
        ("phpfpm_listen_queue_of_another_exporter", 0),
        ("other_total{status=\"500\"}", 0),
    ] {
        assert_eq!(rules_of(expression), vec![SELECTOR; wanted], "{expression}");
    }
}

#[test]
fn what_a_recording_rule_makes_may_have_any_label() {
    let text = "groups:\n- name: g\n  rules:\n  - record: badgateway_of_mine\n    expr: up\n  \
                - alert: A\n    expr: badgateway_of_mine{status=\"1\"}\n";
    let (_, judged) = judged(text.as_bytes());
    assert!(judged.findings.is_empty() && judged.problems.is_empty());
}

/// Ratios, and words of what is said of them.
const RATIOS: &[(&str, Option<&str>)] = &[
    // Each by itself.
    (
        "rate(a{status=~\"5..\"}[5m]) / rate(a[5m])",
        Some("every result is 1"),
    ),
    ("a{x=\"1\"} / a", Some("every result is 1")),
    (
        "(rate(a{x!=\"1\"}[5m])) / rate(a[5m]) > 0.1",
        Some("every result is 1"),
    ),
    (
        "100 * rate(a{code=~\"5..\"}[5m]) / (100 * rate(a[5m]))",
        Some("every result is 1"),
    ),
    (
        "1 - rate(a{x=\"1\",y=\"2\"}[5m]) / rate(a{y=\"2\"}[5m])",
        Some("every result is 1"),
    ),
    (
        "sum(rate(a{x=\"1\"}[5m]) / rate(a[5m]))",
        Some("every result is 1"),
    ),
    (
        "sum by (x) (rate(a{x=\"1\"}[5m])) / sum by (x) (rate(a[5m]))",
        Some("every result is 1"),
    ),
    (
        "sum(rate(a{x=\"1\"}[5m])) by (x, y) / sum by (y, x) (rate(a[5m]))",
        Some("every result is 1"),
    ),
    // Nothing has a partner.
    (
        "rate(a{status=\"500\"}[5m]) / rate(a{status=\"200\"}[5m])",
        Some("never have the same `status`"),
    ),
    (
        "rate(a{status=~\"5..\"}[5m]) / rate(a{status=~\"2..\"}[5m])",
        Some("never have the same `status`"),
    ),
    (
        "rate(a{x=\"1\"}[5m]) / rate(b{x!=\"1\"}[5m])",
        Some("never have the same `x`"),
    ),
    (
        "rate(a{status=~\"5..\"}[5m]) / sum(rate(a[5m]))",
        Some("only the left side of this ratio has `status`"),
    ),
    (
        "rate(a[5m]) / sum(rate(a[5m]))",
        Some("only the left side of this ratio has `instance`"),
    ),
    (
        "sum(rate(a[5m])) / rate(a[5m])",
        Some("only the right side of this ratio has `instance`"),
    ),
    (
        "sum by (x) (a{x=\"1\"}) / sum(a)",
        Some("only the left side of this ratio has `x`"),
    ),
    (
        "phpfpm_active_processes / nginx_connections_active",
        Some("only the left side of this ratio has `pool`"),
    ),
    (
        "rate(badgateway_incidents_total[5m]) / rate(badgateway_http_responses_total[5m])",
        Some("only the left side"),
    ),
    // Right, or not to be told.
    ("sum(rate(a{status=~\"5..\"}[5m])) / sum(rate(a[5m]))", None),
    (
        "sum by (x) (rate(a{status=~\"5..\"}[5m])) / sum by (x) (rate(a[5m]))",
        None,
    ),
    (
        "sum without (status) (rate(a{status=~\"5..\"}[5m])) / sum without (status) (rate(a[5m]))",
        None,
    ),
    (
        "rate(a{status=~\"5..\"}[5m]) / ignoring (status) group_left () sum without (status) (rate(a[5m]))",
        None,
    ),
    ("rate(a{x=\"1\"}[5m]) / on (y) rate(a[5m])", None),
    ("rate(a[5m]) / rate(a[1h])", None),
    ("a / (a offset 1d)", None),
    ("rate(a[5m]) / rate(a[5m])", None),
    (
        "rate(a_sum{x=\"1\"}[5m]) / rate(a_count{x=\"1\"}[5m])",
        None,
    ),
    ("rate(a_sum{x=\"1\"}[5m]) / rate(a_count[5m])", None),
    ("phpfpm_active_processes / phpfpm_total_processes", None),
    (
        "badgateway_pool_busy_workers / badgateway_pool_max_children",
        None,
    ),
    ("a / scalar(sum(a))", None),
    ("a{x=\"1\"} / 5", None),
    ("job:a:rate5m / sum(a)", None),
    (
        "a{x=\"1\"} / label_replace(a, \"x\", \"1\", \"\", \"\")",
        None,
    ),
    ("topk(1, a{x=\"1\"}) / a", None),
    ("quantile(0.5, a{x=\"1\"}) / quantile(0.9, a)", None),
    ("a{x=\"1\"} * a", None),
    ("rate(a{x=~\"1|2\"}[5m]) / rate(b{x=~\"3|4\"}[5m])", None),
    (
        "rate(a{status=~\"5..\"}[5m]) / rate(b{status=~\"..2\"}[5m])",
        None,
    ),
];

#[test]
fn ratios_are_judged_by_their_labels() {
    for (expression, wanted) in RATIOS {
        let (_, judged) = crate::of_expression(expression);
        assert!(
            judged.problems.is_empty(),
            "{expression}: {:?}",
            judged.problems
        );
        let found = judged.findings.iter().filter(|f| f.rule == RATIO);
        let found: Vec<&str> = found.map(|f| f.message.as_str()).collect();
        match wanted {
            None => assert!(found.is_empty(), "{expression}: {found:?}"),
            Some(words) => assert!(
                found.len() == 1 && found[0].contains(words),
                "{expression}: {found:?}"
            ),
        }
    }
}

/// The article's alert has both mistakes, and is told of both.
#[test]
fn both_mistakes_at_once() {
    let expression = "rate(nginx_http_requests_total{status=~\"5..\"}[5m]) \
                      / rate(nginx_http_requests_total[5m]) > 0.01";
    assert_eq!(rules_of(expression), [RATIO, SELECTOR]);
}
