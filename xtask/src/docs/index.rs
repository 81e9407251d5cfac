//! The first page: what can be searched, and every page by group, by severity and by cause.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;

use super::layout::whole;
use super::markdown::words;
use super::page::entry;
use super::read::{Kind, Page};

/// Worst first.
const SEVERITIES: [(&str, &str); 3] = [
    ("error", "Errors: wrong now"),
    (
        "warning",
        "Warnings: will hurt under load or at the next reload",
    ),
    ("info", "Notes: good to know, shown with --strict"),
];

/// The whole page.
pub(crate) fn html(pages: &[Page]) -> String {
    let rules = pages.iter().filter(|p| matches!(p.kind, Kind::Rule { .. }));
    let causes = pages
        .iter()
        .filter(|p| matches!(p.kind, Kind::Cause { .. }));
    let (rules, causes): (Vec<_>, Vec<_>) = (rules.collect(), causes.collect());
    let mut main = format!(
        "<h1>Rules and causes</h1>\n<p class=\"lead\">What <code>badgateway check</code> finds in \
         configurations of nginx and PHP-FPM ({} rules), and what <code>badgateway diagnose</code> \
         finds in their logs ({} causes). Each page is what <code>badgateway explain</code> \
         prints.</p>\n<section id=\"found\" aria-label=\"Results\" hidden><p role=\"status\"></p>\
         <ol class=\"list\"></ol></section>\n<div id=\"all\">\n",
        rules.len(),
        causes.len()
    );
    by_group(&mut main, &rules);
    by_severity(&mut main, &rules);
    main.push_str("<h2 id=\"causes\">Causes</h2>\n");
    list(&mut main, &causes);
    main.push_str("</div>\n");
    let _infallible = writeln!(
        main,
        "<script type=\"application/json\" id=\"index\">{}</script>",
        records(pages)
    );
    whole("Rules and causes – badgateway", "", &main)
}

fn by_group(main: &mut String, rules: &[&Page]) {
    let mut groups: BTreeMap<&str, Vec<&Page>> = BTreeMap::new();
    for rule in rules {
        if let Kind::Rule { group, .. } = &rule.kind {
            groups.entry(group).or_default().push(rule);
        }
    }
    main.push_str("<h2 id=\"rules\">Rules by group</h2>\n<p class=\"jump\">");
    for (group, rules) in &groups {
        let _infallible = write!(
            main,
            "<a href=\"#group-{group}\">{group}</a> <span>{}</span> ",
            rules.len()
        );
    }
    main.push_str("</p>\n");
    for (group, rules) in &groups {
        let _infallible = writeln!(main, "<h3 id=\"group-{group}\">{group}</h3>");
        list(main, rules);
    }
}

fn by_severity(main: &mut String, rules: &[&Page]) {
    main.push_str("<h2 id=\"by-severity\">Rules by severity</h2>\n");
    for (wanted, title) in SEVERITIES {
        let of = |page: &&&Page| match &page.kind {
            Kind::Rule { severity, .. } => severity == wanted,
            Kind::Cause { .. } => false,
        };
        let same: Vec<&&Page> = rules.iter().filter(of).collect();
        let _infallible = write!(
            main,
            "<h3 id=\"severity-{wanted}\">{title}</h3>\n<ul class=\"names {wanted}\">\n"
        );
        for page in same {
            let (path, id) = (page.path(), &page.id);
            let _infallible = writeln!(main, "<li><a href=\"{path}\">{id}</a></li>");
        }
        main.push_str("</ul>\n");
    }
}

fn list(main: &mut String, pages: &[&Page]) {
    main.push_str("<ul class=\"list\">\n");
    for page in pages {
        entry(main, page, "");
    }
    main.push_str("</ul>\n");
}

/// What the script searches: each page with its words, each once.
fn records(pages: &[Page]) -> String {
    let record = |page: &Page| {
        let (mark, title) = match &page.kind {
            Kind::Rule { severity, .. } => (severity.as_str(), &page.summary),
            Kind::Cause { title, .. } => ("cause", title),
        };
        json!({
            "path": page.path(),
            "id": page.id,
            "mark": mark,
            "title": title.replace('`', ""),
            "words": unique(&format!("{} {}", page.summary, words(&page.text))),
        })
    };
    let list: Vec<_> = pages.iter().map(record).collect();
    // The one thing that ends a script's text.
    serde_json::Value::from(list)
        .to_string()
        .replace('<', "\\u003c")
}

/// As the script cuts its words, too: letters, digits and what names of settings have.
fn unique(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !(c.is_alphanumeric() || "_.-$".contains(c)));
    let words: BTreeSet<&str> = words
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.is_empty())
        .collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}
