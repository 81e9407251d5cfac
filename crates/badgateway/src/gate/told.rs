//! Telling a CI in the way that it reads: annotations, a summary, a file that it takes.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use base::source::printable;
use report::{Format, Report, Style};

use crate::{registry, talk};

/// The file that GitLab is told of by `artifacts:reports:codequality`.
const GITLAB_FILE: &str = "gl-code-quality-report.json";

/// Writes the report for the CI whose variables are there. False when a file that it reads could
/// not be written, which has been said then.
pub(super) fn as_the_ci_reads(
    report: &Report<'_>,
    summary: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let is = |name: &str| env::var_os(name).is_some_and(|value| value == "true");
    let metas = registry::metas();
    if is("GITHUB_ACTIONS") {
        report::render(report, &metas, Format::Github, style, out)?;
        return Ok(step_summary(report, summary, style));
    }
    report::render(report, &metas, Format::Full, style, out)?;
    if !is("GITLAB_CI") {
        return Ok(true);
    }
    let mut text = Vec::new();
    report::render(report, &metas, Format::Gitlab, style, &mut text)?;
    let written = crate::write::replace(Path::new(GITLAB_FILE), &text);
    Ok(is_written(GITLAB_FILE, written))
}

/// Adds a page to the summary of the step.
fn step_summary(report: &Report<'_>, summary: &str, style: &Style) -> bool {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return true;
    };
    let mut page = Vec::new();
    let metas = registry::metas();
    let written = report::render(report, &metas, Format::Markdown, style, &mut page)
        .and_then(|()| writeln!(page, "\n{summary}\n"))
        .and_then(|()| {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.write_all(&page)
        });
    is_written(&printable(path.as_encoded_bytes()), written)
}

fn is_written(name: &str, written: io::Result<()>) -> bool {
    match written {
        Ok(()) => true,
        Err(error) => {
            talk(&format!("error: {name} cannot be written: {error}"));
            false
        }
    }
}
