//! The comment on a pull request: whatever a file holds, it stays text, and it always fits.

use std::collections::BTreeSet;

use pulldown_cmark::{Options, Parser, html};
use report::Format;
use roxmltree::Document;

use crate::fixture::{Fixture, PLAIN, fixture, rendered};
use crate::hostile::{hostile, many, report};

/// What GitHub takes for the body of a comment.
const LIMIT: usize = 65_536;

/// Every element that the comment is made of.
const ELEMENTS: &[&str] = &[
    "body", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "pre",
    "details", "summary", "ul", "li",
];

fn comment(fixture: &Fixture) -> String {
    rendered(&report(fixture), Format::Markdown, &PLAIN)
}

/// As GitHub renders it, with all of its extensions that pulldown-cmark knows.
fn page(markdown: &str) -> String {
    let mut out = String::from("<body>");
    html::push_html(&mut out, Parser::new_ext(markdown, Options::all()));
    out.push_str("</body>");
    out
}

/// Elements that are there, and every text outside of code.
fn read(page: &str) -> (BTreeSet<String>, Vec<String>) {
    let document = Document::parse(page).unwrap_or_else(|error| panic!("{error} in\n{page}"));
    let mut elements = BTreeSet::new();
    let mut prose = Vec::new();
    for node in document.descendants() {
        if node.is_element() {
            elements.insert(node.tag_name().name().to_owned());
            let styled = ["td", "th"].contains(&node.tag_name().name());
            assert!(node.attributes().len() == 0 || styled, "{node:?}");
        }
        assert!(!node.is_comment() && !node.is_pi(), "{node:?}");
        let mut above = node.ancestors();
        if node.is_text() && !above.any(|a| a.has_tag_name("code") || a.has_tag_name("pre")) {
            prose.push(node.text().unwrap_or_default().to_owned());
        }
    }
    (elements, prose)
}

fn all() -> Vec<Fixture> {
    let mut empty = fixture();
    empty.findings.clear();
    empty.problems.clear();
    vec![fixture(), hostile(), many(), empty]
}

#[test]
fn nothing_breaks_out() {
    for fixture in all() {
        let page = page(&comment(&fixture));
        let (elements, prose) = read(&page);
        for element in &elements {
            assert!(
                ELEMENTS.contains(&element.as_str()),
                "<{element}> in {page}"
            );
        }
        for text in prose {
            assert_names_nobody(&text);
        }
    }
}

/// What GitHub makes links of in the text of a page.
fn assert_names_nobody(text: &str) {
    let letters: Vec<char> = text.chars().collect();
    for pair in letters.windows(2) {
        let starts = matches!(pair[0], '@' | '#') && pair[1].is_alphanumeric();
        assert!(!starts, "{pair:?} in {text}");
    }
    let lower = text.to_lowercase();
    for word in ["://", "www.", "gh-"] {
        assert!(!lower.contains(word), "{word} in {text}");
    }
    let mut hex = text.split(|c: char| !c.is_ascii_hexdigit());
    assert!(hex.all(|run| run.len() < 7), "a commit in {text}");
}

#[test]
fn each_is_folded_with_place_reason_and_advice() {
    let comment = comment(&fixture());
    let page = page(&comment);
    let document = Document::parse(&page).expect("balanced");
    let folded = |node: &roxmltree::Node<'_, '_>| node.has_tag_name("details");
    let fixture = fixture();
    let wanted = fixture.findings.len() + fixture.problems.len();
    assert_eq!(document.descendants().filter(folded).count(), wanted);
    for details in document.descendants().filter(folded) {
        let summary = details.first_element_child().expect("a summary");
        assert!(summary.has_tag_name("summary"));
    }
    for part in [
        "shop.conf:4",
        "<li>Because <code>request_terminate_timeout</code> is 110s",
        "<li>What to do: ",
        "<li>Rule: <code>read-timeout-below-terminate</code>",
        "**Not everything could be judged:**",
    ] {
        assert!(comment.contains(part), "no `{part}` in\n{comment}");
    }
    let order = [
        "### badgateway",
        "#### Not judged",
        "#### Errors",
        "#### Warnings",
    ];
    let places: Vec<_> = order.iter().map(|part| comment.find(part)).collect();
    assert!(places.is_sorted() && places[0] == Some(0), "{places:?}");
}

#[test]
fn it_always_fits_and_says_what_it_left_out() {
    let fixture = many();
    let comment = comment(&fixture);
    assert!(comment.encode_utf16().count() < LIMIT);
    let left = comment.rsplit("\n**").next().expect("the last paragraph");
    let left: usize = left
        .split(' ')
        .next()
        .and_then(|number| number.replace(',', "").parse().ok())
        .expect("a number");
    let shown = comment.matches("<details>").count();
    let entries = fixture.findings.len() + fixture.problems.len();
    assert_eq!(shown + left, entries);
    assert!(shown > 50, "{shown}");
    // The one that is too long by itself is there in short.
    assert!(comment.contains(&format!("{}…", "x".repeat(300))));
}

#[test]
fn hostile_in_short_is_hostile_too() {
    let mut fixture = hostile();
    for finding in &mut fixture.findings {
        let step = base::Because {
            text: "<b>@a".repeat(900),
            span: None,
        };
        finding.because = vec![step; 9];
        finding.message = finding.message.repeat(20);
    }
    let (elements, prose) = read(&page(&comment(&fixture)));
    let known = elements.iter().all(|e| ELEMENTS.contains(&e.as_str()));
    assert!(known, "{elements:?}");
    prose.iter().for_each(|text| assert_names_nobody(text));
}
