//! Files that nobody means well with: an answer in bounded time, and never a panic.

use std::time::{Duration, Instant};

use crate::judged;

/// Large enough for anything quadratic to take minutes.
const MANY: usize = 100_000;

fn rule(expr: &str) -> String {
    format!(
        "groups: [{{name: g, rules: [{{alert: A, expr: '{}'}}]}}]",
        expr.replace('\'', "''")
    )
}

/// What is hard on a reader of YAML.
fn of_yaml() -> Vec<(&'static str, String)> {
    let alias =
        "groups:\n- name: g\n  rules: &r\n  - &a {alert: A, expr: &e 'nginx_up{status=\"1\"}'}\n";
    let laughs: String = (1..40)
        .map(|n| {
            format!(
                "a{n}: &x{n} [{}]\n",
                vec![format!("*x{}", n - 1); 9].join(",")
            )
        })
        .collect();
    vec![
        ("brackets", "[".repeat(MANY)),
        ("braces", "{a: ".repeat(MANY)),
        (
            "braces of rules",
            format!("groups: {}", "[{rules: ".repeat(MANY)),
        ),
        ("dashes", "- ".repeat(MANY)),
        (
            "indented",
            (0..2000)
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect(),
        ),
        ("question marks", "? ".repeat(MANY)),
        ("quotes", "\"".repeat(MANY + 1)),
        ("one line", format!("groups: {}", "x".repeat(4 << 20))),
        ("keys", (0..MANY).map(|n| format!("k{n}: v\n")).collect()),
        (
            "aliases",
            format!("{alias}{}", "- {name: h, rules: *r}\n- *none\n".repeat(0)),
        ),
        (
            "rules by alias",
            format!("{alias}{}", "  - *a\n".repeat(MANY)),
        ),
        (
            "expressions by alias",
            format!("{alias}{}", "  - {alert: B, expr: *e}\n".repeat(MANY / 4)),
        ),
        (
            "merges",
            format!(
                "{alias}{}",
                "  - {<<: [*a, *a, *a], alert: B}\n".repeat(MANY / 4)
            ),
        ),
        ("laughs", format!("x: &x0 lol\n{laughs}groups: *x39\n")),
        ("itself", "groups: &g [*g]\n".to_owned()),
        ("merged with itself", "groups: [&g {<<: *g}]\n".to_owned()),
        (
            "anchors",
            (0..MANY).map(|n| format!("- &a{n} x\n")).collect(),
        ),
    ]
}

/// What is hard on a reader of expressions.
fn of_expressions() -> Vec<(&'static str, String)> {
    vec![
        ("parens", rule(&"(".repeat(MANY))),
        (
            "closed parens",
            rule(&format!("{}a{}", "(".repeat(MANY), ")".repeat(MANY))),
        ),
        ("signs", rule(&format!("{}1", "-".repeat(MANY)))),
        ("powers", rule(&vec!["1"; MANY].join("^"))),
        ("sums", rule(&vec!["a"; MANY].join(" + "))),
        ("ratios", rule(&vec!["a{b=\"c\"}"; MANY / 10].join(" / "))),
        (
            "matchers",
            rule(&format!(
                "nginx_up{{{}}}",
                "status=\"1\",".repeat(MANY / 10)
            )),
        ),
        (
            "labels",
            rule(&format!("sum by ({}) (a)", vec!["x"; MANY].join(","))),
        ),
        (
            "pattern",
            rule(&format!("a{{b=~\"{}\"}}", "(x{1000}){1000}".repeat(5))),
        ),
        (
            "patterns",
            rule(&format!(
                "a{{{}}}",
                "b=~\"(x+x+)+y|[0-9]{1,30}\",".repeat(200)
            )),
        ),
        ("functions", rule(&"abs(".repeat(MANY))),
        ("numbers", rule(&"9".repeat(MANY))),
        ("duration", rule(&format!("a[{}m]", "9".repeat(MANY)))),
        ("text", rule(&format!("a{{b=\"{}\"}}", "\\\\".repeat(MANY)))),
        (
            "comments",
            rule("up").replace("groups", &format!("{}groups", "#\n".repeat(MANY))),
        ),
    ]
}

#[test]
fn large_and_deep_files_end() {
    for (name, text) in of_yaml().into_iter().chain(of_expressions()) {
        let start = Instant::now();
        prometheus::role(text.as_bytes());
        judged(text.as_bytes());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    for bytes in [
        b"groups:\0\n- name: g\n".as_slice(),
        b"groups: \xff\xfe\n",
        b"\xff\xfeg\0r\0o\0u\0p\0s\0:\0",
        b"groups:\n- name: \x1b[2J\n  rules: [{alert: A, expr: up}]\n",
        b"\x7fELF\x02groups: expr:",
    ] {
        let (_, judged) = judged(bytes);
        assert_eq!(judged.problems.len(), 1, "{bytes:?}");
        assert!(judged.problems[0].message.contains("no YAML"));
    }
    let (_, judged) = judged(
        "\u{feff}groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'up{a=\"ü\"} +'}\n".as_bytes(),
    );
    assert_eq!(judged.problems.len(), 1);
    assert!(
        judged.problems[0].message.contains("ends where"),
        "{:?}",
        judged.problems
    );
}

/// Every beginning of a file, and every file with one byte changed, has an answer.
#[test]
fn damaged_files() {
    let text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      # c\n      sum by (a) \
                (rate(nginx_up{status=~\"5..\",b!=\"\\u00e4\"}[5m] offset 1h)) / on (a) group_left () \
                (b @ start() > bool 0x1F)\n    for: 5m\n  - record: a:b\n    expr: \"x{a=\\\"ü\\\"}[1h:5m]\"\n";
    let bytes = text.as_bytes();
    for end in 0..bytes.len() {
        judged(&bytes[..end]);
        for byte in [
            b'"', b'\'', b'\\', b'{', b'[', b'(', b'#', b'\n', b'-', b':', b'|', b'&', b'*', b'0',
            0xc3,
        ] {
            let mut changed = bytes.to_vec();
            changed[end] = byte;
            let (_, found) = judged(&changed);
            let length = u32::try_from(changed.len()).expect("short");
            let spans = found.findings.iter().map(|f| f.primary.span);
            let spans = spans.chain(found.problems.iter().filter_map(|p| p.span));
            assert!(spans.into_iter().all(|span| span.end <= length));
        }
    }
}
