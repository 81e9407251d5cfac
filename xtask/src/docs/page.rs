//! The page of one rule or cause.

use std::fmt::Write as _;

use super::layout::{badge, whole};
use super::markdown::{Additions, escape, render};
use super::read::{Kind, Page};

/// The whole page.
pub(crate) fn html(page: &Page, all: &[Page]) -> String {
    let address = |name: &str| {
        let named = all.iter().filter(|other| other.id == name);
        let mut others = named.filter(|other| other.path() != page.path());
        others.next().map(|other| format!("../{}", other.path()))
    };
    let after = match &page.kind {
        Kind::Rule { report, .. } => vec![("Bad", said(report))],
        Kind::Cause { .. } => vec![],
    };
    let text = render(
        &page.text,
        &Additions {
            address: &address,
            after: &after,
        },
    );
    let class = match &page.kind {
        Kind::Rule { severity, .. } => format!("page {severity}"),
        Kind::Cause { .. } => "page cause".to_owned(),
    };
    let related = related(page, all);
    let main = format!("<article class=\"{class}\">\n{text}{related}</article>\n");
    whole(&format!("{} – badgateway", page.id), "../", &main)
}

/// The report of the bad example; its first line is the finding's.
fn said(report: &str) -> String {
    let (first, rest) = report.split_once('\n').unwrap_or((report, ""));
    format!(
        "<figure class=\"report\"><figcaption><code>badgateway check</code> says</figcaption>\
         <pre tabindex=\"0\"><code><b>{}</b>\n{}</code></pre></figure>\n",
        escape(first),
        escape(rest.trim_end())
    )
}

/// Rules whose fix ends a cause, or causes that the fix of a rule ends.
fn related(page: &Page, all: &[Page]) -> String {
    let (title, others): (&str, Vec<&Page>) = match &page.kind {
        Kind::Rule { .. } => {
            let ends = |other: &&Page| match &other.kind {
                Kind::Cause { rules, .. } => rules.contains(&page.id),
                Kind::Rule { .. } => false,
            };
            (
                "Causes that its fix ends",
                all.iter().filter(ends).collect(),
            )
        }
        Kind::Cause { rules, .. } => {
            let is_rule = |other: &Page| matches!(other.kind, Kind::Rule { .. });
            let named = |other: &&Page| is_rule(other) && rules.contains(&other.id);
            (
                "Rules whose fix ends it",
                all.iter().filter(named).collect(),
            )
        }
    };
    if others.is_empty() {
        return String::new();
    }
    let mut out = format!("<h2 id=\"related\">{title}</h2>\n<ul class=\"list\">\n");
    for other in others {
        entry(&mut out, other, "../");
    }
    out.push_str("</ul>\n");
    out
}

/// One line of a list.
pub(crate) fn entry(out: &mut String, page: &Page, home: &str) {
    let (mark, text) = match &page.kind {
        Kind::Rule { severity, .. } => (badge(severity), &page.summary),
        Kind::Cause { title, .. } => (String::new(), title),
    };
    let _infallible = writeln!(
        out,
        "<li><a href=\"{home}{}\">{}</a> {mark} <span class=\"text\">{}</span></li>",
        page.path(),
        page.id,
        prose(text)
    );
}

/// A sentence with code in backticks.
pub(crate) fn prose(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        match number % 2 {
            0 => out.push_str(&escape(part)),
            _ => {
                let _infallible = write!(out, "<code>{}</code>", escape(part));
            }
        }
    }
    out
}
