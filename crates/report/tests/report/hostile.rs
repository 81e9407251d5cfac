//! A report in which everything that can come from a stranger's file tries to break out.

use std::sync::Arc;

use base::{
    Because, FilePath, Finding, Place, Problem, ProblemKind, Severity, Source, Sources, Span,
};
use report::{Report, Summary};

use crate::fixture::{Fixture, small};

/// What each format takes for its own words.
pub(crate) const ATTACKS: &[&str] = &[
    "</summary></details><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`</code><b>`` ``` ~~~",
    "| a | b |\n\n| --- | --- |\n# heading",
    "@root @team/all mail@host.example",
    "see #1, owner/repo#2, GH-3 and 0123456789abcdef0123456789abcdef01234567",
    "https://evil.example/x www.evil.example [a](http://evil.example) ![i](//evil.example/i.png)",
    "<https://evil.example> <!-- comment",
    "&lt;b&gt; &#64;root &commat;root",
    "::error file=a,line=1::owned\n::set-output name=a::b",
    "100%25, %0A::stop-commands::x, %2C:%3A",
    "]]> <![CDATA[ <!DOCTYPE a [<!ENTITY b \"c\">]> &b; &undefined;",
    "\"quote' onmouseover=\"alert(1)",
    "\r\n\u{85}\u{2028}\u{b}\u{0}\u{1b}[31m\u{FFFE}\u{FFFF}",
    "*bold* _it_ ~~gone~~ $x$ \\ :smile: - [ ] task",
];

/// A finding and a problem for each attack, with the attack in every text there is.
pub(crate) fn hostile() -> Fixture {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let mut problems = Vec::new();
    for (number, attack) in ATTACKS.iter().enumerate() {
        let bytes: Arc<[u8]> = Arc::from(format!("{attack}\n").into_bytes());
        let end = small(bytes.len()) - 1;
        let path = FilePath::new(format!("etc/{number} {attack}.conf"));
        let file = sources.add(path, bytes, None);
        let span = Span::new(file, 0, end);
        let severities = [Severity::Error, Severity::Warning, Severity::Info];
        findings.push(finding(attack, span, severities[number % 3]));
        problems.push(Problem {
            kind: ProblemKind::Unknown,
            message: format!("`{attack}` is unknown, {attack}"),
            span: (number % 2 == 0).then_some(span),
            help: Some((*attack).to_owned()),
        });
    }
    Fixture {
        sources,
        findings,
        problems,
    }
}

fn finding(attack: &str, span: Span, severity: Severity) -> Finding {
    Finding {
        rule: "a-rule",
        severity,
        message: format!("the value `{attack}` is wrong: {attack}"),
        primary: Place {
            span,
            label: attack.to_owned(),
        },
        related: vec![],
        because: vec![Because {
            text: attack.to_owned(),
            span: Some(span),
        }],
        help: Some(format!("write {attack}")),
        routes: vec![attack.to_owned()],
        fix: None,
    }
}

/// So many findings that no comment holds them, the first of them longer than one may be.
pub(crate) fn many() -> Fixture {
    let mut fixture = hostile();
    let first = fixture.findings[0].clone();
    for number in 0..3000 {
        let mut next = first.clone();
        next.message = format!("number {number}");
        next.severity = Severity::Warning;
        fixture.findings.push(next);
    }
    let step = Because {
        text: "@a <b>".repeat(900),
        span: None,
    };
    fixture.findings[0].because = vec![step; 40];
    fixture.findings[0].message = "x".repeat(4000);
    fixture
}

/// As a run would give it; counts are those of nothing.
pub(crate) fn report(fixture: &Fixture) -> Report<'_> {
    Report {
        summary: Summary {
            routes: 1,
            pools: 1,
            files: 1,
            hidden: 0,
            known: 0,
            gone: 0,
            version: "0",
        },
        ..fixture.report()
    }
}

/// The path of a file as a report shows it.
pub(crate) fn shown(source: &Source) -> String {
    source.shown().to_string()
}
