//! One cause: what it did, why we say so, and what to do about it.

use base::diagnosis::{Confidence, Counted, Diagnosis, EvidenceLine, Group, Harm};

use super::pen::Pen;
use crate::diagnosis::said::{fold, lines, said};
use crate::diagnosis::time::Zone;
use crate::diagnosis::words::{
    confidence, harm, harm_label, harms, many, name, number, rate, share,
};
use crate::paint::Ink;
use crate::text::{columns, thousands};

/// Routes, pools or scripts that are named; the others are counted.
const NAMED: usize = 3;
/// Lines of the terminal that one log line gets.
const LOG_LINES: usize = 3;
/// Under the title.
const INDENT: usize = 3;

/// Draws one cause with its number.
pub(super) fn draw(diagnosis: &Diagnosis, index: usize, group: &Group, pen: &mut Pen) {
    let number = format!("{}. ", index + 1);
    let mut title = said(&group.title);
    // An error page is what everybody expects here.
    if group.harm != Harm::ErrorPage {
        title.push_str(&format!(" ({})", harm_label(group.harm)));
    }
    let room = pen.width.saturating_sub(columns(&number)).max(20);
    for (row, text) in crate::text::wrap(&title, room).iter().enumerate() {
        let lead = if row == 0 { &number } else { "   " };
        let line = pen.ink(&format!("{lead}{text}"), Ink::Bold);
        pen.raw(&line);
    }
    let ink = match group.confidence {
        Confidence::Certain => Ink::Plain,
        Confidence::Likely | Confidence::Undetermined => Ink::Yellow,
    };
    let word = group.confidence.word();
    let sure = match group.cause == word {
        true => word.to_owned(),
        false => format!("{}, {word}", group.cause),
    };
    let sure = format!("{sure}: {}", confidence(group.confidence));
    pen.wrapped(INDENT, &sure, ink);
    extent(diagnosis, group, pen);
    worst(group, pen);
    candidates(group, pen);
    bullets("because", &group.because, pen);
    evidence(&group.evidence, pen);
    places(group, pen);
    bullets("what to change", &group.advice, pen);
    diff(&group.diff, pen);
    bullets("how to make sure", &group.make_sure, pen);
}

/// How often, when, what it did and what it follows from.
fn extent(diagnosis: &Diagnosis, group: &Group, pen: &mut Pen) {
    let mut parts = vec![many(group.count, "time")];
    let zone = Zone(diagnosis.shown_offset);
    match group.seen {
        Some((first, last)) => parts.push(zone.span(first, last)),
        None => parts.push("at times that no line tells".to_owned()),
    }
    parts.extend(rate(group));
    pen.wrapped(INDENT, &parts.join(", "), Ink::Plain);
    let harms = harms(group);
    let said: Vec<String> = harms.iter().map(|(kind, n)| harm(*kind, *n)).collect();
    let is_quiet = harms.iter().all(|(kind, _)| *kind == Harm::Hidden);
    let ink = if is_quiet { Ink::Dim } else { Ink::Plain };
    pen.wrapped(INDENT, &said.join(", "), ink);
    for (cause, n) in &group.led_by {
        let at = diagnosis.groups.iter().position(|g| g.cause == *cause);
        let of = format!(
            "{} of {}, {}",
            number(*n),
            number(group.count),
            share(*n, group.count)
        );
        let text = match at {
            Some(at) => format!("follows from {}. {cause} ({of})", at + 1),
            None => format!("follows from {cause} ({of})"),
        };
        pen.wrapped(INDENT, &text, Ink::Yellow);
    }
}

fn worst(group: &Group, pen: &mut Pen) {
    let lists = [
        ("routes  ", &group.routes),
        ("pools   ", &group.pools),
        ("scripts ", &group.scripts),
        ("statuses", &group.statuses),
    ];
    if lists.iter().any(|(_, list)| !list.is_empty()) {
        pen.gap();
    }
    for (label, list) in lists {
        if !list.is_empty() {
            pen.labelled(INDENT, label, Ink::Dim, &counted(list));
        }
    }
}

