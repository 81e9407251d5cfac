//! A rule file: its groups and rules, and what Prometheus would refuse in it.

use std::collections::BTreeSet;

use crate::duration;
use yaml::{Id, Range, Tree, Value};

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Its rules, in their order.
    pub(crate) rules: Vec<RuleNode>,
    /// What Prometheus would refuse.
    pub(crate) refused: Vec<(Range, String)>,
    /// Documents that Prometheus would not read.
    pub(crate) unread: Vec<Range>,
}

/// A rule.
#[derive(Debug)]
pub(crate) struct RuleNode {
    /// Its name.
    pub(crate) name: Id,
    /// Whether it records.
    pub(crate) is_record: bool,
    /// The key of its expression.
    pub(crate) key: Id,
    /// Its expression.
    pub(crate) expr: Id,
}

/// What a file is, as far as this room is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Rules, as Prometheus reads them or in a `PrometheusRule` of Kubernetes.
    Rules,
    /// The main file of Prometheus, which names rule files.
    Main,
}

/// The roots below which groups lie: the first document, or every `PrometheusRule`.
fn roots(tree: &Tree) -> (Vec<Id>, Vec<Range>) {
    let of_kubernetes = |root: &&Id| {
        let kind = tree.field(**root, "kind").and_then(|kind| tree.text(kind));
        kind == Some("PrometheusRule")
    };
    let specs = tree.documents.iter().filter(of_kubernetes);
    let specs: Vec<Id> = specs.filter_map(|root| tree.field(*root, "spec")).collect();
    if !specs.is_empty() {
        return (specs, Vec::new());
    }
    let mut documents = tree.documents.iter().copied();
    let first = documents.next().into_iter().collect();
    let others = documents.filter(|root| tree.field(*root, "groups").is_some());
    (first, others.map(|root| tree.node(root).range).collect())
}

/// Whether a file that could be read holds rules.
pub(crate) fn has_rules(tree: &Tree) -> bool {
    let is_rule = |rule: &Id| {
        let has = |name| tree.field(*rule, name).is_some();
        has("alert") || has("record") || has("expr")
    };
    let has_rule = |group: &Id| {
        let rules = tree
            .field(*group, "rules")
            .and_then(|rules| tree.list(rules));
        rules.is_some_and(|rules| rules.iter().any(is_rule))
    };
    let groups = |root: &Id| {
        tree.field(*root, "groups")
            .and_then(|groups| tree.list(groups))
    };
    let (roots, _) = roots(tree);
    roots
        .iter()
        .filter_map(groups)
        .any(|groups| groups.iter().any(has_rule))
}

/// Takes a file apart.
pub(crate) fn document(tree: &Tree) -> Document {
    let (roots, unread) = roots(tree);
    let mut walk = Walk {
        tree,
        out: Document {
            unread,
            ..Document::default()
        },
        seen: BTreeSet::new(),
        names: BTreeSet::new(),
    };
    for root in roots {
        walk.names.clear();
        walk.root(root);
    }
    walk.out
}

struct Walk<'t> {
    tree: &'t Tree,
    out: Document,
    /// What an alias brings again is not judged again.
    seen: BTreeSet<Id>,
    names: BTreeSet<String>,
}

impl Walk<'_> {
    fn refuse(&mut self, at: Id, message: impl Into<String>) {
        self.out
            .refused
            .push((self.tree.node(at).range, message.into()));
    }

    fn root(&mut self, root: Id) {
        if self.tree.is_null(root) {
            return;
        }
        if !matches!(self.tree.node(root).value, Value::Map(_)) {
            return self.refuse(root, "a rule file is a map with `groups`");
        }
        match self.tree.field(root, "groups") {
            Some(groups) => self.each(groups, "`groups` is a list", Self::group),
            None => self.refuse(root, "there are no `groups` here"),
        }
    }

    /// Each element of a list once.
    fn each(&mut self, list: Id, what: &str, take: fn(&mut Self, Id)) {
        if self.tree.is_null(list) || !self.seen.insert(list) {
            return;
        }
        let Some(items) = self.tree.list(list) else {
            return self.refuse(list, what);
        };
        for item in items {
            if self.seen.insert(*item) {
                take(self, *item);
            }
        }
    }

    fn group(&mut self, group: Id) {
        let Some(fields) = self.tree.fields(group) else {
            return self.refuse(group, "a group is a map with `name` and `rules`");
        };
        let name = self
            .get(&fields, "name")
            .and_then(|(_, name)| self.tree.text(name));
        match name.map(str::to_owned) {
            None => self.refuse(group, "this group has no `name`"),
            Some(name) if name.is_empty() => self.refuse(group, "this group has no `name`"),
            Some(name) => {
                let shown = base::source::printable(name.as_bytes());
                if !self.names.insert(name) {
                    self.refuse(
                        group,
                        format!("a group of the name `{shown}` was there already"),
                    );
                }
            }
        }
        if let Some((_, rules)) = self.get(&fields, "rules") {
            self.each(rules, "`rules` is a list", Self::rule);
        }
    }

    fn rule(&mut self, rule: Id) {
        let Some(fields) = self.tree.fields(rule) else {
            return self.refuse(rule, "a rule is a map with `alert` or `record`, and `expr`");
        };
        let alert = self.get(&fields, "alert");
        let record = self.get(&fields, "record");
        let (is_record, name) = match (alert, record) {
            (Some((_, name)), None) => (false, name),
            (None, Some((_, name))) => (true, name),
            (Some((_, name)), Some(_)) => {
                return self.refuse(name, "a rule has `alert` or `record`, not both");
            }
            (None, None) => {
                return self.refuse(rule, "this rule has neither `alert` nor `record`");
            }
        };
        let hold = self.get(&fields, "for");
        if let Some((key, hold)) = hold {
            let text = self.tree.text(hold).unwrap_or_default();
            let is_told =
                self.tree.is_null(hold) || text == "0" || duration::milliseconds(text).is_some();
            if !is_told {
                self.refuse(hold, "`for` is a duration such as `5m`");
            } else if is_record {
                self.refuse(key, "a rule that records has no `for`");
            }
        }
        let expr = self
            .get(&fields, "expr")
            .filter(|(_, expr)| !self.tree.is_null(*expr));
        match expr {
            None => self.refuse(name, "this rule has no `expr`"),
            Some((_, expr)) if self.tree.text(expr).is_none() => {
                self.refuse(expr, "`expr` is a text");
            }
            // Shared by an anchor, it is judged where it is first.
            Some((key, expr)) => {
                if self.seen.insert(expr) {
                    self.out.rules.push(RuleNode {
                        name,
                        is_record,
                        key,
                        expr,
                    });
                }
            }
        }
    }

    fn get(&self, fields: &[(Id, Id)], name: &str) -> Option<(Id, Id)> {
        let mut fields = fields.iter().copied();
        fields.find(|(key, _)| self.tree.text(*key) == Some(name))
    }
}
