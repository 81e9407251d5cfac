//! All rules there are, whoever asks them: those about configuration, and those about the rule
//! files of Prometheus.

use base::page::Head;
use report::RuleMeta;

/// What is said of each rule.
fn heads() -> impl Iterator<Item = &'static Head> {
    let own = rules::all().iter().map(|rule| &rule.head);
    own.chain(prometheus::all().iter().map(|rule| &rule.head))
}

/// Whether there is a rule of this id.
pub(crate) fn is_rule(id: &str) -> bool {
    group(id).is_some()
}

/// The group of a rule.
pub(crate) fn group(id: &str) -> Option<&'static str> {
    heads().find(|rule| rule.id == id).map(|rule| rule.group)
}

/// All groups, sorted.
pub(crate) fn groups() -> Vec<&'static str> {
    let mut groups: Vec<_> = heads().map(|rule| rule.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// Rules as the report wants them, sorted by id.
pub(crate) fn metas() -> Vec<RuleMeta> {
    let metas = heads().map(|rule| RuleMeta {
        id: rule.id,
        severity: rule.severity,
        group: rule.group,
        summary: rule.summary(),
        doc: rule.page(),
        fix: rule.fix,
    });
    let mut metas: Vec<RuleMeta> = metas.collect();
    metas.sort_by_key(|meta| meta.id);
    metas
}

/// The page of a rule about rule files, as those of the others are printed.
pub(crate) fn page(id: &str) -> Option<String> {
    let rule = prometheus::by_id(id.strip_prefix("rule:").unwrap_or(id))?;
    Some(format!(
        "# {}\n\n{} · {} · fix: {} · since {}\n\n{}",
        rule.id,
        rule.group,
        rule.severity.word(),
        rule.fix.word(),
        rule.since,
        rule.page().trim_end()
    ))
}
