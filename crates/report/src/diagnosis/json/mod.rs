//! The answer for programs. Its shape is written down here and in
//! `schema/diagnosis.schema.json`.

mod shapes;

use std::io;

use base::diagnosis::{Counted, Diagnosis, EvidenceLine, Group, Incident, LogSource};

use self::shapes::{
    CandidateJson, CountedJson, Document, EvidenceJson, GroupJson, HarmJson, IncidentJson,
    LedByJson, LinesJson, PlaceJson, SnippetJson, SourceJson, SpanJson, StatusJson, TimelineJson,
    ZoneJson,
};
use super::Answer;
use super::said::{block, said};
use super::time::rfc3339;
use super::words::harms;
use crate::Style;
use crate::json::{SCHEMA_VERSION, problems, write_pretty};

/// Writes the document.
pub(super) fn render(
    answer: &Answer<'_>,
    incidents: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let masked = Style {
        colour: false,
        width: 0,
        show_secrets: false,
        strict: false,
    };
    let diagnosis = answer.diagnosis;
    let document = Document {
        badgateway: answer.version,
        schema: SCHEMA_VERSION,
        kind: "diagnosis",
        complete: answer.problems.is_empty(),
        window: diagnosis.window.map(span),
        timeline: diagnosis.timeline.map(|timeline| TimelineJson {
            start: rfc3339(timeline.start),
            step_seconds: timeline.step as f64 / 1000.0,
            columns: timeline.columns,
        }),
        sources: diagnosis.sources.iter().map(source).collect(),
        groups: diagnosis.groups.iter().map(group).collect(),
        incidents: incidents.then(|| all_incidents(diagnosis)),
        problems: problems(&answer.report(), &masked),
    };
    write_pretty(&document, out)
}

fn span((first, last): (i64, i64)) -> SpanJson {
    SpanJson {
        first: rfc3339(first),
        last: rfc3339(last),
    }
}

fn source(source: &LogSource) -> SourceJson {
    let examples = source.examples.iter().map(|(line, text)| EvidenceJson {
        file: said(&source.file),
        line: *line,
        text: Some(said(text)),
    });
    let statuses = source.statuses.iter().map(|(status, count)| StatusJson {
        status: *status,
        count: *count,
    });
    SourceJson {
        file: said(&source.file),
        kind: source.kind.clone(),
        zone: ZoneJson {
            offset: known(&source.zone.name),
            how: source.zone.how.word(),
        },
        window: source.span.map(span),
        bytes: source.bytes,
        lines: LinesJson {
            read: source.lines,
            matched: source.matched,
            irrelevant: source.irrelevant,
            not_understood: source.not_understood,
            outside_window: source.outside,
        },
        clock_jumps: source.jumps,
        statuses: statuses.collect(),
        examples: examples.collect(),
    }
}

fn group(group: &Group) -> GroupJson {
    let harms = harms(group).into_iter().map(|(harm, count)| HarmJson {
        harm: harm.word(),
        count,
    });
    let candidates = group.candidates.iter().map(|c| CandidateJson {
        cause: c.cause,
        title: c.title,
        decides: said(&c.decides),
    });
    let places = group.places.iter().map(|p| PlaceJson {
        file: said(&p.file),
        line: p.line,
        text: said(&p.text),
        label: said(&p.label),
    });
    let snippets = group.make_decidable.iter().map(|s| SnippetJson {
        into: said(&s.into),
        text: block(&s.text),
    });
    let led_by = group.led_by.iter();
    GroupJson {
        cause: group.cause,
        title: said(&group.title),
        confidence: group.confidence.word(),
        harm: group.harm.word(),
        harms: harms.collect(),
        candidates: candidates.collect(),
        led_by: led_by
            .map(|&(cause, count)| LedByJson { cause, count })
            .collect(),
        count: group.count,
        first: group.seen.map(|(first, _)| rfc3339(first)),
        last: group.seen.map(|(_, last)| rfc3339(last)),
        per_hour: rounded(group.per_hour),
        timeline: group.timeline.clone(),
        routes: counted(&group.routes),
        pools: counted(&group.pools),
        scripts: counted(&group.scripts),
        statuses: counted(&group.statuses),
        because: texts(&group.because),
        evidence: evidence(&group.evidence),
        places: places.collect(),
        advice: texts(&group.advice),
        make_decidable: snippets.collect(),
        make_sure: texts(&group.make_sure),
        diff: block(&group.diff),
    }
}

fn all_incidents(diagnosis: &Diagnosis) -> Vec<IncidentJson> {
    diagnosis.incidents.iter().map(incident).collect()
}

fn incident(incident: &Incident) -> IncidentJson {
    IncidentJson {
        cause: incident.cause,
        confidence: incident.confidence.word(),
        candidates: incident.candidates.clone(),
        harm: incident.harm.word(),
        time: incident.time.map(rfc3339),
        count: incident.count,
        status: (incident.status > 0).then_some(incident.status),
        request: known(&incident.request),
        route: known(&incident.route),
        pool: known(&incident.pool),
        script: known(&incident.script),
        upstream: known(&incident.upstream),
        evidence: evidence(&incident.evidence),
    }
}

/// Sentences, or lines of configuration whose line ends are kept.
fn texts(texts: &[String]) -> Vec<String> {
    let text = |text: &String| block(text).trim_end().to_owned();
    texts.iter().map(text).collect()
}

fn counted(list: &[Counted]) -> Vec<CountedJson> {
    list.iter()
        .map(|item| CountedJson {
            name: known(&item.name),
            count: item.count,
        })
        .collect()
}

fn evidence(lines: &[EvidenceLine]) -> Vec<EvidenceJson> {
    lines
        .iter()
        .map(|line| EvidenceJson {
            file: said(&line.file),
            line: line.line,
            text: line.text.as_deref().map(said),
        })
        .collect()
}

fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| said(text))
}

/// Hundredths are enough for a rate, and what is no number is none.
fn rounded(rate: f64) -> f64 {
    if !rate.is_finite() {
        return 0.0;
    }
    (rate * 100.0).round() / 100.0
}
