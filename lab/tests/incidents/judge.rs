//! What the program says of a scene, against what happened there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use lab::program::run;
use serde_json::Value;

use crate::stage::{Played, id_of};

/// What evidence the program is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    Everything,
    ErrorLog,
    ErrorAndFpm,
    AccessAndFpm,
    AccessLog,
}

const ALL: [Given; 5] = [
    Given::Everything,
    Given::ErrorLog,
    Given::ErrorAndFpm,
    Given::AccessAndFpm,
    Given::AccessLog,
];

impl Given {
    fn word(self) -> &'static str {
        match self {
            Given::Everything => "all logs, configuration",
            Given::ErrorLog => "error log",
            Given::ErrorAndFpm => "error log, FPM log",
            Given::AccessAndFpm => "access log, FPM log",
            Given::AccessLog => "access log (combined)",
        }
    }

    fn inputs(self, played: &Played) -> Vec<String> {
        let dir = played.dir();
        let names: &[&str] = match self {
            Given::Everything => &[
                "error.log",
                "crit.log",
                "access.log",
                "access.json.log",
                "access.full.log",
                "fpm.log",
                "slow.log",
                "fpm-access.log",
                "www/php_errors.log",
            ],
            Given::ErrorLog => &["error.log"],
            Given::ErrorAndFpm => &["error.log", "fpm.log"],
            Given::AccessAndFpm => &["access.full.log", "fpm.log"],
            Given::AccessLog => &["access.log"],
        };
        let paths = names.iter().map(|name| dir.join(name));
        let mut inputs: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
        if self == Given::Everything {
            inputs.extend(["nginx.conf", "php-fpm.conf", "php.ini"].map(|name| dir.join(name)));
        }
        inputs
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }
}

/// How often what was said of what, in each situation.
#[derive(Default)]
pub(crate) struct Table {
    counts: BTreeMap<(Given, String, String), usize>,
    wrong: Vec<String>,
}

impl Table {
    /// Judges a scene in every situation.
    pub(crate) fn judge(&mut self, played: &Played) {
        let truths: BTreeMap<&str, &[&str]> = (played.truths.iter())
            .map(|truth| (truth.id.as_str(), truth.causes.as_slice()))
            .collect();
        for given in ALL {
            let inputs = given.inputs(played);
            // Without an argument it would read this machine's own logs.
            if inputs.is_empty() {
                continue;
            }
            let incidents = incidents(&inputs);
            let mut met = BTreeSet::new();
            for incident in &incidents {
                let request = incident["request"].as_str().unwrap_or_default();
                let Some(id) = id_of(request) else {
                    self.wrong
                        .push(format!("{}: no request: {incident}", played.name));
                    continue;
                };
                met.insert(id.to_owned());
                self.compare(played.name, given, id, truths.get(id).copied(), incident);
            }
            for (id, causes) in &truths {
                if given == Given::Everything && !met.contains(*id) {
                    self.wrong
                        .push(format!("{}: {id} ({causes:?}) was missed", played.name));
                }
            }
        }
    }

    fn compare(
        &mut self,
        scene: &str,
        given: Given,
        id: &str,
        truth: Option<&[&str]>,
        incident: &Value,
    ) {
        let cause = incident["cause"].as_str().unwrap_or_default();
        let candidates: Vec<&str> = (incident["candidates"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        let place = format!("{scene}, {}: {id}", given.word());
        let Some(truth) = truth else {
            self.wrong
                .push(format!("{place} did not fail, but: {incident}"));
            return;
        };
        let is_candidate = candidates.iter().any(|one| truth.contains(one));
        let said = match cause {
            "undetermined" if is_candidate => "undetermined".to_owned(),
            "undetermined" => format!("undetermined without it ({})", candidates.join(", ")),
            cause => cause.to_owned(),
        };
        if said != "undetermined" && !truth.contains(&cause) {
            self.wrong
                .push(format!("{place} is {truth:?}, not {said}: {incident}"));
        }
        let row = truth.iter().find(|one| **one == cause).unwrap_or(&truth[0]);
        *self
            .counts
            .entry((given, (*row).to_owned(), said))
            .or_default() += 1;
    }

    /// Prints the table, keeps it in `docs/` when asked to, and fails on anything wrong.
    pub(crate) fn close(&self, name: &str) {
        let mut text = format!(
            "# Confusion table: {name}\n\nWritten by `BADGATEWAY_BLESS=1 cargo test -p lab --test \
             incidents`; see [confusion.md](confusion.md).\n"
        );
        for given in ALL {
            let rows = self.counts.iter().filter(|((of, ..), _)| *of == given);
            let _never_fails = writeln!(text, "\n### {}\n", given.word());
            text.push_str("| happened | said | times |\n|---|---|---:|\n");
            for ((_, truth, said), count) in rows {
                let _never_fails = writeln!(text, "| {truth} | {said} | {count} |");
            }
        }
        println!("{text}");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        if std::env::var_os("BADGATEWAY_BLESS").is_some() {
            let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"));
            let path = docs.join(format!("confusion-{name}.md"));
            std::fs::write(&path, text).expect("the table can be written");
        }
    }
}

/// What the program says, one value for each incident.
fn incidents(inputs: &[String]) -> Vec<Value> {
    let mut args = vec!["diagnose", "--format", "json", "--incidents"];
    args.extend(inputs.iter().map(String::as_str));
    let output = run(&args);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("no JSON ({error}) from {args:?}: {said}");
    });
    for source in answer["sources"].as_array().into_iter().flatten() {
        let unread = source["lines"]["not_understood"].as_u64();
        assert_eq!(unread, Some(0), "not understood: {source}");
    }
    answer["incidents"].as_array().cloned().unwrap_or_default()
}
