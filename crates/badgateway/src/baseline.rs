//! Known findings: a file of fingerprints, so that only new ones are said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::Finding;
use base::source::printable;
use report::Report;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::talk;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Of this shape.
    version: u32,
    /// By fingerprint; rule and place are for people.
    findings: BTreeMap<String, Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    message: String,
}

const VERSION: u32 = 1;

/// What a baseline did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// Findings that it knows and that were taken out.
    pub(crate) hidden: usize,
    /// Findings that it knows and that are gone.
    pub(crate) gone: usize,
}

/// Takes out what the file knows. `None` when it cannot be read, which has been said then.
pub(crate) fn apply(path: &Path, report: &Report<'_>) -> Option<(Vec<Finding>, Known)> {
    let prints = read(path)?;
    let mut known = Known::default();
    let mut left = Vec::new();
    for (finding, print) in report.findings.iter().zip(report::fingerprints(report)) {
        match prints.contains(&print) {
            true => known.hidden += 1,
            false => left.push(finding.clone()),
        }
    }
    known.gone = prints.len() - known.hidden;
    Some((left, known))
}

/// The fingerprints that the file knows. `None` when it cannot be read, which has been said then.
pub(crate) fn read(path: &Path) -> Option<BTreeSet<String>> {
    let name = printable(path.as_os_str().as_encoded_bytes());
    let complain = |why: String| {
        talk(&format!("error: cannot read the baseline {name}: {why}"));
        None
    };
    let text = match disk::read_settings(path) {
        Ok(text) => text,
        Err(error) => return complain(error.to_string()),
    };
    let file: File = match serde_json::from_str(&text) {
        Ok(file) => file,
        Err(error) => return complain(error.to_string()),
    };
    if file.version != VERSION {
        return complain(format!("version {} is not known", file.version));
    }
    Some(file.findings.into_keys().collect())
}

/// Writes what was found as known. False when it cannot be written, which has been said then.
pub(crate) fn write(path: &Path, report: &Report<'_>) -> bool {
    let prints = report::fingerprints(report);
    let entries = report.findings.iter().zip(prints).map(|(finding, print)| {
        let entry = Entry {
            rule: finding.rule.to_owned(),
            message: report::one_line(&finding.message),
        };
        (print, entry)
    });
    let file = File {
        version: VERSION,
        findings: entries.collect(),
    };
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    match crate::write::replace(path, text.as_bytes()) {
        Ok(()) => true,
        Err(error) => {
            let name = printable(path.as_os_str().as_encoded_bytes());
            talk(&format!("error: cannot write the baseline {name}: {error}"));
            false
        }
    }
}
