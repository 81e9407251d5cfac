//! What the pages are made of: the lists and texts of the built program.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, line, must, root};

/// Folders of the site, by kind of page.
pub(crate) const FOLDERS: [&str; 2] = ["rules", "causes"];

/// A rule or a cause.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Kebab-case.
    pub id: String,
    /// One sentence.
    pub summary: String,
    /// What `explain` prints, in Markdown.
    pub text: String,
    /// What only one of the kinds has.
    pub kind: Kind,
}

/// What only one of the kinds has.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A rule of `check`.
    Rule {
        /// The group it is listed in.
        group: String,
        /// `error`, `warning` or `info`.
        severity: String,
        /// What `check` says of the bad example.
        report: String,
    },
    /// A cause of `diagnose`.
    Cause {
        /// What happened.
        title: String,
        /// Rules whose fix ends it.
        rules: Vec<String>,
    },
}

impl Page {
    /// Its file below the root of the site.
    pub(crate) fn path(&self) -> String {
        let folder = match self.kind {
            Kind::Rule { .. } => FOLDERS[0],
            Kind::Cause { .. } => FOLDERS[1],
        };
        format!("{folder}/{}.html", self.id)
    }
}

/// Every rule and every cause, in the order of the program's own lists.
///
/// # Errors
/// When the program cannot be built or does not answer.
pub(crate) fn pages() -> Result<Vec<Page>> {
    must(
        cargo().args(["build", "--quiet", "--package", "badgateway"]),
        "The pages are what the program says of itself.",
    )?;
    let rules = list("rules")?;
    let causes = list("causes")?;
    let rules = rules.iter().map(rule);
    rules.chain(causes.iter().map(cause)).collect()
}

fn rule(value: &Value) -> Result<Page> {
    let id = word(value, "id")?;
    Ok(Page {
        summary: word(value, "summary")?,
        text: ask(&["explain", &format!("rule:{id}")])?,
        kind: Kind::Rule {
            group: word(value, "group")?,
            severity: word(value, "severity")?,
            report: ask(&["explain", &format!("rule:{id}"), "--report"])?,
        },
        id,
    })
}

fn cause(value: &Value) -> Result<Page> {
    let id = word(value, "id")?;
    let rules = value["rules"].as_array().context("a cause names rules")?;
    let rules = rules.iter().filter_map(Value::as_str).map(str::to_owned);
    Ok(Page {
        summary: word(value, "summary")?,
        text: ask(&["explain", &format!("cause:{id}")])?,
        kind: Kind::Cause {
            title: word(value, "title")?,
            rules: rules.collect(),
        },
        id,
    })
}

fn list(name: &str) -> Result<Vec<Value>> {
    let text = ask(&[name, "--format", "json"])?;
    let mut value: Value = serde_json::from_str(&text).with_context(|| name.to_owned())?;
    match value[name].take() {
        Value::Array(list) => Ok(list),
        _ => bail!("`badgateway {name} --format json` has no list `{name}`"),
    }
}

fn word(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str();
    let text = text.with_context(|| format!("no `{key}` in {value}"))?;
    Ok(text.to_owned())
}

/// What the program prints, in the same width wherever it runs.
fn ask(args: &[&str]) -> Result<String> {
    // As cargo has it: below CARGO_TARGET_DIR where that is set.
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), |folder| root().join(folder));
    let mut command = Command::new(target.join("debug/badgateway"));
    command.args(args).env("COLUMNS", "88");
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", line(&command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {said}", line(&command));
    }
    String::from_utf8(output.stdout).with_context(|| line(&command))
}
