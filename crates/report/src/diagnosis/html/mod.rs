//! The answer as one page: for the colleague who was not there, and for the ticket.
//!
//! It asks nothing of anybody: no other file, no network, and no script, which only adds filters,
//! sorting and buttons that copy. Its own policy forbids everything else, so that what a log holds
//! could do nothing even if it got through the escaping.

mod cause;
mod chart;
mod logs;
mod markup;
mod places;
mod summary;
mod tables;

use std::io;

use self::markup::Html;
use super::Answer;
use super::time::Zone;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the browser lets through; the hashes are those of the two files, which a test compares.
const POLICY: &str = concat!(
    "default-src 'none'; ",
    "style-src 'sha256-KQ7opexLVQ6C6P6xV3Aj3NDpeVDwkweF5XvhFFNMw4U='; ",
    "script-src 'sha256-YCP7zsAHOcEPn6YenxgocUU/mxuf84i8RuMdoKMJdY0='; ",
    "img-src data:; base-uri 'none'; form-action 'none'"
);

/// Writes the page.
pub(super) fn render(answer: &Answer<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n");
    html.tag("html", &[("lang", "en")], |h| {
        h.tag("head", &[], head);
        h.tag("body", &[], |h| body(answer, h));
    });
    html.raw("\n");
    out.write_all(html.into_string().as_bytes())
}

fn head(h: &mut Html) {
    h.raw("\n<meta charset=\"utf-8\">\n");
    h.open(
        "meta",
        &[
            ("http-equiv", "Content-Security-Policy"),
            ("content", POLICY),
        ],
    );
    h.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    h.raw("\n<meta name=\"color-scheme\" content=\"light dark\">");
    h.raw("\n<meta name=\"referrer\" content=\"no-referrer\">");
    // Otherwise a browser asks the server that serves the page for an icon.
    h.raw("\n<link rel=\"icon\" href=\"data:,\">");
    h.raw("\n<title>Why requests failed · badgateway</title>\n<style>");
    h.raw(STYLE);
    h.raw("</style>\n");
}

fn body(answer: &Answer<'_>, h: &mut Html) {
    let diagnosis = answer.diagnosis;
    let zone = Zone(diagnosis.shown_offset);
    h.raw("\n<a class=\"skip\" href=\"#main\">Skip to the summary</a>\n");
    h.tag("header", &[("class", "top")], |h| {
        h.raw("<p class=\"brand\"><strong>badgateway</strong> diagnosis</p>");
        h.tag("p", &[("class", "quiet")], |h| {
            h.text(&format!("all times in {}", zone.name()));
        });
        contents(answer, h);
    });
    h.raw("\n<main id=\"main\" tabindex=\"-1\">");
    summary::draw(answer, h);
    summary::problems(answer, h);
    chart::draw(diagnosis, h);
    tables::causes(diagnosis, h);
    if !diagnosis.groups.is_empty() {
        section("causes", "The causes", h, |h| {
            for (index, group) in diagnosis.groups.iter().enumerate() {
                cause::draw(diagnosis, index, group, h);
            }
        });
    }
    places::draw(diagnosis, h);
    tables::incidents(diagnosis, h);
    logs::draw(diagnosis, h);
    h.raw("\n</main>\n");
    h.tag("footer", &[("class", "quiet")], |h| {
        h.text(&format!("Written by badgateway {}. ", answer.version));
        h.raw("This page loads nothing from anywhere.");
    });
    h.raw("\n<script>");
    h.raw(SCRIPT);
    h.raw("</script>\n");
}

fn contents(answer: &Answer<'_>, h: &mut Html) {
    let diagnosis = answer.diagnosis;
    let links = [
        ("#summary", "Summary", true),
        ("#problems", "Not read", !answer.problems.is_empty()),
        ("#timeline", "Timeline", chart::is_drawn(diagnosis)),
        ("#causes", "Causes", !diagnosis.groups.is_empty()),
        ("#where", "Where", !diagnosis.groups.is_empty()),
        ("#incidents", "Incidents", !diagnosis.incidents.is_empty()),
        ("#logs", "Logs", !diagnosis.sources.is_empty()),
    ];
    h.tag("nav", &[("aria-label", "Contents")], |h| {
        h.tag("ul", &[], |h| {
            for (to, name, _) in links.iter().filter(|(_, _, there)| *there) {
                h.tag("li", &[], |h| h.leaf("a", &[("href", to)], name));
            }
        });
    });
}

/// A part of the page with its heading.
fn section(id: &str, title: &str, h: &mut Html, inside: impl FnOnce(&mut Html)) {
    let heading = format!("{id}-heading");
    h.tag(
        "section",
        &[("id", id), ("aria-labelledby", &heading)],
        |h| {
            h.leaf("h2", &[("id", &heading)], title);
            inside(h);
        },
    );
}

/// A moment, for people and for programs.
fn time(ms: i64, zone: Zone, h: &mut Html) {
    let utc = super::time::rfc3339(ms);
    h.leaf("time", &[("datetime", &utc)], &zone.when(ms));
}

/// How sure a cause is: a word with a mark in front, never a colour alone.
fn badge(confidence: base::diagnosis::Confidence, h: &mut Html) {
    use base::diagnosis::Confidence;
    let (class, mark) = match confidence {
        Confidence::Certain => ("badge certain", "●"),
        Confidence::Likely => ("badge likely", "◐"),
        Confidence::Undetermined => ("badge undetermined", "○"),
    };
    let what = super::words::confidence(confidence);
    h.tag("span", &[("class", class), ("title", what)], |h| {
        h.leaf("span", &[("aria-hidden", "true")], mark);
        h.raw(" ");
        h.text(confidence.word());
    });
}

/// A class for the colour of a harm; its name always stands beside it.
fn harm_class(harm: base::diagnosis::Harm) -> &'static str {
    use base::diagnosis::Harm;
    match harm {
        Harm::ErrorPage => "error",
        Harm::BrokenPage => "broken",
        Harm::Unknown => "unknown",
        Harm::ClientLeft => "left",
        Harm::Hidden => "hidden-harm",
    }
}
