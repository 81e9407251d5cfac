//! A program that reads less than everything must not win: what `diagnose` says of each log is
//! compared with what its writer noted down.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::files::{Files, Log};

/// Causes that a single line of the error log decides, and how the log's writer calls them.
const CAUSES: [(&str, &str); 8] = [
    ("backlog-full", "connect-11"),
    ("fpm-refused", "connect-111"),
    ("fpm-socket-missing", "connect-2"),
    ("fpm-socket-permission", "connect-13"),
    ("header-too-big", "header-too-big"),
    ("no-live-upstreams", "no-live-upstreams"),
    ("script-not-found", "script-unknown"),
    ("client-gone", "client-gone"),
];

/// Every line was read, every line was understood, and what can be counted was counted right.
///
/// # Errors
/// When one was not.
pub(super) fn reads_everything(program: &Path, files: &Files) -> Result<()> {
    for log in files.all() {
        eprintln!("bench: is all of {} read?", log.path.display());
        let mut command = Command::new(program);
        command.args(["diagnose", "--timezone", "UTC", "--format", "json"]);
        let output = command
            .arg(&log.path)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| program.display().to_string())?;
        let said: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("diagnose --format json ({})", output.status))?;
        compare(&said, log).with_context(|| log.path.display().to_string())?;
        let counted = match kind(log) {
            Kind::Error => count_causes(&said, log),
            Kind::Access => count_statuses(&said, log),
            Kind::Other => Ok(()),
        };
        counted.with_context(|| log.path.display().to_string())?;
    }
    Ok(())
}

fn compare(said: &Value, log: &Log) -> Result<()> {
    let sources = said["sources"].as_array().map_or(&[][..], Vec::as_slice);
    ensure!(
        sources.len() == 1,
        "{} sources in place of one",
        sources.len()
    );
    let lines = &sources[0]["lines"];
    ensure!(
        lines["read"].as_u64() == Some(log.lines),
        "{} lines were written, but diagnose says {lines}",
        log.lines
    );
    ensure!(
        lines["not_understood"].as_u64() == Some(0),
        "every line is one that nginx or PHP-FPM writes, but diagnose says {lines}"
    );
    Ok(())
}

/// What can be counted in a log.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Error,
    Access,
    Other,
}

fn kind(log: &Log) -> Kind {
    if log.kinds.contains_key("header-too-big") {
        return Kind::Error;
    }
    if log.kinds.contains_key("200") {
        return Kind::Access;
    }
    Kind::Other
}

fn count_statuses(said: &Value, log: &Log) -> Result<()> {
    let statuses = &said["sources"][0]["statuses"];
    let rows = statuses.as_array().map_or(&[][..], Vec::as_slice);
    let counted: BTreeMap<String, u64> = rows
        .iter()
        .filter_map(|row| Some((row["status"].as_u64()?.to_string(), row["count"].as_u64()?)))
        .collect();
    let mut written = log.kinds.clone();
    written.retain(|kind, _| kind.bytes().all(|byte| byte.is_ascii_digit()));
    ensure!(
        counted == written,
        "the statuses {written:?} were written, but diagnose says {statuses}"
    );
    Ok(())
}

fn count_causes(said: &Value, log: &Log) -> Result<()> {
    let groups = said["groups"].as_array().map_or(&[][..], Vec::as_slice);
    for (cause, kind) in CAUSES {
        let counted: u64 = groups
            .iter()
            .filter(|group| group["cause"] == cause && group["confidence"] == "certain")
            .filter_map(|group| group["count"].as_u64())
            .sum();
        let written = log.kinds.get(kind).copied().unwrap_or_default();
        ensure!(
            counted == written,
            "{written} entries are of `{cause}`, but diagnose counts {counted}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log(kinds: &[(&str, u64)]) -> Log {
        Log {
            path: "some.log".into(),
            bytes: 1000,
            lines: 10,
            kinds: kinds
                .iter()
                .map(|(kind, count)| ((*kind).to_owned(), *count))
                .collect(),
        }
    }

    #[test]
    fn lines_left_out_are_noticed() {
        let said = |read: u64, unknown: u64| {
            let lines =
                json!({"read": read, "matched": 7, "irrelevant": 3, "not_understood": unknown});
            json!({"sources": [{"file": "error.log", "lines": lines}]})
        };
        let log = log(&[]);
        assert_eq!(kind(&log), Kind::Other);
        assert!(compare(&said(10, 0), &log).is_ok());
        assert!(compare(&said(9, 0), &log).is_err());
        assert!(compare(&said(10, 1), &log).is_err());
        assert!(compare(&json!({"sources": []}), &log).is_err());
        assert!(compare(&json!({}), &log).is_err());
    }

    #[test]
    fn wrong_counts_are_noticed() {
        let error = log(&[("header-too-big", 4)]);
        assert_eq!(kind(&error), Kind::Error);
        let causes = |count: u64| {
            let group = json!({"cause": "header-too-big", "confidence": "certain", "count": count});
            json!({"groups": [group]})
        };
        assert!(count_causes(&causes(4), &error).is_ok());
        assert!(count_causes(&causes(3), &error).is_err());

        let access = log(&[("200", 9), ("502", 1), ("with-retries", 2)]);
        assert_eq!(kind(&access), Kind::Access);
        let statuses = |bad: u64| {
            let rows = json!([{"status": 200, "count": 9}, {"status": 502, "count": bad}]);
            json!({"sources": [{"statuses": rows}]})
        };
        assert!(count_statuses(&statuses(1), &access).is_ok());
        assert!(count_statuses(&statuses(2), &access).is_err());
        assert!(count_statuses(&json!({}), &access).is_err());
    }
}
