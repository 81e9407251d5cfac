//! What becomes of a script that waits and of one that computes: what a client gets, and what to
//! look for in which log.

use std::io;

use base::Millis;
use base::ladder::Fate;

use super::SCRIPTS;
use crate::Style;
use crate::paint::{Ink, paint};
use crate::text::{columns, line, wrap};

/// Writes both; what is said of both is said once.
pub(super) fn draw(
    sleeping: &Fate,
    busy: &Fate,
    width: usize,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let names = [sleeping, busy].map(|fate| columns(fate.log_name) + 4);
    let scripts = SCRIPTS.map(|script| columns(script) + 2);
    let label = names.into_iter().chain(scripts).max().unwrap_or(0);
    let shared = details(sleeping) == details(busy);
    head(SCRIPTS[0], sleeping, label, style, out)?;
    if !shared {
        rows(sleeping, label, width, out)?;
    }
    head(SCRIPTS[1], busy, label, style, out)?;
    rows(busy, label, width, out)
}

fn head(
    script: &str,
    fate: &Fate,
    label: usize,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (text, ink) = match (fate.status.as_str(), fate.at) {
        ("none", _) => ("runs to its end: no limit stops it".to_owned(), Ink::Yellow),
        (status, Some((_, Millis(0)))) => (format!("{status} at once"), Ink::Red),
        (status, Some((from, to))) if from == to => (format!("{status} after {from}"), Ink::Red),
        (status, Some((from, to))) => (format!("{status} between {from} and {to}"), Ink::Red),
        (status, None) => (format!("{status}, when is not known"), Ink::Yellow),
    };
    let script = paint(&format!("{script:label$}"), Ink::Bold, style.colour);
    writeln!(out, "{script}{}", paint(&line(&text), ink, style.colour))
}

fn rows(fate: &Fate, label: usize, width: usize, out: &mut dyn io::Write) -> io::Result<()> {
    for (name, text) in details(fate) {
        let mut name = format!("  {name}");
        for text in wrap(&text, width.saturating_sub(label).max(20)) {
            writeln!(out, "{name:label$}{text}")?;
            name.clear();
        }
    }
    Ok(())
}

/// The log with its line, and the note.
fn details(fate: &Fate) -> Vec<(&'static str, String)> {
    let rows = [(fate.log_name, &fate.log_line), ("", &fate.note)];
    let rows = rows.into_iter().map(|(name, text)| (name, line(text)));
    rows.filter(|(_, text)| !text.is_empty()).collect()
}