/// `a (900), b (12), 2 more (7)`.
fn counted(list: &[Counted]) -> String {
    let (named, rest): (Vec<&Counted>, Vec<&Counted>) =
        list.iter().partition(|item| !item.name.is_empty());
    let mut parts: Vec<String> = named
        .iter()
        .take(NAMED)
        .map(|item| format!("{} ({})", name(item), number(item.count)))
        .collect();
    let left = named.iter().skip(NAMED).chain(&rest);
    let unnamed: u64 = left.map(|item| item.count).sum();
    if unnamed > 0 {
        // How many stand behind the rest is not told.
        let others = match (named.len().saturating_sub(NAMED), rest.is_empty()) {
            (n, true) => format!("{} more", thousands(n)),
            (_, false) => "others".to_owned(),
        };
        parts.push(format!("{others} ({})", number(unnamed)));
    }
    parts.join(", ")
}

/// What fits, what would decide it, and what to write so that it is decided next time.
fn candidates(group: &Group, pen: &mut Pen) {
    if !group.candidates.is_empty() {
        section("what fits", pen);
    }
    for candidate in &group.candidates {
        let text = format!("{} ({})", said(candidate.title), candidate.cause);
        pen.item(INDENT + 2, &[text]);
        let decides = format!("decided by {}", said(&candidate.decides));
        pen.wrapped(INDENT + 4, &decides, Ink::Dim);
    }
    for snippet in &group.make_decidable {
        let label = format!("to decide the next one, write {}", said(&snippet.into));
        section(&label, pen);
        for line in lines(&snippet.text) {
            pen.raw(format!("{}{line}", " ".repeat(INDENT + 4)).trim_end());
        }
    }
}

fn bullets(label: &str, texts: &[String], pen: &mut Pen) {
    if texts.is_empty() {
        return;
    }
    section(label, pen);
    for text in texts {
        pen.item(INDENT + 2, &lines(text));
    }
}

fn evidence(lines: &[EvidenceLine], pen: &mut Pen) {
    if lines.is_empty() {
        return;
    }
    section("evidence", pen);
    for line in lines {
        log_line(&line.file, line.line, line.text.as_deref(), INDENT + 2, pen);
    }
}

/// `file:line` and the beginning of the line below it: the place can be copied, and the text has
/// the whole width.
pub(super) fn log_line(file: &str, line: u64, text: Option<&str>, indent: usize, pen: &mut Pen) {
    let place = format!("{}:{line}", said(file));
    pen.wrapped(indent, &place, Ink::Cyan);
    let room = pen.width.saturating_sub(indent + 2);
    for part in fold(&said(text.unwrap_or_default()), room, LOG_LINES) {
        pen.raw(format!("{}{part}", " ".repeat(indent + 2)).trim_end());
    }
}

fn places(group: &Group, pen: &mut Pen) {
    if group.places.is_empty() {
        return;
    }
    section("in the configuration", pen);
    for place in &group.places {
        let at = format!("{}:{}", said(&place.file), place.line);
        let label = said(&place.label);
        let at = match label.is_empty() {
            true => pen.ink(&at, Ink::Cyan),
            false => format!("{}  {label}", pen.ink(&at, Ink::Cyan)),
        };
        pen.raw(&format!("{}{at}", " ".repeat(INDENT + 2)));
        let room = pen.width.saturating_sub(INDENT + 4);
        for part in fold(said(&place.text).trim_start(), room, LOG_LINES) {
            pen.raw(&format!("{}{part}", " ".repeat(INDENT + 4)));
        }
    }
}

fn diff(diff: &str, pen: &mut Pen) {
    if diff.is_empty() {
        return;
    }
    pen.gap();
    for line in lines(diff) {
        let ink = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => Ink::Bold,
            [b'@', ..] => Ink::Cyan,
            [b'-', ..] => Ink::Red,
            [b'+', ..] => Ink::Green,
            _ => Ink::Plain,
        };
        let line = pen.ink(&line, ink);
        pen.raw(&format!("{}{line}", " ".repeat(INDENT + 4)));
    }
}

fn section(label: &str, pen: &mut Pen) {
    pen.gap();
    let label = pen.ink(label, Ink::Bold);
    pen.raw(&format!("{}{label}", " ".repeat(INDENT)));
}
