//! Names for findings that stay the same when lines are added above them.

use base::{Finding, SortedMap, Span};

use crate::Report;
use crate::excerpt::line_of;
use crate::text::line;

/// One fingerprint for each finding, in their order.
///
/// Made of the rule, the file and the text of the line, which is masked even when secrets are
/// shown: a fingerprint must not be a way to test guesses. Equal findings are numbered.
pub(crate) fn of_findings(report: &Report<'_>) -> Vec<String> {
    let mut seen = SortedMap::new();
    let findings = report.findings.iter();
    let seeds = findings.map(|finding| seed(report, finding));
    seeds.map(|seed| numbered(&mut seen, &seed)).collect()
}

/// The same for problems, which may have no place.
pub(crate) fn of_problems(report: &Report<'_>) -> Vec<String> {
    let mut seen = SortedMap::new();
    let seeds = report.problems.iter().map(|problem| {
        let at = match problem.span {
            Some(span) => place(report, span),
            None => line(&problem.message),
        };
        format!("{}\0{at}", problem.kind.word())
    });
    seeds.map(|seed| numbered(&mut seen, &seed)).collect()
}

fn seed(report: &Report<'_>, finding: &Finding) -> String {
    format!("{}\0{}", finding.rule, place(report, finding.primary.span))
}

fn place(report: &Report<'_>, span: Span) -> String {
    let source = report.sources.get(span.file);
    let text = line_of(source, span, false);
    format!("{}\0{}", source.shown(), text.trim())
}

fn numbered(seen: &mut SortedMap<String, u32>, seed: &str) -> String {
    let number = seen.entry(seed.to_owned()).or_insert(0);
    *number += 1;
    let seed = format!("{seed}\0{number}");
    let (a, b) = (fnv(seed.as_bytes(), 0), fnv(seed.as_bytes(), 0x9e37_79b9));
    format!("{a:016x}{b:016x}")
}

/// FNV-1a. It has to be stable for ever, not hard to forge.
fn fnv(bytes: &[u8], salt: u64) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325 ^ salt, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}
