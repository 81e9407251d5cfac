//! Ladders as JSON: one for each distinct set of limits and places, with all its routes.

use std::io;

use base::ladder::{Actor, Fate, Ladder, Rung};
use base::{Limit, Millis, Origin, SortedMap, Sources, Span};
use serde::Serialize;

use crate::json::{ProblemJson, SCHEMA_VERSION, ToolJson, problems, tool, write_pretty};
use crate::place::locate;
use crate::text::line;
use crate::{Report, Style};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: ToolJson,
    complete: bool,
    problems: Vec<ProblemJson>,
    ladders: Vec<LadderJson>,
}

#[derive(Serialize)]
struct LadderJson {
    routes: Vec<String>,
    target: String,
    pool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_unknown: Option<String>,
    rungs: Vec<RungJson>,
    sleeping: FateJson,
    busy: FateJson,
}

#[derive(Serialize)]
struct RungJson {
    actor: &'static str,
    name: &'static str,
    limit: LimitJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_ms: Option<u64>,
    measures: &'static str,
    origin: Option<OriginJson>,
    ends_sleeping: bool,
    ends_busy: bool,
}

/// A number alone could not say what zero means.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LimitJson {
    After { ms: u64 },
    AtOnce,
    Off,
    Unknown { reason: String },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OriginJson {
    Here { at: At },
    Inherited { at: At },
    Overriding { at: At, over: Vec<At> },
    Default { version: String, manual: String },
}

#[derive(Serialize)]
struct At {
    path: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct FateJson {
    earliest_ms: Option<u64>,
    latest_ms: Option<u64>,
    status: String,
    log_name: &'static str,
    log_line: String,
    note: String,
}

/// Writes problems and ladders. Secrets are masked: nobody needs them to compare limits.
pub fn chain_json(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let masked = Style {
        colour: false,
        width: 80,
        show_secrets: false,
        strict: true,
    };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(report),
        complete: report.problems.is_empty(),
        problems: problems(report, &masked),
        ladders: ladders(report),
    };
    write_pretty(&document, out)
}

/// Ladders that would be written the same are written once.
fn ladders(report: &Report<'_>) -> Vec<LadderJson> {
    let mut out: Vec<LadderJson> = Vec::new();
    let mut index: SortedMap<String, usize> = SortedMap::new();
    for ladder in report.ladders {
        let shape = shape(report.sources, ladder);
        let key = serde_json::to_string(&shape).unwrap_or_default();
        let at = *index.entry(key).or_insert_with(|| {
            out.push(shape);
            out.len() - 1
        });
        out[at].routes.push(line(&ladder.route));
    }
    out
}

fn shape(sources: &Sources, ladder: &Ladder) -> LadderJson {
    LadderJson {
        routes: Vec::new(),
        target: line(&ladder.target),
        pool: ladder.pool.as_deref().ok().map(line),
        pool_unknown: ladder.pool.as_deref().err().map(|reason| line(reason)),
        rungs: ladder.rungs.iter().map(|r| rung(sources, r)).collect(),
        sleeping: fate(&ladder.sleeping),
        busy: fate(&ladder.busy),
    }
}

fn rung(sources: &Sources, rung: &Rung) -> RungJson {
    RungJson {
        actor: match rung.actor {
            Actor::Client => "client",
            Actor::Nginx => "nginx",
            Actor::Fpm => "fpm",
            Actor::Php => "php",
        },
        name: rung.name,
        limit: match &rung.limit {
            Ok(Limit::After(Millis(ms))) => LimitJson::After { ms: *ms },
            Ok(Limit::AtOnce) => LimitJson::AtOnce,
            Ok(Limit::Off) => LimitJson::Off,
            Err(reason) => LimitJson::Unknown {
                reason: line(reason),
            },
        },
        latest_ms: rung.latest.map(|Millis(ms)| ms),
        measures: rung.measures,
        origin: rung.origin.as_ref().map(|o| origin(sources, o)),
        ends_sleeping: rung.ends_sleeping,
        ends_busy: rung.ends_busy,
    }
}

fn origin(sources: &Sources, origin: &Origin) -> OriginJson {
    match origin {
        Origin::Here(span) => OriginJson::Here {
            at: at(sources, *span),
        },
        Origin::Inherited(span) => OriginJson::Inherited {
            at: at(sources, *span),
        },
        Origin::Overriding { at: span, over } => OriginJson::Overriding {
            at: at(sources, *span),
            over: over.iter().map(|span| at(sources, *span)).collect(),
        },
        Origin::Default { version, manual } => OriginJson::Default {
            version: line(version),
            manual: line(manual),
        },
    }
}

fn at(sources: &Sources, span: Span) -> At {
    let place = locate(sources, span);
    At {
        path: place.path,
        line: place.line,
        column: place.column,
    }
}

fn fate(fate: &Fate) -> FateJson {
    FateJson {
        earliest_ms: fate.at.map(|(Millis(ms), _)| ms),
        latest_ms: fate.at.map(|(_, Millis(ms))| ms),
        status: line(&fate.status),
        log_name: fate.log_name,
        log_line: line(&fate.log_line),
        note: line(&fate.note),
    }
}
