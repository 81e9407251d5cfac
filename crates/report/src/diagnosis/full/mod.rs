//! The answer for a person at a terminal: the summary first, then when, why and from what.

mod cause;
mod logs;
mod pen;
mod timeline;

use std::io;

use base::diagnosis::{Diagnosis, Incident};

use self::pen::Pen;
use super::lead::lead;
use super::said::said;
use super::time::Zone;
use super::{Answer, Look};
use crate::Style;
use crate::paint::Ink;

pub(super) use self::logs::stats;

/// Single incidents that are listed; a file for more of them is what JSON is for.
const INCIDENTS: usize = 200;

/// Writes everything.
pub(super) fn full(answer: &Answer<'_>, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    let mut pen = Pen::new(*look);
    summary(answer, &mut pen);
    let diagnosis = answer.diagnosis;
    timeline::draw(diagnosis, &mut pen);
    for (index, group) in diagnosis.groups.iter().enumerate() {
        pen.gap();
        cause::draw(diagnosis, index, group, &mut pen);
    }
    incidents(diagnosis, &mut pen);
    logs::draw(diagnosis, &mut pen);
    problems(answer, &mut pen)?;
    pen.end(out)
}

fn summary(answer: &Answer<'_>, pen: &mut Pen) {
    let lead = lead(answer);
    let ink = match (lead.is_well, lead.groups) {
        (true, _) => Ink::Green,
        (false, Some(_)) => Ink::Bold,
        (false, None) => Ink::Plain,
    };
    let when = lead.when.as_deref().unwrap_or_default();
    let headline = format!("{}{}{when}", lead.headline, lead.joint);
    pen.wrapped(0, &headline, ink);
    if let Some(text) = &lead.besides {
        pen.wrapped(0, text, Ink::Plain);
    }
    if let Some(text) = &lead.cause {
        pen.wrapped(0, text, Ink::Plain);
    }
    for text in &lead.gaps {
        pen.wrapped(0, text, Ink::Red);
    }
    if let Some(text) = &lead.change {
        pen.gap();
        pen.labelled(0, "change first", Ink::Bold, text);
    }
}

fn incidents(diagnosis: &Diagnosis, pen: &mut Pen) {
    if diagnosis.incidents.is_empty() {
        return;
    }
    pen.gap();
    pen.heading("incidents");
    let zone = Zone(diagnosis.shown_offset);
    for incident in diagnosis.incidents.iter().take(INCIDENTS) {
        incident_lines(incident, zone, pen);
    }
    if diagnosis.incidents.len() > INCIDENTS {
        let rest = diagnosis.incidents.len() - INCIDENTS;
        let text = format!(
            "and {} that JSON has",
            crate::text::count(rest, "more incident")
        );
        pen.wrapped(2, &text, Ink::Dim);
    }
}

fn incident_lines(incident: &Incident, zone: Zone, pen: &mut Pen) {
    let time = match incident.time {
        Some(ms) => zone.when(ms),
        None => "no time".to_owned(),
    };
    let mut parts = vec![time];
    parts.extend((incident.status > 0).then(|| incident.status.to_string()));
    parts.extend((!incident.request.is_empty()).then(|| said(&incident.request)));
    parts.extend((incident.count > 1).then(|| format!("({} equal ones)", incident.count)));
    pen.wrapped(2, &parts.join(" "), Ink::Plain);
    let mut why = format!("{}, {}", incident.cause, incident.confidence.word());
    if !incident.candidates.is_empty() {
        why.push_str(&format!(": {}", incident.candidates.join(" or ")));
    }
    let from = incident.evidence.iter();
    let from: Vec<String> = from
        .map(|e| format!("{}:{}", said(&e.file), e.line))
        .collect();
    if !from.is_empty() {
        why.push_str(&format!("; {}", from.join(", ")));
    }
    pen.wrapped(4, &why, Ink::Dim);
}

/// What was not read or decided, as every command shows it.
fn problems(answer: &Answer<'_>, pen: &mut Pen) -> io::Result<()> {
    if answer.problems.is_empty() {
        return Ok(());
    }
    pen.gap();
    pen.heading("not read or not decided");
    let style = Style {
        colour: pen.look.colour,
        width: pen.width,
        show_secrets: false,
        strict: false,
    };
    let mut text = Vec::new();
    crate::full::problems(&answer.report(), &style, &mut text)?;
    pen.raw(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}
