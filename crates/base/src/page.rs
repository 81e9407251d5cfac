//! Pages: the doc comments of rules and causes, which are also their `explain` text and the words
//! of reports.

use crate::{FixLevel, Severity};

/// What is said of a rule, whatever it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Kebab-case; names the fault; readable after "allow".
    pub id: &'static str,
    /// Where it stands in lists.
    pub group: &'static str,
    /// The severity of its findings unless it grades them itself.
    pub severity: Severity,
    /// Whether its fix may be written.
    pub fix: FixLevel,
    /// The first version of badgateway that has it.
    pub since: &'static str,
    /// Markdown: a summary sentence, then `## Why it matters`, `## Bad`, `## Good`, `## Fix` if
    /// there is one, `## References`.
    pub doc: &'static str,
}

impl Head {
    /// The first sentence of the page.
    pub fn summary(&self) -> &'static str {
        summary(self.doc)
    }

    /// The page without the space that rustdoc puts in front of each line.
    pub fn page(&self) -> String {
        page(self.doc)
    }

    /// The text of one `## Heading`, without the heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        section(self.doc, heading)
    }
}

/// The first paragraph of a doc comment.
pub fn summary(doc: &str) -> &str {
    let doc = doc.trim_start();
    let end = doc.find("\n\n").unwrap_or(doc.len());
    doc[..end].trim_end()
}

/// The page without the space that rustdoc puts in front of each line.
pub fn page(doc: &str) -> String {
    let lines = doc.lines().map(|l| l.strip_prefix(' ').unwrap_or(l));
    let mut page = lines.collect::<Vec<_>>().join("\n");
    page.push('\n');
    page
}

/// The text of one `## Heading`, without the heading.
pub fn section(doc: &str, heading: &str) -> Option<String> {
    let page = page(doc);
    let start = page.find(&format!("\n## {heading}\n"))? + heading.len() + 5;
    let rest = &page[start..];
    let end = rest.find("\n## ").unwrap_or(rest.len());
    Some(rest[..end].trim().to_owned())
}

/// The points of a section that is a list, each as one line.
pub fn points(doc: &str, heading: &str) -> Vec<String> {
    let text = section(doc, heading).unwrap_or_default();
    let mut points: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("- "), points.last_mut()) {
            (Some(point), _) => points.push(point.trim().to_owned()),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            (None, None) => points.push(line.trim().to_owned()),
        }
    }
    points.retain(|point| !point.is_empty());
    points
}
