//! The shapes of the document; the schema tells what is in them.

use serde::Serialize;

use crate::json::ProblemJson;

/// The document.
#[derive(Serialize)]
pub(super) struct Document {
    pub badgateway: &'static str,
    pub schema: u32,
    pub kind: &'static str,
    pub complete: bool,
    pub window: Option<SpanJson>,
    pub timeline: Option<TimelineJson>,
    pub sources: Vec<SourceJson>,
    pub groups: Vec<GroupJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incidents: Option<Vec<IncidentJson>>,
    pub problems: Vec<ProblemJson>,
}

/// First and last moment.
#[derive(Serialize)]
pub(super) struct SpanJson {
    pub first: String,
    pub last: String,
}

/// The columns of every group's timeline.
#[derive(Serialize)]
pub(super) struct TimelineJson {
    pub start: String,
    pub step_seconds: f64,
    pub columns: usize,
}

/// A log.
#[derive(Serialize)]
pub(super) struct SourceJson {
    pub file: String,
    pub kind: String,
    pub zone: ZoneJson,
    pub window: Option<SpanJson>,
    pub bytes: u64,
    pub lines: LinesJson,
    pub clock_jumps: u64,
    pub statuses: Vec<StatusJson>,
    pub examples: Vec<EvidenceJson>,
}

/// The zone of a log and how it is known.
#[derive(Serialize)]
pub(super) struct ZoneJson {
    /// Nothing when each line names its own.
    pub offset: Option<String>,
    pub how: &'static str,
}

/// Where the lines of a log went.
#[derive(Serialize)]
pub(super) struct LinesJson {
    pub read: u64,
    pub matched: u64,
    pub irrelevant: u64,
    pub not_understood: u64,
    pub outside_window: u64,
}

/// Answers by status.
#[derive(Serialize)]
pub(super) struct StatusJson {
    pub status: u16,
    pub count: u64,
}

/// A cause.
#[derive(Serialize)]
pub(super) struct GroupJson {
    pub cause: &'static str,
    pub title: String,
    pub confidence: &'static str,
    pub harm: &'static str,
    pub harms: Vec<HarmJson>,
    pub candidates: Vec<CandidateJson>,
    pub led_by: Vec<LedByJson>,
    pub count: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    pub per_hour: f64,
    pub timeline: Vec<u64>,
    pub routes: Vec<CountedJson>,
    pub pools: Vec<CountedJson>,
    pub scripts: Vec<CountedJson>,
    pub statuses: Vec<CountedJson>,
    pub because: Vec<String>,
    pub evidence: Vec<EvidenceJson>,
    pub places: Vec<PlaceJson>,
    pub advice: Vec<String>,
    pub make_decidable: Vec<SnippetJson>,
    pub make_sure: Vec<String>,
    pub diff: String,
}

/// How many had which harm.
#[derive(Serialize)]
pub(super) struct HarmJson {
    pub harm: &'static str,
    pub count: u64,
}

/// A cause that fits.
#[derive(Serialize)]
pub(super) struct CandidateJson {
    pub cause: &'static str,
    pub title: &'static str,
    pub decides: String,
}

/// A cause that led to another.
#[derive(Serialize)]
pub(super) struct LedByJson {
    pub cause: &'static str,
    pub count: u64,
}

/// A name and how often.
#[derive(Serialize)]
pub(super) struct CountedJson {
    /// Nothing for all that are not named.
    pub name: Option<String>,
    pub count: u64,
}

/// A line of a log.
#[derive(Serialize)]
pub(super) struct EvidenceJson {
    pub file: String,
    pub line: u64,
    pub text: Option<String>,
}

/// A place in the configuration.
#[derive(Serialize)]
pub(super) struct PlaceJson {
    pub file: String,
    pub line: u64,
    pub text: String,
    pub label: String,
}

/// Text for a configuration file.
#[derive(Serialize)]
pub(super) struct SnippetJson {
    pub into: String,
    pub text: String,
}

/// One incident.
#[derive(Serialize)]
pub(super) struct IncidentJson {
    pub cause: &'static str,
    pub confidence: &'static str,
    pub candidates: Vec<&'static str>,
    pub harm: &'static str,
    pub time: Option<String>,
    pub count: u64,
    /// Nothing when unknown, like the texts behind it.
    pub status: Option<u16>,
    pub request: Option<String>,
    pub route: Option<String>,
    pub pool: Option<String>,
    pub script: Option<String>,
    pub upstream: Option<String>,
    pub evidence: Vec<EvidenceJson>,
}
