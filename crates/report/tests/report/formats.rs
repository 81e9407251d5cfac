//! One snapshot for each format, and what holds for all of them.

use report::{Format, Report, Style};

use crate::fixture::{PLAIN, SECRETS, fixture, rendered, rules};

pub(crate) const ALL: [Format; 9] = [
    Format::Full,
    Format::Concise,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Checkstyle,
    Format::Markdown,
];

fn of_fixture(format: Format) -> String {
    rendered(&fixture().report(), format, &PLAIN)
}

#[test]
fn full() {
    insta::assert_snapshot!(of_fixture(Format::Full));
}

#[test]
fn concise() {
    insta::assert_snapshot!(of_fixture(Format::Concise));
}

/// Two thousand routes in a snapshot are read by nobody.
fn fewer_routes(format: Format) -> String {
    let mut fixture = fixture();
    for finding in &mut fixture.findings {
        finding.routes.truncate(5);
    }
    rendered(&fixture.report(), format, &PLAIN)
}

#[test]
fn json() {
    insta::assert_snapshot!(fewer_routes(Format::Json));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(fewer_routes(Format::Sarif));
}

#[test]
fn github() {
    insta::assert_snapshot!(of_fixture(Format::Github));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(of_fixture(Format::Gitlab));
}

#[test]
fn junit() {
    insta::assert_snapshot!(fewer_routes(Format::Junit));
}

#[test]
fn checkstyle() {
    insta::assert_snapshot!(of_fixture(Format::Checkstyle));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(of_fixture(Format::Markdown));
}

#[test]
fn rules_list() {
    let mut out = Vec::new();
    report::rules(&rules(), &mut out).expect("memory takes everything");
    insta::assert_snapshot!(String::from_utf8(out).expect("UTF-8"));
}

/// The last lines of the output for people, without problems, findings or either.
#[test]
fn endings() {
    let fixture = fixture();
    let report = fixture.report();
    let mut quiet = report.summary;
    quiet.hidden = 0;
    let mut nothing = quiet;
    (nothing.routes, nothing.pools, nothing.files) = (0, 0, 1);
    let (findings, problems) = (&fixture.findings[..1], &fixture.problems[..1]);
    let cases = [
        (
            "findings, all read",
            findings,
            &problems[..0],
            report.summary,
        ),
        ("nothing, all read", &[][..], &[][..], report.summary),
        ("nothing, all read, nothing hidden", &[], &[], quiet),
        ("nothing, not all read", &[], problems, quiet),
        ("nothing there", &[], &[], nothing),
        ("nothing there, not all read", &[], problems, nothing),
    ];
    let mut out = String::new();
    for (name, findings, problems, summary) in cases {
        let text = rendered(
            &Report {
                findings,
                problems,
                summary,
                ..report.clone()
            },
            Format::Full,
            &PLAIN,
        );
        let last = text.rsplit("\n\n").next().unwrap_or_default();
        out.push_str(&format!("--- {name}\n{last}"));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn no_secret_byte_and_no_escape_in_any_format() {
    let colour = Style {
        colour: true,
        ..PLAIN
    };
    for format in ALL {
        for style in [PLAIN, colour] {
            let text = rendered(&fixture().report(), format, &style);
            for secret in SECRETS {
                // Four letters of it are already too many.
                let letters: Vec<char> = secret.chars().collect();
                for part in letters.windows(4) {
                    let part: String = part.iter().collect();
                    assert!(
                        !text.contains(&part),
                        "{format:?} shows `{part}` of `{secret}`"
                    );
                }
            }
            let foreign = ["[31m", "[2J", "]0;owned\u{7}", "\u{202e}"];
            for escape in foreign.iter().filter(|e| !e.starts_with('[')) {
                assert!(!text.contains(escape), "{format:?} lets {escape:?} through");
            }
            assert!(!text.contains("\u{1b}[2J"), "{format:?} clears the screen");
            if !style.colour {
                assert!(!text.contains('\u{1b}'), "{format:?} has an escape byte");
            }
        }
    }
}

#[test]
fn secrets_are_shown_when_asked_for() {
    let open = Style {
        show_secrets: true,
        ..PLAIN
    };
    for format in [Format::Full, Format::Json, Format::Sarif] {
        let text = rendered(&fixture().report(), format, &open);
        assert!(text.contains(SECRETS[0]), "{format:?}");
        assert!(text.contains(SECRETS[2]), "{format:?}");
    }
}

#[test]
fn colours_change_nothing_else() {
    let colour = Style {
        colour: true,
        ..PLAIN
    };
    let painted = rendered(&fixture().report(), Format::Full, &colour);
    let mut parts = painted.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once('m').expect("only colours").1);
    }
    let plain = of_fixture(Format::Full);
    assert_eq!(bare.replace(" \n", "\n"), plain.replace(" \n", "\n"));
}

#[test]
fn nothing_is_copied_but_what_is_shown() {
    // The generated file has a line of 1.4 MB.
    for format in ALL {
        assert!(fewer_routes(format).len() < 40_000, "{format:?}");
    }
}
