//! What was read: kinds, clocks, and the lines that nobody understood.

use std::io;

use base::diagnosis::{Diagnosis, LogSource};

use super::cause::log_line;
use super::pen::Pen;
use crate::diagnosis::lead::lead;
use crate::diagnosis::said::said;
use crate::diagnosis::time::Zone;
use crate::diagnosis::words::{many, number, zone};
use crate::diagnosis::{Answer, Look};
use crate::paint::Ink;

/// Lines that are quoted of those not understood.
const EXAMPLES: usize = 3;

/// Lists the logs.
pub(super) fn draw(diagnosis: &Diagnosis, pen: &mut Pen) {
    if diagnosis.sources.is_empty() {
        return;
    }
    pen.gap();
    pen.heading("logs");
    for source in &diagnosis.sources {
        log(source, Zone(diagnosis.shown_offset), pen);
    }
}

fn log(source: &LogSource, shown: Zone, pen: &mut Pen) {
    let mut parts = vec![source.kind.to_owned(), many(source.lines, "line")];
    if let Some((first, last)) = source.span {
        parts.push(format!("{} {}", shown.span(first, last), shown.name()));
    }
    parts.extend((source.outside > 0).then(|| {
        let outside = many(source.outside, "line");
        format!("{outside} outside of the asked time")
    }));
    let text = format!("{}: {}", said(&source.file), parts.join(", "));
    pen.wrapped(2, &text, Ink::Plain);
    let (text, is_doubtful) = zone(source);
    let ink = if is_doubtful { Ink::Yellow } else { Ink::Dim };
    pen.wrapped(4, &text, ink);
    if source.jumps > 0 {
        let text = format!(
            "its clock went back by more than a minute {}: the order of what follows is in doubt",
            many(source.jumps, "time")
        );
        pen.wrapped(4, &text, Ink::Yellow);
    }
    if !source.statuses.is_empty() {
        pen.wrapped(4, &statuses(source), Ink::Dim);
    }
    if source.not_understood > 0 {
        let were = if source.not_understood == 1 {
            "was"
        } else {
            "were"
        };
        let such = if source.examples.is_empty() {
            ""
        } else {
            ", such as"
        };
        let lines = many(source.not_understood, "line");
        pen.wrapped(
            4,
            &format!("{lines} {were} not understood{such}"),
            Ink::Yellow,
        );
        for (line, text) in source.examples.iter().take(EXAMPLES) {
            log_line(&source.file, *line, Some(text), 6, pen);
        }
    }
}

/// `answers: 200 1,200, 502 12`.
fn statuses(source: &LogSource) -> String {
    let counts = source
        .statuses
        .iter()
        .map(|(status, n)| format!("{status} {}", number(*n)));
    let counts: Vec<String> = counts.collect();
    format!("answers: {}", counts.join(", "))
}

/// The counters of a log in the order of the table. Those behind the first add up to it.
fn counters(source: &LogSource) -> [u64; 5] {
    [
        source.lines,
        source.matched,
        source.irrelevant,
        source.not_understood,
        source.outside,
    ]
}

const HEADS: [&str; 5] = [
    "lines",
    "matched",
    "irrelevant",
    "not understood",
    "outside",
];

/// Writes the table of line counters.
pub(in crate::diagnosis) fn stats(
    answer: &Answer<'_>,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut pen = Pen::new(*look);
    let sources = &answer.diagnosis.sources;
    let mut total = [0; 5];
    for source in sources {
        for (sum, n) in total.iter_mut().zip(counters(source)) {
            *sum += n;
        }
    }
    let rows: Vec<[String; 5]> = sources
        .iter()
        .map(counters)
        .chain([total])
        .map(|row| row.map(number))
        .collect();
    let widths: [usize; 5] = std::array::from_fn(|at| {
        let numbers = rows.iter().map(|row| row[at].len());
        numbers.chain([HEADS[at].len()]).max().unwrap_or(0)
    });
    let kind = sources.iter().map(|s| s.kind.len()).chain([5]).max();
    let kind = kind.unwrap_or(0);
    let line = |cells: &[String; 5], what: &str, file: &str| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            line.push_str(&format!("{cell:>width$}  "));
        }
        format!("{line}{what:kind$}  {file}").trim_end().to_owned()
    };
    let head = line(&HEADS.map(str::to_owned), "kind", "log");
    pen.heading(&head);
    for (source, row) in sources.iter().zip(&rows) {
        pen.raw(&line(row, &source.kind, &said(&source.file)));
    }
    if let Some(row) = rows.last() {
        let text = line(row, "total", &many(sources.len() as u64, "log"));
        let text = pen.ink(&text, Ink::Bold);
        pen.raw(&text);
    }
    for source in sources {
        let [lines, parts @ ..] = counters(source);
        let sum: u64 = parts.iter().sum();
        if sum != lines {
            let text = format!(
                "{}: {} read, but {} accounted for; this is a fault of badgateway",
                said(&source.file),
                many(lines, "line"),
                number(sum)
            );
            pen.wrapped(0, &text, Ink::Red);
        }
    }
    for text in lead(answer).gaps {
        pen.wrapped(0, &text, Ink::Red);
    }
    pen.end(out)
}
