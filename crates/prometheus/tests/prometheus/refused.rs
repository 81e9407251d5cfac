//! What Prometheus would refuse has a place and a reason.

use prometheus::{Role, role, rule_files};

use crate::judged;

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let rule = |rule: &str| format!("groups:\n- name: g\n  rules:\n  - {rule}\n");
    for (text, line, column, words) in [
        (
            rule("alert: A\n    expr: sum(up"),
            5,
            17,
            "ends where `)` must stand",
        ),
        (
            rule("alert: A\n    expr: |\n      up\n      ) + 1"),
            7,
            7,
            "`)` stands where",
        ),
        (
            rule("alert: A\n    expr: rate(up)"),
            5,
            16,
            "`rate` takes a range vector here, and this is an instant vector",
        ),
        (
            rule("alert: A\n    expr: ''"),
            5,
            11,
            "ends where a value must stand",
        ),
        (rule("alert: A"), 4, 12, "no `expr`"),
        (rule("alert: A\n    expr:"), 4, 12, "no `expr`"),
        (rule("alert: A\n    expr: [up]"), 5, 11, "`expr` is a text"),
        (rule("expr: up"), 4, 5, "neither `alert` nor `record`"),
        (
            rule("alert: A\n    record: b\n    expr: up"),
            4,
            12,
            "not both",
        ),
        (
            rule("alert: A\n    expr: up\n    for: 5 minutes"),
            6,
            10,
            "`for` is a duration",
        ),
        (
            rule("record: a\n    expr: up\n    for: 5m"),
            6,
            5,
            "has no `for`",
        ),
        (rule("just a text"), 4, 5, "a rule is a map"),
        (
            rule("alert: A\n    expr: up\n    expr: up"),
            6,
            5,
            "`expr` stands here twice",
        ),
        (
            "groups:\n- rules:\n  - alert: A\n    expr: up\n".to_owned(),
            2,
            3,
            "no `name`",
        ),
        (
            "groups:\n- name: g\n- name: g\n".to_owned(),
            3,
            3,
            "was there already",
        ),
        ("groups: up\n".to_owned(), 1, 9, "`groups` is a list"),
        ("rules: []\n".to_owned(), 1, 1, "no `groups`"),
        ("- groups\n".to_owned(), 1, 1, "a rule file is a map"),
        ("groups: [\n".to_owned(), 2, 1, "no YAML"),
        ("groups:\n\t- name: g\n".to_owned(), 2, 2, "no YAML"),
        ("groups: *none\n".to_owned(), 1, 9, "no YAML"),
        (
            "groups:\n- name: g\n---\ngroups:\n- name: h\n".to_owned(),
            4,
            1,
            "first document",
        ),
    ] {
        let (sources, judged) = judged(text.as_bytes());
        assert_eq!(judged.problems.len(), 1, "{text}: {:?}", judged.problems);
        let problem = &judged.problems[0];
        assert!(
            problem.message.contains(words),
            "{text}: {}",
            problem.message
        );
        let place = sources.line_column(problem.span.expect("a place"));
        assert_eq!(
            (place.line, place.column),
            (line, column),
            "{text}: {}",
            problem.message
        );
    }
}

#[test]
fn nothing_is_wrong_with_nothing() {
    for text in [
        "",
        "# a comment\n",
        "groups:\n",
        "groups: []\n",
        "groups: [{name: g}]",
        "groups: [{name: g, rules: }]",
    ] {
        let (_, judged) = judged(text.as_bytes());
        assert!(judged.problems.is_empty(), "{text}: {:?}", judged.problems);
    }
}

#[test]
fn files_are_told_apart() {
    let rules = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n";
    for (text, wanted) in [
        (rules, Some(Role::Rules)),
        (
            "{\"groups\": [{\"name\": \"g\", \"rules\": [{\"record\": \"a\", \"expr\": \"up\"}]}]}",
            Some(Role::Rules),
        ),
        (
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - alert: A\n      expr: up\n",
            Some(Role::Rules),
        ),
        (
            "groups:\n- name: g\n  rules:\n  - alert: A\n",
            Some(Role::Rules),
        ),
        (
            "groups:\n- name: g\n  rules:\n  - alert: A\n   expr: [\n",
            Some(Role::Rules),
        ),
        ("global: {}\nrule_files:\n- '*.yml'\n", Some(Role::Main)),
        ("rule_files: [\n", Some(Role::Main)),
        // Somebody else's.
        ("", None),
        ("groups:\n- wheel\n- adm\n", None),
        ("groups: {a: b}\nexpr: up\n", None),
        ("server { listen 80; }\n", None),
        ("rule_files:\n", None),
        (
            "apiVersion: 1\ngroups:\n- name: g\n  folder: f\n  rules:\n  - uid: x\n    title: t\n    data:\n    - model: {expr: up}\n",
            None,
        ),
        (
            "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(rate({app=\"x\"} |= \"error\" [5m]))\n",
            None,
        ),
        (
            "groups:\n{{- range .Values.rules }}\n- alert: {{ .name }}\n  expr: up\n{{- end }}\n",
            None,
        ),
        ("kind: PrometheusRule\nspec: {}\n", None),
    ] {
        assert_eq!(role(text.as_bytes()), wanted, "{text}");
    }
    let main = b"rule_files:\n- a.yml\n- \"b/*.yml\"\n";
    assert_eq!(rule_files(main).expect("YAML"), ["a.yml", "b/*.yml"]);
}

#[test]
fn kubernetes_has_them_one_level_deeper() {
    let text = "kind: ConfigMap\n---\nkind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    \
                - alert: A\n      expr: nginx_up{status=\"1\"}\n---\nkind: PrometheusRule\nspec:\n  groups:\n  \
                - name: g\n    rules:\n    - alert: A\n      expr: nginx_up{status=\"1\"}\n";
    let (_, judged) = judged(text.as_bytes());
    assert_eq!((judged.findings.len(), judged.problems.len()), (2, 0));
}
