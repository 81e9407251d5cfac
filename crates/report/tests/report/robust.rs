//! Whatever bytes a file has and wherever a span lies, there is an output.

use std::sync::Arc;

use base::{Applicability, Edit, FilePath, Finding, Fix, Place, Severity, Sources, Span};
use report::{Format, Report, Style, Summary};

use crate::fixture::{PLAIN, rendered, small};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    fn bytes(&mut self) -> Vec<u8> {
        let pieces: [&[u8]; 12] = [
            b"fastcgi_read_timeout 60s;",
            b"\n",
            b"\n\n",
            b"\t",
            b"\r\n",
            b"\xe4\xff",
            "\u{1f980}\u{e9}".as_bytes(),
            "\u{202e}\u{85}\u{2028}".as_bytes(),
            b"\x1b[31m\0\x08",
            b"a",
            b" ",
            &[b'x'; 150],
        ];
        let n = self.below(40);
        (0..n)
            .flat_map(|_| pieces[self.below(pieces.len())].to_vec())
            .collect()
    }

    fn span(&mut self, sources: &Sources) -> Span {
        let files: Vec<_> = sources.iter().collect();
        let (id, source) = files[self.below(files.len())];
        let a = self.below(source.bytes.len() + 1);
        let b = self.below(source.bytes.len() + 1);
        let (a, b) = (a.min(b), a.max(b));
        Span::new(id, small(a), small(b))
    }
}

fn summary() -> Summary {
    Summary {
        routes: 1,
        pools: 1,
        files: 2,
        hidden: 0,
        known: 0,
        gone: 0,
        version: "0",
    }
}

fn finding(dice: &mut Dice, sources: &Sources) -> Finding {
    let mut place = || Place {
        span: dice.span(sources),
        label: "here".to_owned(),
    };
    let (primary, related) = (place(), vec![place(), place(), place()]);
    let edit = Edit {
        span: primary.span,
        text: dice.bytes(),
    };
    Finding {
        rule: "a-rule",
        severity: Severity::Warning,
        message: String::from_utf8_lossy(&dice.bytes()).into_owned(),
        primary,
        related,
        because: vec![],
        help: Some(String::new()),
        routes: vec![String::new(), "b".to_owned()],
        fix: Some(Fix {
            title: "do".to_owned(),
            applicability: Applicability::DisplayOnly,
            edits: vec![edit],
        }),
    }
}

#[test]
fn any_bytes_any_span() {
    let mut dice = Dice(1);
    for _ in 0..1500 {
        let mut sources = Sources::default();
        for name in ["/etc/a.conf", "b\u{e9} c.conf"] {
            let bytes: Arc<[u8]> = Arc::from(dice.bytes());
            sources.add(FilePath::new(name), bytes, None);
        }
        let secret = dice.span(&sources);
        sources.get_mut(secret.file).secrets = vec![(secret.start, secret.end)];
        let findings = [finding(&mut dice, &sources), finding(&mut dice, &sources)];
        let report = Report {
            sources: &sources,
            findings: &findings,
            problems: &[],
            unjudged: &[],
            ladders: &[],
            summary: summary(),
        };
        for format in crate::formats::ALL {
            let style = Style {
                width: 20 + dice.below(150),
                ..PLAIN
            };
            let text = rendered(&report, format, &style);
            let shown = text.chars().filter(|c| *c != '\n' && *c != '\t');
            let bad: Vec<char> = shown.filter(|c| c.is_control()).collect();
            assert!(bad.is_empty(), "{format:?}: {bad:?}");
        }
    }
}

/// Marks far apart in one file, and a mark over a thousand lines.
#[test]
fn far_apart() {
    let mut sources = Sources::default();
    let lines = (1..=1000).map(|n| format!("line_{n};\n"));
    let bytes: Vec<u8> = lines.flat_map(String::into_bytes).collect();
    let size = small(bytes.len());
    let file = sources.add(FilePath::new("/etc/nginx/nginx.conf"), bytes.into(), None);
    let place = |from, to, label: &str| Place {
        span: Span::new(file, from, to),
        label: label.to_owned(),
    };
    let findings = [Finding {
        rule: "a-rule",
        severity: Severity::Error,
        message: "far apart".to_owned(),
        primary: place(size - 11, size - 1, "the last line"),
        related: vec![
            place(0, size, "the whole file"),
            place(16, 22, "the third line"),
            place(160, 167, "a line near it"),
        ],
        because: vec![],
        help: None,
        routes: vec![],
        fix: None,
    }];
    let report = Report {
        sources: &sources,
        findings: &findings,
        problems: &[],
        unjudged: &[],
        ladders: &[],
        summary: summary(),
    };
    insta::assert_snapshot!(rendered(&report, Format::Full, &PLAIN));
}
