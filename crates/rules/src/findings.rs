//! Where rules report. The sink knows which rule is running, so no rule can sign a finding with
//! another's name.

use base::{
    Because, Finding, Origin, Place, Setting, Severity, SortedMap, SortedSet, Span, Unjudged,
};

use crate::rule::Rule;

/// Collects the findings of one rule.
pub struct Findings {
    rule: &'static Rule,
    found: Vec<Finding>,
    needs: SortedSet<&'static str>,
}

impl Findings {
    /// An empty sink for a rule.
    pub(crate) fn of(rule: &'static Rule) -> Self {
        Self {
            rule,
            found: Vec::new(),
            needs: SortedSet::new(),
        }
    }

    /// Says that a fact about the machine is missing without which something was not judged. A
    /// noun: `the machine's memory`.
    pub fn needs(&mut self, fact: &'static str) {
        self.needs.insert(fact);
    }

    /// What was needed and missing.
    pub(crate) fn unjudged(&self) -> impl Iterator<Item = Unjudged> + '_ {
        let rule = self.rule.id;
        self.needs.iter().map(move |needs| Unjudged { rule, needs })
    }

    /// Starts a finding with its one primary place.
    pub fn report(
        &mut self,
        at: Span,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> Draft<'_> {
        self.found.push(Finding {
            rule: self.rule.id,
            severity: self.rule.severity,
            message: message.into(),
            primary: Place {
                span: at,
                label: label.into(),
            },
            related: Vec::new(),
            because: Vec::new(),
            help: None,
            routes: Vec::new(),
            fix: None,
        });
        let last = self.found.len() - 1;
        Draft {
            finding: &mut self.found[last],
        }
    }

    /// The findings, with equal ones of several routes made into one that names them all.
    pub(crate) fn merged(self) -> Vec<Finding> {
        let mut out: Vec<Finding> = Vec::new();
        let mut seen: SortedMap<(Span, String), usize> = SortedMap::new();
        for finding in self.found {
            let key = (finding.primary.span, finding.message.clone());
            match seen.get(&key) {
                Some(&at) => {
                    for route in finding.routes {
                        if !out[at].routes.contains(&route) {
                            out[at].routes.push(route);
                        }
                    }
                }
                None => {
                    seen.insert(key, out.len());
                    out.push(finding);
                }
            }
        }
        out
    }
}

/// A finding that is being written.
pub struct Draft<'f> {
    finding: &'f mut Finding,
}

impl Draft<'_> {
    /// Another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// Another place that belongs to it.
    pub fn related(self, span: Span, label: impl Into<String>) -> Self {
        self.finding.related.push(Place {
            span,
            label: label.into(),
        });
        self
    }

    /// A step of the because-chain.
    pub fn because(self, text: impl Into<String>, span: Option<Span>) -> Self {
        self.finding.because.push(Because {
            text: text.into(),
            span,
        });
        self
    }

    /// The step that says where a setting comes from: `fastcgi_read_timeout is 60s, the default of
    /// nginx 1.18+ (…)`. A written place other than the primary one is marked too.
    pub fn because_of<T: std::fmt::Display>(self, name: &str, setting: &Setting<T>) -> Self {
        let value = &setting.value;
        let (text, span) = match &setting.origin {
            Origin::Here(at) => (format!("`{name}` is {value}, set here"), Some(*at)),
            Origin::Inherited(at) => (
                format!("`{name}` is {value}, inherited from an outer block"),
                Some(*at),
            ),
            Origin::Overriding { at, over } => (
                format!(
                    "`{name}` is {value}, set here over {} other place{}",
                    over.len(),
                    if over.len() == 1 { "" } else { "s" }
                ),
                Some(*at),
            ),
            Origin::Default { version, manual } => (
                format!("`{name}` is {value}, the default of {version} ({manual})"),
                None,
            ),
        };
        let is_new = |at: &Span| {
            *at != self.finding.primary.span
                && self.finding.related.iter().all(|place| place.span != *at)
        };
        if let Some(at) = span.filter(is_new) {
            self.finding.related.push(Place {
                span: at,
                label: format!("{name} is {value}"),
            });
        }
        self.because(text, span)
    }

    /// What to do.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.finding.help = Some(text.into());
        self
    }

    /// A route that it concerns.
    pub fn route(self, label: &str) -> Self {
        self.finding.routes.push(label.to_owned());
        self
    }
}
