//! Every shape in which `diagnose` answers: text for a terminal, JSON, and one page of HTML.
//!
//! What they all say in words (the summary, times, harms) is made once, in `words`, `lead` and
//! `time`, so that no output sounds surer than another.

mod full;
mod grid;
mod html;
mod json;
mod lead;
mod said;
mod time;
mod words;

use std::io;

use base::diagnosis::Diagnosis;
use base::{Problem, Sources};

use crate::{Report, Summary};

/// Everything one run of `diagnose` has to say.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// Causes, incidents and the logs.
    pub diagnosis: &'a Diagnosis,
    /// The configuration files in which problems have their places; empty when none was read.
    pub sources: &'a Sources,
    /// What kept us from reading or deciding. With one of them nothing sounds as if all were well.
    pub problems: &'a [Problem],
    /// Our own version.
    pub version: &'static str,
}

/// How text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Use terminal colours.
    pub colour: bool,
    /// Columns to fill.
    pub width: usize,
    /// The terminal knows no UTF-8.
    pub ascii: bool,
}

/// Writes summary, timeline, causes and logs for people at a terminal.
///
/// # Errors
/// When `out` cannot be written.
pub fn full(answer: &Answer<'_>, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    full::full(answer, look, out)
}

/// Writes where every line of every log went.
///
/// # Errors
/// When `out` cannot be written.
pub fn stats(answer: &Answer<'_>, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    full::stats(answer, look, out)
}

/// Writes one JSON document; its schema is in `schema/diagnosis.schema.json`. Single incidents
/// are in it when they are wanted, even if there are none.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(answer: &Answer<'_>, incidents: bool, out: &mut dyn io::Write) -> io::Result<()> {
    json::render(answer, incidents, out)
}

/// Writes one page that needs nothing else: no other file, no network, no script.
///
/// # Errors
/// When `out` cannot be written.
pub fn html(answer: &Answer<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    html::render(answer, out)
}

impl<'a> Answer<'a> {
    /// The same for what is shown of problems in every command.
    fn report(&self) -> Report<'a> {
        Report {
            sources: self.sources,
            findings: &[],
            problems: self.problems,
            unjudged: &[],
            ladders: &[],
            summary: Summary {
                routes: 0,
                pools: 0,
                files: 0,
                hidden: 0,
                known: 0,
                gone: 0,
                version: self.version,
            },
        }
    }
}
