//! Rule files as people write them, and as nobody should.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read their fixtures, and stop the time of hostile files"
)]

mod hostile;
mod pages;
mod places;
mod refused;
mod told;

use std::path::{Path, PathBuf};

use base::{FilePath, Sources};
use prometheus::Judged;

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// What is found in one rule file.
pub(crate) fn judged(text: &[u8]) -> (Sources, Judged) {
    let mut sources = Sources::default();
    let file = sources.add(FilePath::new("rules.yml"), text.into(), None);
    let judged = prometheus::judge(&sources, &[file]);
    (sources, judged)
}

/// What is found in a file of one alert with this expression.
pub(crate) fn of_expression(expression: &str) -> (Sources, Judged) {
    let lines = expression.replace('\n', "\n          ");
    let text = format!(
        "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: |\n          {lines}\n"
    );
    judged(text.as_bytes())
}

/// The rules that have something to say of an expression, which must be right.
pub(crate) fn rules_of(expression: &str) -> Vec<&'static str> {
    let (_, judged) = of_expression(expression);
    let problems: Vec<_> = judged.problems.iter().map(|p| &p.message).collect();
    assert!(problems.is_empty(), "{expression}: {problems:?}");
    let mut rules: Vec<_> = judged.findings.iter().map(|f| f.rule).collect();
    rules.sort_unstable();
    rules
}
