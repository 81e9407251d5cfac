//! What a person at a terminal reads.

use base::diagnosis::{Diagnosis, LogSource};
use report::diagnosis::Look;

use super::fixture::{Fixture, PLAIN, diagnosis, problems, sources, stats, text};

#[test]
fn full() {
    insta::assert_snapshot!(text(&Fixture::full(), &PLAIN));
}

/// Wide, and on a terminal that knows letters only.
#[test]
fn ascii() {
    let look = Look {
        width: 120,
        ascii: true,
        ..PLAIN
    };
    let shown = text(&Fixture::full(), &look);
    assert!(shown.is_ascii());
    let head: Vec<&str> = shown.lines().take(24).collect();
    insta::assert_snapshot!(head.join("\n"));
}

#[test]
fn stats_table() {
    insta::assert_snapshot!(stats(&Fixture::full(), &PLAIN));
}

/// A counter that does not add up is said, not hidden.
#[test]
fn stats_that_do_not_add_up() {
    let mut odd = sources();
    odd.truncate(1);
    odd[0].lines += 3;
    let fixture = Fixture::new(
        Diagnosis {
            sources: odd,
            ..Diagnosis::default()
        },
        vec![],
    );
    let shown = stats(&fixture, &PLAIN);
    assert!(
        shown.contains("1,056 lines read, but 1,053 accounted for"),
        "{shown}"
    );
}

/// The first lines when nothing was found: how much was looked at, and never that all is well.
#[test]
fn nothing_found() {
    let quiet = |change: fn(&mut LogSource)| {
        let mut log = sources().remove(2);
        (log.matched, log.irrelevant, log.jumps) = (0, log.lines, 0);
        change(&mut log);
        vec![log]
    };
    let cases = [
        ("no log", vec![], vec![]),
        ("no log, a problem", vec![], problems()),
        ("all understood", quiet(|_| ()), vec![]),
        ("a problem", quiet(|_| ()), problems()),
        (
            "empty log",
            quiet(|log| (log.lines, log.irrelevant) = (0, 0)),
            vec![],
        ),
        (
            "not understood",
            quiet(|log| (log.irrelevant, log.not_understood) = (400, 57)),
            vec![],
        ),
        (
            "outside",
            quiet(|log| (log.irrelevant, log.outside) = (7, 450)),
            vec![],
        ),
        (
            "answers 5xx",
            quiet(|log| log.statuses = vec![(502, 12)]),
            vec![],
        ),
    ];
    let mut out = String::new();
    for (name, sources, problems) in cases {
        let fixture = Fixture::new(
            Diagnosis {
                sources,
                ..Diagnosis::default()
            },
            problems,
        );
        let shown = text(&fixture, &PLAIN);
        let head = shown.split("\n\n").next().unwrap_or_default();
        out.push_str(&format!("--- {name}\n{}\n", head.trim_end()));
        let green = Look {
            colour: true,
            ..PLAIN
        };
        let is_green = text(&fixture, &green).starts_with("\u{1b}[32m");
        let is_well = ["all understood", "outside"].contains(&name);
        assert_eq!(is_green, is_well, "{name}");
    }
    insta::assert_snapshot!(out);
}

/// The summary in other cases than the great one.
#[test]
fn summaries() {
    let all = diagnosis();
    let only = |indices: &[usize]| Diagnosis {
        groups: indices.iter().map(|at| all.groups[*at].clone()).collect(),
        ..all.clone()
    };
    let mut single = only(&[1]);
    let group = &mut single.groups[0];
    (group.count, group.harms[0].1) = (1, 1);
    group.seen = group.seen.map(|(first, _)| (first, first));
    let cases = [
        ("one incident", single),
        ("undetermined", only(&[3])),
        ("hidden only", only(&[4])),
        ("client gone, no time", only(&[5])),
        ("cause of the cascade is not there", only(&[0, 3])),
    ];
    let mut out = String::new();
    for (name, diagnosis) in cases {
        let shown = text(&Fixture::new(diagnosis, vec![]), &PLAIN);
        let head: Vec<&str> = shown.split("\n\n").take(2).collect();
        let head = head.join("\n");
        let head = head
            .split("\ntimeline")
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_owned();
        out.push_str(&format!("--- {name}\n{head}\n"));
    }
    insta::assert_snapshot!(out);
}

/// Two causes that are said to follow from each other: the walk ends, at the other one.
#[test]
fn a_circle_of_causes_ends() {
    let mut circle = diagnosis();
    circle.groups[1].led_by = vec![("pool-exhausted", 211)];
    assert!(text(&Fixture::new(circle, vec![]), &PLAIN).contains("it follows from"));
}

/// No control character but line feeds and our own colours, at any width.
#[test]
fn nothing_steers_the_terminal() {
    for width in [1, 40, 80, 300] {
        for colour in [false, true] {
            let look = Look {
                colour,
                width,
                ascii: false,
            };
            let fixture = Fixture::full();
            for shown in [text(&fixture, &look), stats(&fixture, &look)] {
                let bare = uncoloured(&shown);
                let bad = |c: &char| {
                    c.is_control() && !"\n\t".contains(*c)
                        || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(*c)
                };
                let bad: Vec<char> = bare.chars().filter(bad).collect();
                assert!(bad.is_empty(), "{bad:?}");
            }
        }
    }
}

/// The text without the colours that are ours; theirs have lost their escape byte.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('m').expect("a colour ends");
        let code = &part[..end];
        let is_colour = |c: char| c.is_ascii_digit() || "[;".contains(c);
        assert!(code.chars().all(is_colour), "{code}");
        out.push_str(&part[end + 1..]);
    }
    out
}
