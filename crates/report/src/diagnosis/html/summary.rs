//! The first screen: how many, why, what to change first, and what was not read.

use base::diagnosis::Harm;

use super::markup::Html;
use super::{badge, harm_class, section};
use crate::diagnosis::Answer;
use crate::diagnosis::lead::lead;
use crate::diagnosis::words::{harm_label, number, of_harm};
use crate::place::locate;

/// Harms, worst first.
const HARMS: [Harm; 5] = [
    Harm::ErrorPage,
    Harm::BrokenPage,
    Harm::Unknown,
    Harm::ClientLeft,
    Harm::Hidden,
];

/// Draws the summary.
pub(super) fn draw(answer: &Answer<'_>, h: &mut Html) {
    let lead = lead(answer);
    let groups = &answer.diagnosis.groups;
    let attributes = [("id", "summary"), ("aria-labelledby", "headline")];
    h.tag("section", &attributes, |h| {
        h.tag("h1", &[("id", "headline"), ("class", "sentence")], |h| {
            h.prose(&lead.headline);
        });
        if let Some(text) = &lead.when {
            h.tag("p", &[("class", "when sentence")], |h| h.prose(text));
        }
        if let (Some(text), Some((first, _))) = (&lead.cause, lead.groups) {
            h.tag("p", &[("class", "cause")], |h| {
                badge(groups[first].confidence, h);
                h.raw(" ");
                h.tag("span", &[("class", "sentence")], |h| h.prose(text));
            });
        }
        if let (Some(text), Some((_, root))) = (&lead.change, lead.groups) {
            h.tag("div", &[("class", "change")], |h| {
                h.raw("<h2>Change first</h2>");
                h.tag("p", &[("class", "sentence")], |h| h.prose(text));
                let to = format!("#cause-{}", root + 1);
                let name = format!("why, and how to make sure: cause {}", root + 1);
                h.tag("p", &[], |h| h.leaf("a", &[("href", &to)], &name));
            });
        }
        tiles(answer, h);
        for text in &lead.gaps {
            h.tag("p", &[("class", "warning sentence")], |h| h.prose(text));
        }
    });
}

fn tiles(answer: &Answer<'_>, h: &mut Html) {
    let counts = HARMS.map(|harm| (harm, of_harm(answer.diagnosis, harm)));
    if counts.iter().all(|(_, n)| *n == 0) {
        return;
    }
    h.tag("dl", &[("class", "tiles")], |h| {
        for (harm, n) in counts.into_iter().filter(|(_, n)| *n > 0) {
            let class = format!("tile {}", harm_class(harm));
            h.tag("div", &[("class", &class)], |h| {
                h.leaf("dt", &[], harm_label(harm));
                h.leaf("dd", &[], &number(n));
            });
        }
    });
}

/// Lists what could not be read or decided: it makes everything else less certain.
pub(super) fn problems(answer: &Answer<'_>, h: &mut Html) {
    if answer.problems.is_empty() {
        return;
    }
    section("problems", "Not read or not decided", h, |h| {
        h.tag("ul", &[("class", "problems")], |h| {
            for problem in answer.problems {
                h.tag("li", &[], |h| {
                    h.leaf("strong", &[], problem.kind.word());
                    h.raw(": ");
                    h.prose(&problem.message);
                    if let Some(span) = problem.span {
                        h.raw(" ");
                        h.leaf("code", &[], &locate(answer.sources, span).short());
                    }
                    if let Some(help) = &problem.help {
                        h.raw("<br>");
                        h.tag("span", &[("class", "quiet")], |h| h.prose(help));
                    }
                });
            }
        });
    });
}
