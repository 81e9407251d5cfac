//! Rule files, held against promtool: what it reads, what it refuses, and what comes of the
//! expressions that `check` speaks of.

use std::process::{Command, Output};

use base::{FilePath, Sources};
use lab::program::run;
use lab::random::Random;
use lab::scratch::Scratch;
use prometheus::Judged;

fn promtool(args: &[&str]) -> Output {
    let done = Command::new("promtool").args(args).output();
    done.expect("Debian's package `prometheus` has promtool")
}

fn words(output: &Output) -> String {
    let text = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn judged(text: &str) -> Judged {
    let mut sources = Sources::default();
    let file = sources.add(FilePath::new("rules.yml"), text.as_bytes().into(), None);
    prometheus::judge(&sources, &[file])
}

/// A text of YAML: JSON's quotes are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What promtool says of each expression: nothing, or why it refuses it.
fn refusals(expressions: &[String]) -> Vec<Option<String>> {
    let mut text = "groups:\n- name: g\n  rules:\n".to_owned();
    for (number, expression) in expressions.iter().enumerate() {
        text += &format!("  - {{alert: E{number}X, expr: {}}}\n", quoted(expression));
    }
    let folder = Scratch::new("expressions");
    let path = folder.write("rules.yml", text).display().to_string();
    let said = words(&promtool(&["check", "rules", "--lint=none", &path]));
    let line = |number: usize| {
        let name = format!("\"E{number}X\"");
        said.lines()
            .find(|line| line.contains(&name))
            .map(str::to_owned)
    };
    (0..expressions.len()).map(line).collect()
}

/// What Prometheus 3 has and this promtool has not.
fn is_newer(said: &str) -> bool {
    const NEWER: &[&str] = &[
        // Seconds where a duration stood: `[5]`, `offset 5`.
        "missing unit character in duration",
        "in offset, expected duration",
        "unknown function with name \"double_exponential_smoothing\"",
        "unknown function with name \"histogram_avg\"",
        "unknown function with name \"info\"",
        "unknown function with name \"mad_over_time\"",
        "unknown function with name \"sort_by_label\"",
    ];
    NEWER.iter().any(|newer| said.contains(newer))
}

fn compare(expressions: &[String]) -> (usize, usize) {
    let mut counts = (0, 0);
    let mut failures = Vec::new();
    for (expression, said) in expressions.iter().zip(refusals(expressions)) {
        let ours = prometheus::check(expression);
        match (&said, &ours) {
            (None, Ok(())) => counts.0 += 1,
            (Some(_), Err(_)) => counts.1 += 1,
            (Some(said), Ok(())) if is_newer(said) => {}
            _ => failures.push(format!(
                "{expression}\n  promtool: {said:?}\n  ours: {ours:?}"
            )),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        expressions.len(),
        failures.join("\n")
    );
    counts
}

/// Each corner of the language, right and wrong.
const CORNERS: &[&str] = &[
    "up",
    "1",
    ".5",
    "1.",
    "1e3",
    "1e",
    "1e+3",
    "0x1F",
    "0x",
    "017",
    "08",
    "Inf",
    "-inf",
    "NaN",
    "1x",
    "1e999",
    "9223372036854775808",
    "0x8000000000000000",
    "\"text\"",
    "'text'",
    "`text`",
    "\"a\\n\"",
    "\"a\\q\"",
    "\"a\\x41\"",
    "\"a\\101\"",
    "\"a\\u00e4\"",
    "\"a\\'\"",
    "'a\\''",
    "\"open",
    "\"a\nb\"",
    "`a\nb`",
    "",
    " ",
    "# comment",
    "up # comment",
    "# comment\nup",
    "up{} # c\n + 1",
    "up{}",
    "{}",
    "{a=\"\"}",
    "{a=\"b\"}",
    "{a!=\"\"}",
    "{a=~\".*\"}",
    "{a=~\".+\"}",
    "{a!~\"\"}",
    "{a!~\"b\"}",
    "{a=\"b\",}",
    "{,}",
    "{a=\"b\" c=\"d\"}",
    "up{a=~\"(\"}",
    "up{a=~\"[a-\"}",
    "up{a=~\"a{2,1}\"}",
    "up{a=~\"*\"}",
    "up{a=\"(\"}",
    "up{a=~\"(?i)x\"}",
    "up{a=~\"\\\\d+\"}",
    "up{a=~\"(?=x)\"}",
    "up{a=~\"(?P<n>x)\"}",
    "up{a=\"b\",a=\"c\"}",
    "up{__name__=\"x\"}",
    "{__name__=\"x\"}",
    "{__name__=\"x\",__name__=\"y\"}",
    "{__name__=~\"x.*\"}",
    "up{a:b=\"c\"}",
    "up{a=b}",
    "up{a==\"b\"}",
    "up{\"a\"}",
    "up{1a=\"b\"}",
    "a:b",
    ":a",
    "a:",
    "a-b",
    "a.b",
    "über",
    "sum",
    "sum{a=\"b\"}",
    "by",
    "without",
    "offset",
    "on",
    "ignoring",
    "bool",
    "group_left",
    "and",
    "or",
    "unless",
    "start",
    "end",
    "atan2",
    "count_values",
    "by{a=\"b\"}",
    "offset offset 5m",
    "on{a=\"b\"}",
    "a[5m]",
    "a[5m",
    "a[]",
    "a[5]",
    "a[5m5m]",
    "a[1h30m]",
    "a[30m1h]",
    "a[0s]",
    "a[1d12h3m4s5ms]",
    "a[-5m]",
    "a[5 m]",
    "a[1y]",
    "a[1M]",
    "(a)[5m]",
    "a[5m][5m]",
    "1[5m]",
    "a[5m:]",
    "a[5m:1m]",
    "a[5m:0s]",
    "(a)[5m:]",
    "1[5m:]",
    "a[5m:][5m:]",
    "rate(a[5m])[5m:]",
    "sum(a)[5m:1m]",
    "(sum(a))[1h:5m] offset 5m",
    "a[5m : 1m]",
    "a[ 5m ]",
    "a[5m:1m:1s]",
    "a offset 5m",
    "a offset -5m",
    "a offset 0s",
    "a offset 5",
    "a offset",
    "a offset 5m offset 5m",
    "a[5m] offset 5m",
    "a offset 5m[5m]",
    "a offset 5m[5m:]",
    "sum(a) offset 5m",
    "(a) offset 5m",
    "1 offset 5m",
    "-a offset 5m",
    "a offset 5m5m",
    "a @ 1",
    "a @ -1.5",
    "a @ start()",
    "a @ end()",
    "a @ start",
    "a @ now()",
    "a @ 5m",
    "a @ 1 offset 5m",
    "a offset 5m @ 1",
    "a @ 1 @ 2",
    "a[5m] @ 1",
    "a[5m:] @ end()",
    "sum(a) @ 1",
    "a @ +1",
    "a @ Inf",
    "a @ 1e3",
    "1 + 1",
    "1 + a",
    "a + a",
    "a + a[5m]",
    "a + \"b\"",
    "\"a\" + \"b\"",
    "a +",
    "+ a",
    "- a",
    "--a",
    "+-a",
    "-\"a\"",
    "-a[5m]",
    "!a",
    "a b",
    "a 1",
    "1 a",
    "(a",
    "a)",
    "()",
    "((a))",
    "(a[5m])",
    "1 == 1",
    "1 == bool 1",
    "a == 1",
    "a == bool 1",
    "a + bool 1",
    "a and bool b",
    "a =~ b",
    "a = b",
    "a == b == c",
    "1 < 2",
    "a < b > c",
    "a and b",
    "a and 1",
    "1 and 1",
    "a or b",
    "a unless b",
    "a AND b",
    "a Or b",
    "a atan2 b",
    "1 atan2 2",
    "a ^ b ^ c",
    "-a ^ b",
    "2 ^ -1",
    "2 ^ -1 * 3",
    "a % b",
    "a ** b",
    "a // b",
    "a + on (b) c",
    "a + on b c",
    "a + on () c",
    "a + ignoring (b) c",
    "a + on (b) group_left c",
    "a + on (b) group_left () c",
    "a + on (b) group_left (d) c",
    "a + on (b) group_left (b) c",
    "a + ignoring (b) group_left (b) c",
    "a + group_left c",
    "a and on (b) c",
    "a and on (b) group_left c",
    "a + on (b) 1",
    "a + on () 1",
    "1 + on (b) a",
    "a + on (b,) c",
    "a + on (,) c",
    "a + on (1) c",
    "a + on (sum) c",
    "a + on (a:b) c",
    "a > bool on (b) c",
    "a > on (b) bool c",
    "a + on (b) group_right (c) d",
    "a + on (b) ignoring (c) d",
    "sum(a)",
    "SUM(a)",
    "sum a",
    "sum()",
    "sum(a, b)",
    "sum(1)",
    "sum(a[5m])",
    "sum(\"a\")",
    "sum by (b) (a)",
    "sum by b (a)",
    "sum (a) by (b)",
    "sum by (b) (a) by (c)",
    "sum by () (a)",
    "sum by (b,) (a)",
    "sum by (b c) (a)",
    "sum without (b) (a)",
    "sum BY (b) (a)",
    "sum on (b) (a)",
    "sum by (b)",
    "sum by (b) a",
    "sum by (by) (a)",
    "sum by (bool, on, offset) (a)",
    "topk(1, a)",
    "topk(a)",
    "topk(a, 1)",
    "topk(a, b)",
    "topk(scalar(a), b)",
    "topk by (b) (1, a)",
    "bottomk(1, a) by (b)",
    "quantile(0.9, a)",
    "quantile(a)",
    "count_values(\"b\", a)",
    "count_values(1, a)",
    "count_values(a)",
    "stddev(a)",
    "stdvar(a)",
    "group(a)",
    "count(a,)",
    "avg(a) + min(a) * max(a)",
    "rate(a[5m])",
    "rate(a)",
    "rate(1)",
    "rate(a[5m], 1)",
    "rate()",
    "Rate(a[5m])",
    "RATE(a[5m])",
    "rate (a[5m])",
    "rate(a[5m],)",
    "nosuch(a)",
    "a(b)",
    "start(a)",
    "sum(rate(a[5m]))",
    "rate(sum(a)[5m:])",
    "rate(a[5m:])",
    "rate((a[5m]))",
    "time()",
    "time(a)",
    "pi()",
    "vector(1)",
    "vector(a)",
    "scalar(a)",
    "scalar(1)",
    "absent(a)",
    "absent(a[5m])",
    "absent_over_time(a[5m])",
    "clamp(a, 1, 2)",
    "clamp(a, 1)",
    "clamp_max(a, 1)",
    "clamp_min(a, b)",
    "round(a)",
    "round(a, 5)",
    "round(a, 5, 6)",
    "hour()",
    "hour(a)",
    "hour(1)",
    "hour(a, b)",
    "day_of_year()",
    "day_of_week(a)",
    "days_in_month()",
    "minute()",
    "month()",
    "year()",
    "histogram_quantile(0.9, a)",
    "histogram_quantile(a, 0.9)",
    "histogram_quantile(0.9)",
    "histogram_count(a)",
    "histogram_fraction(0, 1, a)",
    "histogram_sum(a)",
    "histogram_avg(a)",
    "label_replace(a, \"b\", \"c\", \"d\", \"e\")",
    "label_replace(a, \"b\", \"c\", \"d\")",
    "label_replace(a, b, \"c\", \"d\", \"e\")",
    "label_join(a, \"b\", \"c\", \"d\")",
    "label_join(a, \"b\", \"c\")",
    "label_join(a, \"b\")",
    "label_join(a, \"b\", \"c\", \"d\", \"e\")",
    "label_join(a, \"b\", \"c\", 1)",
    "predict_linear(a[1h], 3600)",
    "predict_linear(a[1h])",
    "quantile_over_time(0.5, a[5m])",
    "quantile_over_time(a[5m])",
    "holt_winters(a[5m], 0.5, 0.5)",
    "double_exponential_smoothing(a[5m], 0.5, 0.5)",
    "mad_over_time(a[5m])",
    "sort(a)",
    "sort_desc(a)",
    "sort_by_label(a, \"b\")",
    "timestamp(a)",
    "changes(a[5m])",
    "resets(a[5m])",
    "deriv(a[5m])",
    "delta(a[5m])",
    "idelta(a[5m])",
    "irate(a[5m])",
    "increase(a[5m])",
    "last_over_time(a[5m])",
    "present_over_time(a[5m])",
    "stddev_over_time(a[5m])",
    "stdvar_over_time(a[5m])",
    "count_over_time(a[5m])",
    "sgn(a)",
    "ln(a)",
    "log2(a)",
    "log10(a)",
    "exp(a)",
    "sqrt(a)",
    "abs(a)",
    "ceil(a)",
    "floor(a)",
    "deg(a)",
    "rad(a)",
    "sinh(a)",
    "acosh(a)",
    "info(a)",
    "a\u{a0}+ b",
    "a;b",
    "a && b",
    "a || b",
    "a ? b",
    "$a",
    "${a}",
    "a{b=\"c\"}{d=\"e\"}",
    "a{b=\"c\"",
    "a{b=\"c\"]",
    "a[5m)",
    "a{b='c'}",
    "a{b=`c\\d`}",
    "a{b=~`c\\d`}",
    "{b=\"c\"} offset 5m",
    "a{b=\"c\"}[5m]",
    "a\t+\r\nb",
];

#[test]
fn promtool_and_we_read_the_same_corners() {
    let expressions: Vec<String> = CORNERS.iter().map(|text| (*text).to_owned()).collect();
    let (taken, refused) = compare(&expressions);
    assert!(
        taken > 150 && refused > 150,
        "{taken} taken, {refused} refused"
    );
}

#[test]
fn promtool_and_we_read_the_same_soup() {
    let mut random = Random::new(20_261_129);
    let mut expressions = Vec::new();
    for _ in 0..1500 {
        let right = expression(&mut random, 4);
        if random.one_in(2) {
            expressions.push(damaged(&right, &mut random));
        }
        expressions.push(right);
    }
    let (taken, refused) = compare(&expressions);
    assert!(
        taken > 700 && refused > 700,
        "{taken} taken, {refused} refused"
    );
}

/// An expression that may well be right.
fn expression(random: &mut Random, depth: usize) -> String {
    let deeper = depth.saturating_sub(1);
    match if depth == 0 {
        random.below(3)
    } else {
        random.below(12)
    } {
        0 => random
            .pick(&["1", "0.5", "1e3", "0x1f", "Inf", "\"t\""])
            .to_owned(),
        1 | 2 => selector(random),
        3 => format!("({})", expression(random, deeper)),
        4 => format!("-{}", expression(random, deeper)),
        5 | 6 => {
            let how = random.pick(&["sum", "avg", "count", "topk", "quantile", "max"]);
            let takes = if ["topk", "quantile"].contains(&how) {
                "1, "
            } else {
                ""
            };
            let of = expression(random, deeper);
            let group = random.pick(&["", "by (a)", "without (a, b)", "by ()"]);
            match random.one_in(2) {
                true => format!("{how} {group} ({takes}{of})"),
                false => format!("{how}({takes}{of}) {group}"),
            }
        }
        7 => {
            let name = random.pick(&[
                "rate",
                "increase",
                "max_over_time",
                "delta",
                "absent_over_time",
            ]);
            let range = random.pick(&["5m", "1h30m", "1d"]);
            format!("{name}({}[{range}])", selector(random))
        }
        8 => {
            let name = random.pick(&[
                "abs",
                "absent",
                "scalar",
                "sort",
                "timestamp",
                "vector",
                "ceil",
            ]);
            format!("{name}({})", expression(random, deeper))
        }
        9 => format!("{}[1h:5m]", expression(random, deeper)),
        _ => {
            let op = random.pick(&[
                "+", "-", "*", "/", "%", "^", "==", "> bool", "<", "and", "or", "unless", "atan2",
                "!=",
            ]);
            let on = random.pick(&[
                "",
                "",
                "",
                "on (a)",
                "ignoring (a, b)",
                "on (a) group_left",
                "on () group_right (c)",
            ]);
            format!(
                "{} {op} {on} {}",
                expression(random, deeper),
                expression(random, deeper)
            )
        }
    }
}

fn selector(random: &mut Random) -> String {
    let name = random.pick(&["up", "a:b", "nginx_up", "sum", "x_total"]);
    let matchers = random.pick(&[
        "",
        "{}",
        "{a=\"b\"}",
        "{a=~\"b|c\",d!=\"\"}",
        "{__name__!=\"x\"}",
    ]);
    let moved = random.pick(&["", "", "", " offset 5m", " @ 10", " offset -1h @ start()"]);
    format!("{name}{matchers}{moved}")
}

/// The same with something left out, put in or changed.
fn damaged(expression: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = expression.chars().collect();
    let at = random.below(chars.len());
    let other = random.pick(&[
        "(", ")", "{", "}", "[", "]", "\"", ",", "a", "5", "m", " ", ":", "=", "~", "-", "#", "@",
    ]);
    let other = other.chars().next().expect("one");
    match random.below(3) {
        0 => {
            chars.remove(at);
        }
        1 => chars.insert(at, other),
        _ => chars[at] = other,
    }
    chars.into_iter().collect()
}

/// Files that Prometheus refuses, and we say so, and others.
#[test]
fn promtool_and_we_refuse_the_same_files() {
    let rule = |rule: &str| format!("groups:\n- name: g\n  rules:\n  - {rule}\n");
    for (text, is_right) in [
        (rule("alert: A\n    expr: up"), true),
        (rule("alert: A\n    expr: 1"), true),
        (rule("alert: A\n    expr: up\n    for: 5m"), true),
        (rule("alert: A\n    expr: up\n    for: 0"), true),
        (rule("alert: A\n    expr: up\n    for: 5 minutes"), false),
        (rule("alert: A\n    expr: up\n    for: 1m1h"), false),
        (rule("alert: A"), false),
        (rule("alert: A\n    expr:"), false),
        (rule("alert: A\n    expr: ''"), false),
        (rule("expr: up"), false),
        (rule("alert: A\n    record: b\n    expr: up"), false),
        (rule("record: b\n    expr: up"), true),
        (rule("record: b\n    expr: up\n    for: 5m"), false),
        (rule("alert: A\n    expr: up\n    expr: up"), false),
        (
            rule(
                "&r\n    alert: A\n    expr: &e up\n  - {alert: B, expr: *e}\n  - {<<: *r, alert: C}",
            ),
            true,
        ),
        ("groups:\n- name: g\n  rules: []\n".to_owned(), true),
        (
            "groups:\n- rules:\n  - alert: A\n    expr: up\n".to_owned(),
            false,
        ),
        ("groups:\n- name: g\n- name: g\n".to_owned(), false),
        ("groups:\n- name: g\n- name: h\n".to_owned(), true),
        ("groups: up\n".to_owned(), false),
        ("groups: []\n".to_owned(), true),
        ("groups:\n".to_owned(), true),
        ("groups: [\n".to_owned(), false),
        ("groups:\n\t- name: g\n".to_owned(), false),
        ("- groups\n".to_owned(), false),
        ("groups: *none\n".to_owned(), false),
    ] {
        let folder = Scratch::new("refused");
        let path = folder.write("rules.yml", &text).display().to_string();
        let said = promtool(&["check", "rules", "--lint=none", &path]);
        assert_eq!(said.status.success(), is_right, "{text}{}", words(&said));
        let ours = judged(&text).problems;
        assert_eq!(ours.is_empty(), is_right, "{text}{ours:?}");
    }
}

/// Of several documents only the first is read, without a word.
#[test]
fn prometheus_reads_the_first_document_alone() {
    let rule =
        |name: &str| format!("groups:\n- name: {name}\n  rules:\n  - {{alert: A, expr: up}}\n");
    let text = format!("{}---\n{}", rule("g"), rule("h"));
    let folder = Scratch::new("documents");
    let path = folder.write("rules.yml", &text).display().to_string();
    let said = words(&promtool(&["check", "rules", &path]));
    assert!(said.contains("1 rules found"), "{said}");
    let problems = judged(&text).problems;
    assert!(problems.len() == 1 && problems[0].message.contains("first document"));
}

/// What comes of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// Every result is 1.
    One,
    /// There is none.
    Nothing,
    /// The right share, a quarter.
    Quarter,
}

/// Three good answers to one 502, from two servers; and metrics of exporters, as they are.
const SERIES: &[(&str, &str)] = &[
    (
        "a_total{job=\"nginx\",instance=\"x:1\",status=\"200\"}",
        "0+30x30",
    ),
    (
        "a_total{job=\"nginx\",instance=\"x:1\",status=\"502\"}",
        "0+10x30",
    ),
    (
        "a_total{job=\"nginx\",instance=\"y:1\",status=\"200\"}",
        "0+60x30",
    ),
    (
        "a_total{job=\"nginx\",instance=\"y:1\",status=\"502\"}",
        "0+20x30",
    ),
    (
        "nginx_http_requests_total{job=\"nginx\",instance=\"x:9113\"}",
        "0+40x30",
    ),
    (
        "nginx_connections_active{job=\"nginx\",instance=\"x:9113\"}",
        "4x30",
    ),
    (
        "phpfpm_active_processes{job=\"fpm\",instance=\"x:9253\",pool=\"www\",scrape_uri=\"tcp://x\"}",
        "1x30",
    ),
    (
        "phpfpm_total_processes{job=\"fpm\",instance=\"x:9253\",pool=\"www\",scrape_uri=\"tcp://x\"}",
        "4x30",
    ),
];

const RATIOS: &[(&str, Fate)] = &[
    (
        "rate(a_total{status=~\"5..\"}[5m]) / rate(a_total[5m])",
        Fate::One,
    ),
    (
        "rate(a_total{status=~\"5..\",job=\"nginx\"}[5m]) / rate(a_total{job=\"nginx\"}[5m])",
        Fate::One,
    ),
    (
        "sum by (status) (rate(a_total{status=\"502\"}[5m])) / sum by (status) (rate(a_total[5m]))",
        Fate::One,
    ),
    (
        "a_total{instance=\"x:1\"} / a_total{status=\"502\"}",
        Fate::One,
    ),
    (
        "rate(a_total{status=\"502\"}[5m]) / rate(a_total{status=\"200\"}[5m])",
        Fate::Nothing,
    ),
    (
        "rate(a_total{status=~\"5..\"}[5m]) / rate(a_total{status!~\"5..\"}[5m])",
        Fate::Nothing,
    ),
    (
        "rate(a_total{status=~\"5..\"}[5m]) / sum(rate(a_total[5m]))",
        Fate::Nothing,
    ),
    ("rate(a_total[5m]) / sum(rate(a_total[5m]))", Fate::Nothing),
    (
        "sum by (status) (rate(a_total{status=~\"5..\"}[5m])) / sum(rate(a_total[5m]))",
        Fate::Nothing,
    ),
    (
        "phpfpm_active_processes / nginx_connections_active",
        Fate::Nothing,
    ),
    // The article's alert on the exporter that it names.
    (
        "rate(nginx_http_requests_total{status=\"502\"}[5m]) / rate(nginx_http_requests_total[5m])",
        Fate::Nothing,
    ),
    (
        "sum(rate(a_total{status=~\"5..\"}[5m])) / sum(rate(a_total[5m]))",
        Fate::Quarter,
    ),
    (
        "sum by (instance) (rate(a_total{status=~\"5..\"}[5m])) / sum by (instance) (rate(a_total[5m]))",
        Fate::Quarter,
    ),
    (
        "rate(a_total{status=\"502\"}[5m]) / ignoring (status) group_left () sum without (status) (rate(a_total[5m]))",
        Fate::Quarter,
    ),
    (
        "sum by (status) (rate(a_total{status=\"502\"}[5m])) / ignoring (status) group_left () sum(rate(a_total[5m]))",
        Fate::Quarter,
    ),
    (
        "phpfpm_active_processes / phpfpm_total_processes",
        Fate::Quarter,
    ),
];

/// Every fate that is foretold comes true, and what is right is not spoken of.
#[test]
fn ratios_come_to_what_is_said_of_them() {
    let mut tests = "tests:\n- interval: 1m\n  input_series:\n".to_owned();
    for (series, values) in SERIES {
        tests += &format!(
            "  - {{series: {}, values: {}}}\n",
            quoted(series),
            quoted(values)
        );
    }
    tests += "  promql_expr_test:\n";
    let mut expect = |expression: String, value: Option<&str>| {
        let samples = value.map(|value| format!("{{labels: \"{{}}\", value: {value}}}"));
        tests += &format!(
            "  - {{expr: {}, eval_time: 20m, exp_samples: [{}]}}\n",
            quoted(&expression),
            samples.unwrap_or_default()
        );
    };
    for (ratio, fate) in RATIOS {
        let all = |how: &str| format!("{how}(round({ratio}, 0.001))");
        let value = match fate {
            Fate::One => Some("1"),
            Fate::Nothing => None,
            Fate::Quarter => Some("0.25"),
        };
        expect(all("max"), value);
        expect(all("min"), value);
        let found = judged(&format!(
            "groups: [{{name: g, rules: [{{alert: A, expr: {}}}]}}]",
            quoted(ratio)
        ));
        assert!(found.problems.is_empty(), "{ratio}: {:?}", found.problems);
        let of_ratio = found
            .findings
            .iter()
            .find(|f| f.rule == "prometheus-ratio-not-aggregated");
        let said = of_ratio.map_or("", |finding| finding.message.as_str());
        let is_said = match fate {
            Fate::One => said.contains("every result is 1") && !said.contains("never a result"),
            Fate::Nothing => said.contains("there is never a result"),
            Fate::Quarter => found.findings.is_empty(),
        };
        assert!(is_said, "{ratio}: {said}");
    }
    let folder = Scratch::new("ratios");
    let path = folder.write("tests.yml", &tests).display().to_string();
    let tested = promtool(&["test", "rules", &path]);
    assert!(tested.status.success(), "{}\n{tests}", words(&tested));
}

/// At one error in a thousand the alert of the bad page fires and that of the good one does not;
/// over the exporter's own series it never does, whatever goes wrong.
#[test]
fn alerts_fire_as_the_pages_say() {
    let page = |rule: &str, heading: &str| {
        let section = prometheus::by_id(rule).and_then(|rule| rule.section(heading));
        let section = section.expect("a page has it");
        let (_, text) = section.split_once("```yaml\n").expect("YAML");
        text.split_once("```").expect("its end").0.to_owned()
    };
    let ratio = "prometheus-ratio-not-aggregated";
    let selector = "prometheus-selector-matches-nothing";
    let series = |name: &str, labels: &str, step: u32| {
        format!(
            "  - {{series: '{name}{{job=\"j\",instance=\"x:1\"{labels}}}', values: '0+{step}x60'}}\n"
        )
    };
    let few = series("http_requests_total", ",status=\"502\"", 6)
        + &series("http_requests_total", ",status=\"200\"", 5994);
    // A server that answers nothing but errors.
    let all_bad = series("nginx_http_requests_total", "", 6000);
    let all_bad_ours = series(
        "badgateway_http_responses_total",
        ",log=\"l\",code=\"502\"",
        6000,
    );
    for (rule, heading, name, input, fires) in [
        (ratio, "Bad", "TooManyErrors", &few, true),
        (ratio, "Good", "TooManyErrors", &few, false),
        (selector, "Bad", "ServerErrors", &all_bad, false),
        (selector, "Good", "ServerErrors", &all_bad_ours, true),
    ] {
        let folder = Scratch::new("fires");
        folder.write("rules.yml", page(rule, heading));
        let labels = match rule == ratio {
            true => "exp_labels: {job: j, instance: 'x:1', status: '502'}",
            false => "exp_labels: {}",
        };
        let wanted = if fires {
            format!("[{{{labels}}}]")
        } else {
            "[]".to_owned()
        };
        let tests = format!(
            "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n{input}  \
             alert_rule_test:\n  - {{eval_time: 50m, alertname: {name}, exp_alerts: {wanted}}}\n"
        );
        let path = folder.write("tests.yml", &tests).display().to_string();
        let tested = promtool(&["test", "rules", &path]);
        assert!(
            tested.status.success(),
            "{rule} {heading}: {}",
            words(&tested)
        );
    }
}

/// The table of our own metrics is the agent's list.
#[test]
fn our_metrics_are_those_of_the_agent() {
    use agent::metrics::families::{ALL, Kind};
    let ours = prometheus::exporters::ALL
        .iter()
        .find(|exporter| exporter.closed.is_some());
    let table = ours.expect("it is there").metrics.iter();
    let table: Vec<_> = table
        .map(|(name, labels)| ((*name).to_owned(), labels.to_vec()))
        .collect();
    let families = ALL
        .iter()
        .filter(|family| family.name.starts_with("badgateway_"));
    let mut families: Vec<_> = families
        .map(|family| {
            let end = if family.kind == Kind::Counter {
                "_total"
            } else {
                ""
            };
            (format!("{}{end}", family.name), family.labels.to_vec())
        })
        .collect();
    families.sort();
    assert_eq!(table, families);
    // Those that the agent names as php-fpm_exporter does are known with the same labels.
    let fpm = prometheus::exporters::ALL
        .iter()
        .find(|exporter| exporter.name == "php-fpm_exporter");
    let fpm = fpm.expect("it is there").metrics;
    for family in ALL.iter().filter(|family| family.is_foreign) {
        let found = fpm.iter().find(|(name, _)| *name == family.name);
        assert_eq!(
            found.map(|(_, labels)| *labels),
            Some(family.labels),
            "{}",
            family.name
        );
    }
}

#[test]
fn our_own_alerts_are_free_of_findings() {
    let folder = Scratch::new("own");
    let printed = run(&["generate", "alerts"]);
    let path = folder
        .write("alerts.yml", &printed.stdout)
        .display()
        .to_string();
    let checked = run(&["check", "--strict", &path]);
    assert_eq!(checked.status.code(), Some(0), "{}", words(&checked));
    assert!(
        words(&checked).contains("1 file read"),
        "{}",
        words(&checked)
    );
}
