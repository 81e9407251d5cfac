//! A program that reads less than everything must not win: what `diagnose` says of each log is
//! compared with what its writer noted down.

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
        if is_error_log(log) {
            count_causes(&said, log).with_context(|| log.path.display().to_string())?;
        }
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

fn is_error_log(log: &Log) -> bool {
    log.kinds.contains_key("header-too-big")
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
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn less_than_everything_is_noticed() {
        let log = Log {
            path: "error.log".into(),
            bytes: 1000,
            lines: 10,
            kinds: BTreeMap::from([("header-too-big".to_owned(), 4)]),
        };
        let said = |read: u64, unknown: u64| {
            let lines =
                json!({"read": read, "matched": 7, "irrelevant": 3, "not_understood": unknown});
            json!({"sources": [{"file": "error.log", "lines": lines}]})
        };
        assert!(compare(&said(10, 0), &log).is_ok());
        assert!(compare(&said(9, 0), &log).is_err());
        assert!(compare(&said(10, 1), &log).is_err());
        assert!(compare(&json!({"sources": []}), &log).is_err());
        assert!(compare(&json!({}), &log).is_err());

        let causes = |count: u64| {
            let group = json!({"cause": "header-too-big", "confidence": "certain", "count": count});
            json!({"groups": [group]})
        };
        assert!(is_error_log(&log));
        assert!(count_causes(&causes(4), &log).is_ok());
        assert!(count_causes(&causes(3), &log).is_err());
    }
}
