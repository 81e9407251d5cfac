//! A finding points at the words that it is about, however YAML writes them.

use crate::judged;

/// Ways to write an expression in which `status=` stands once.
const WAYS: &[&str] = &[
    "expr: sum(nginx_http_requests_total{status=\"500\"})",
    "\"expr\" :  sum(nginx_http_requests_total{status=\"500\"})",
    "expr: 'sum(nginx_http_requests_total{status=\"500\"})'",
    "expr: \"sum(nginx_http_requests_total{status=\\\"500\\\"})\"",
    "expr: \"sum(\\n\\tnginx_http_requests_total{status=\\\"500\\\"})\"",
    "expr: 'sum(nginx_http_requests_total{job=\"it''s\",status=\"500\"})'",
    "expr: |\n        sum(\n            nginx_http_requests_total{status=\"500\"}\n          )",
    "expr: |-\n          sum(nginx_http_requests_total{status=\"500\"})",
    "expr: |2+\n          sum(nginx_http_requests_total{status=\"500\"})\n",
    "expr: > # a comment\n        sum(\n        nginx_http_requests_total{status=\"500\"}\n        )",
    "expr: sum(\n          nginx_http_requests_total{status=\"500\"}\n          )",
    "expr: \"sum(\n\n          nginx_http_requests_total{status='500'}\n          )\"",
    "expr: \"sum(\\\n          nginx_http_requests_total{status='500'})\"",
    "expr: |\n        # ä€𝄞\n        sum(nginx_http_requests_total{job=\"ä€𝄞\", status=\"500\"})",
    "expr: &e sum(nginx_http_requests_total{status=\"500\"})",
    "expr: !!str sum(nginx_http_requests_total{status=\"500\"})",
];

#[test]
fn every_way_of_writing_has_its_place() {
    for way in WAYS {
        for feed in ["\n", "\r\n"] {
            let way = way.replace("\n        ", "\n            ");
            let text =
                format!("# ü\ngroups:\n- name: g\n  rules:\n      - {way}\n        alert: A\n");
            let text = text.replace('\n', feed);
            let (sources, judged) = judged(text.as_bytes());
            assert!(judged.problems.is_empty(), "{text}\n{:?}", judged.problems);
            let finding = judged.findings.first().expect("it is found");
            let span = finding.primary.span;
            let shown = String::from_utf8_lossy(sources.text(span));
            assert!(shown.starts_with("status="), "{text}: {shown}");
            assert!(shown.ends_with(['"', '\'']), "{text}: {shown}");
            let wanted = text.find("status=").expect("it is there");
            assert_eq!(span.start as usize, wanted, "{text}");
        }
    }
}

#[test]
fn plain_scalars_have_their_column() {
    let text = "groups: [{name: g, rules: [{alert: A, expr: 'nginx_up{status=\"1\"}'}]}]\n";
    let (sources, judged) = judged(text.as_bytes());
    let place = sources.line_column(judged.findings[0].primary.span);
    assert_eq!((place.line, place.column), (1, 55));
    let text =
        "groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: nginx_up{status=\"1\"} + 1\n";
    let (sources, judged) = crate::judged(text.as_bytes());
    let place = sources.line_column(judged.findings[0].primary.span);
    assert_eq!((place.line, place.column), (5, 20));
}

#[test]
fn comments_are_seen_wherever_they_stand() {
    let text = "# one\ngroups: # two\n- name: 'g # no'\n  rules:\n  - alert: A#no\n    # three\n    \
                expr: |\n      # four\n      up == 0 # five\n    # six\n    labels: {a: \"# no\"} # seven\n";
    let (sources, judged) = judged(text.as_bytes());
    let source = &sources.get(judged.comments[0].0).bytes;
    let words = judged.comments[0].1.iter().map(|(start, end)| {
        String::from_utf8_lossy(&source[*start as usize..*end as usize]).into_owned()
    });
    let words: Vec<_> = words.collect();
    let wanted = [
        "# one", "# two", "# three", "# four", "# five", "# six", "# seven",
    ];
    assert_eq!(words, wanted);
}
