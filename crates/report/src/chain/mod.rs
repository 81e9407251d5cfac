//! The drawing of ladders: who ends a request first, and what a client sees of it.
//!
//! Routes with the same limits are drawn once; a server has thousands of routes and three kinds
//! of them.

mod alike;
mod fate;
mod json;
mod scale;

use std::io;

use base::ladder::{Actor, Rung};
use base::{Origin, Sources};

use self::alike::{Alike, groups};
use self::scale::Scale;
use crate::paint::{Ink, paint};
use crate::place::locate;
use crate::text::{columns, count, line, wrap};
use crate::{Report, Style, full, summary};

pub use json::chain_json;

/// Columns of a drawing: enough for the longest name and a bar, and never wider than is read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=110;
/// Columns of `client`, the longest actor, and the gap behind it.
const ACTOR: usize = 8;
const SCRIPTS: [&str; 2] = ["a waiting script", "a computing script"];

/// Draws every distinct ladder.
pub fn chain(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    full::problems(report, style, out)?;
    let groups = groups(report.ladders);
    for group in &groups {
        draw(report.sources, group, style, out)?;
        writeln!(out)?;
    }
    if groups.is_empty() {
        writeln!(
            out,
            "no route to PHP-FPM was found, so there is nothing to draw"
        )?;
    }
    if let Some(text) = summary::undecided(report, style) {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn draw(
    sources: &Sources,
    group: &Alike<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let width = style.width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let ladder = group.first;
    heading(group, width, style, out)?;
    let names = ladder.rungs.iter().map(|rung| columns(rung.name));
    let values = ladder.rungs.iter().map(|rung| columns(&value(rung)));
    let table = Table {
        name: names.max().unwrap_or(0),
        value: values.max().unwrap_or(0),
        width,
        colour: style.colour,
    };
    let scale = Scale::new(&ladder.rungs, width.saturating_sub(table.indent()).max(10));
    let (labels, ticks) = scale.axis();
    let indent = " ".repeat(table.indent());
    for text in [labels.trim_end(), ticks.as_str()] {
        writeln!(out, "{indent}{}", paint(text, Ink::Dim, style.colour))?;
    }
    for rung in &ladder.rungs {
        table.rung(sources, rung, &scale, out)?;
    }
    writeln!(out)?;
    fate::draw(&ladder.sleeping, &ladder.busy, width, style, out)
}

fn heading(
    group: &Alike<'_>,
    width: usize,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let ladder = group.first;
    writeln!(
        out,
        "{}",
        paint(&line(&ladder.route), Ink::Bold, style.colour)
    )?;
    if group.more > 0 {
        let routes = count(group.more, "more route");
        let places = match group.elsewhere {
            true => "; places are those of the first",
            false => "",
        };
        writeln!(out, "and {routes} with the same limits{places}")?;
    }
    let pool = match &ladder.pool {
        Ok(pool) => format!("pool {}", line(pool)),
        Err(reason) => format!("pool not known: {}", line(reason)),
    };
    let target = line(&ladder.target);
    let joined = columns(&target) + columns(&pool) + 5 <= width;
    let gap = if joined { " " } else { "\n" };
    let ink = if ladder.pool.is_ok() {
        Ink::Plain
    } else {
        Ink::Yellow
    };
    let pool = paint(&pool, ink, style.colour);
    writeln!(out, "→ {target}{gap}→ {pool}\n")
}

/// Widths of the columns.
struct Table {
    name: usize,
    value: usize,
    width: usize,
    colour: bool,
}

impl Table {
    /// Columns in front of a bar.
    fn indent(&self) -> usize {
        ACTOR + self.name + 2 + self.value + 2
    }

    /// The bar with what it ends, then what it measures and where it is written.
    fn rung(
        &self,
        sources: &Sources,
        rung: &Rung,
        scale: &Scale,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let (actor, ink) = match rung.actor {
            Actor::Client => ("client", Ink::Green),
            Actor::Nginx => ("nginx", Ink::Blue),
            Actor::Fpm => ("FPM", Ink::Magenta),
            Actor::Php => ("PHP", Ink::Cyan),
        };
        let bar = scale.bar(rung);
        let mut marks = Vec::new();
        for (ends, script) in [rung.ends_sleeping, rung.ends_busy]
            .into_iter()
            .zip(SCRIPTS)
        {
            if ends {
                marks.push(format!("◀ ends {script}"));
            }
        }
        let name = format!("{:width$}", rung.name, width = self.name);
        let name = match marks.is_empty() {
            true => name,
            false => paint(&name, Ink::Bold, self.colour),
        };
        write!(
            out,
            "{}{name}  {:>width$}  {}{}",
            paint(&format!("{actor:ACTOR$}"), ink, self.colour),
            value(rung),
            paint(&bar.solid, ink, self.colour),
            paint(&bar.light, ink, self.colour),
            width = self.value
        )?;
        let drawn = self.indent() + columns(&bar.solid) + columns(&bar.light);
        // Behind the bar; where there is no room, under its tip as far to the right as they fit.
        let widest = marks.iter().map(|mark| columns(mark)).max().unwrap_or(0);
        let at = (drawn + 1).min(self.width.saturating_sub(widest));
        for (index, mark) in marks.iter().enumerate() {
            let mark = paint(mark, Ink::Red, self.colour);
            match index == 0 && at > drawn {
                true => write!(out, " {mark}")?,
                false => write!(out, "\n{}{mark}", " ".repeat(at))?,
            }
        }
        writeln!(out)?;
        let indent = " ".repeat(ACTOR);
        for text in details(sources, rung, self.width - ACTOR) {
            writeln!(out, "{indent}{}", paint(&text, Ink::Dim, self.colour))?;
        }
        Ok(())
    }
}

fn value(rung: &Rung) -> String {
    match &rung.limit {
        Ok(limit) => limit.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// What is measured, when it fires and where it is written: on one line where that fits.
fn details(sources: &Sources, rung: &Rung, width: usize) -> Vec<String> {
    let mut parts = vec![rung.measures.to_owned()];
    if let (Ok(limit), Some(latest)) = (&rung.limit, rung.latest) {
        parts.push(format!("fires between {limit} and {latest}"));
    }
    if let Err(reason) = &rung.limit {
        parts.push(format!("not known: {}", line(reason)));
    }
    let mut lines: Vec<String> = Vec::new();
    let mut add = |part: &str, gap: &str| match lines.last_mut() {
        Some(last) if columns(last) + columns(gap) + columns(part) <= width => {
            last.push_str(gap);
            last.push_str(part);
        }
        _ => lines.extend(wrap(part, width)),
    };
    parts.iter().for_each(|part| add(part, " · "));
    if let Some(origin) = &rung.origin {
        let (place, remarks) = written(sources, origin);
        let whole = format!("{place} {}", remarks.join(" "));
        if columns(whole.trim_end()) <= width {
            add(whole.trim_end(), " · ");
        } else {
            add(&place, " · ");
            remarks.iter().for_each(|remark| add(remark, " "));
        }
    }
    lines
}

/// Where a value comes from, and what there is to remark on it.
fn written(sources: &Sources, origin: &Origin) -> (String, Vec<String>) {
    let place = |span| locate(sources, span).short();
    match origin {
        Origin::Here(at) => (place(*at), vec![]),
        Origin::Inherited(at) => (place(*at), vec!["(inherited)".to_owned()]),
        Origin::Overriding { at, over } => {
            let over = over.iter().map(|span| format!("(over {})", place(*span)));
            (place(*at), over.collect())
        }
        Origin::Default { version, manual } => {
            (format!("default of {version}"), vec![format!("({manual})")])
        }
    }
}
