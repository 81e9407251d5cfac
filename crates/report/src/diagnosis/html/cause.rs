//! One cause: what it did, why we say so, what to change, and the lines it rests on.

use base::diagnosis::{ConfigPlace, Counted, Diagnosis, EvidenceLine, Group};

use super::markup::Html;
use super::{badge, harm_class, time};
use crate::diagnosis::said::said;
use crate::diagnosis::time::Zone;
use crate::diagnosis::words::{harm, harm_label, harms, many, number, rate, share};

/// Draws one cause.
pub(super) fn draw(diagnosis: &Diagnosis, index: usize, group: &Group, h: &mut Html) {
    let id = format!("cause-{}", index + 1);
    let heading = format!("{id}-heading");
    let class = format!("cause-card {}", harm_class(group.harm));
    let attributes = [
        ("id", id.as_str()),
        ("class", &class),
        ("aria-labelledby", &heading),
    ];
    h.tag("article", &attributes, |h| {
        h.tag("h3", &[("id", &heading)], |h| {
            h.text(&format!("{}. ", index + 1));
            h.prose(&group.title);
        });
        h.tag("p", &[("class", "marks")], |h| {
            badge(group.confidence, h);
            h.raw(" ");
            let class = format!("badge {}", harm_class(group.harm));
            h.leaf("span", &[("class", &class)], harm_label(group.harm));
            h.raw(" ");
            if group.cause != group.confidence.word() {
                h.leaf("code", &[], group.cause);
            }
        });
        extent(diagnosis, group, h);
        texts("Because", &group.because, h);
        candidates(group, h);
        change(group, h);
        texts("How to make sure", &group.make_sure, h);
        evidence(&group.evidence, h);
        places(&group.places, h);
        worst(group, h);
    });
}

/// How often, when, what it did, and what it follows from.
fn extent(diagnosis: &Diagnosis, group: &Group, h: &mut Html) {
    let zone = Zone(diagnosis.shown_offset);
    h.tag("p", &[], |h| {
        h.leaf("strong", &[], &many(group.count, "time"));
        match group.seen {
            Some((first, last)) if first == last => {
                h.raw(", at ");
                time(first, zone, h);
            }
            Some((first, last)) => {
                h.raw(", from ");
                time(first, zone, h);
                h.raw(" to ");
                time(last, zone, h);
            }
            None => h.raw(", at times that no line tells"),
        }
        if let Some(rate) = rate(group) {
            h.text(&format!(", {rate}"));
        }
        let harms = harms(group);
        // A single one is told by its badge.
        if harms.len() > 1 {
            let told: Vec<String> = harms.iter().map(|(kind, n)| harm(*kind, *n)).collect();
            h.text(&format!(": {}", told.join(", ")));
        }
        h.raw(".");
    });
    for (cause, n) in &group.led_by {
        h.tag("p", &[("class", "follows")], |h| {
            h.raw("Follows from ");
            match diagnosis.groups.iter().position(|g| g.cause == *cause) {
                Some(at) => {
                    let to = format!("#cause-{}", at + 1);
                    h.leaf("a", &[("href", &to)], &format!("{}. {cause}", at + 1));
                }
                None => h.leaf("code", &[], cause),
            }
            let (part, whole) = (number(*n), number(group.count));
            let share = share(*n, group.count);
            h.text(&format!(": {part} of {whole} ({share})."));
        });
    }
}

/// Sentences as a list; what has several lines is a command or configuration.
fn texts(title: &'static str, texts: &[String], h: &mut Html) {
    if texts.is_empty() {
        return;
    }
    h.leaf("h4", &[], title);
    h.tag("ul", &[], |h| {
        for text in texts {
            h.tag("li", &[], |h| match text.contains('\n') {
                true => block("", text, h),
                false => h.prose(text),
            });
        }
    });
}

fn candidates(group: &Group, h: &mut Html) {
    if !group.candidates.is_empty() {
        h.raw("<h4>What fits, and what would decide it</h4>");
        h.tag("dl", &[("class", "candidates")], |h| {
            for candidate in &group.candidates {
                h.tag("dt", &[], |h| {
                    h.prose(candidate.title);
                    h.raw(" ");
                    h.leaf("code", &[], candidate.cause);
                });
                h.tag("dd", &[], |h| {
                    h.raw("decided by ");
                    h.prose(&candidate.decides);
                });
            }
        });
    }
    if !group.make_decidable.is_empty() {
        h.raw("<h4>To decide the next one</h4>");
    }
    for snippet in &group.make_decidable {
        h.tag("p", &[], |h| {
            h.raw("write ");
            h.prose(&snippet.into);
            h.raw(":");
        });
        block("configuration", &snippet.text, h);
    }
}

fn change(group: &Group, h: &mut Html) {
    texts("What to change", &group.advice, h);
    if group.diff.is_empty() {
        return;
    }
    if group.advice.is_empty() {
        h.raw("<h4>What to change</h4>");
    }
    let attributes = [
        ("class", "diff"),
        ("tabindex", "0"),
        ("role", "region"),
        ("aria-label", "diff"),
    ];
    h.tag("pre", &attributes, |h| {
        for line in group.diff.lines() {
            let class = match line.as_bytes() {
                [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "file",
                [b'@', ..] => "hunk",
                [b'-', ..] => "del",
                [b'+', ..] => "add",
                _ => "same",
            };
            h.leaf("span", &[("class", class)], line);
            h.raw("\n");
        }
    });
}

/// Text to be copied.
fn block(label: &str, text: &str, h: &mut Html) {
    let label = if label.is_empty() { "command" } else { label };
    let attributes = [("tabindex", "0"), ("role", "region"), ("aria-label", label)];
    h.tag("pre", &attributes, |h| h.text(text.trim_end()));
}

fn evidence(lines: &[EvidenceLine], h: &mut Html) {
    if lines.is_empty() {
        return;
    }
    let title = format!("Evidence: {}", many(lines.len() as u64, "line"));
    h.tag("details", &[("open", "")], |h| {
        h.leaf("summary", &[], &title);
        h.tag("ul", &[("class", "lines")], |h| {
            for line in lines {
                h.tag("li", &[], |h| {
                    log_line(&line.file, line.line, line.text.as_deref(), h);
                });
            }
        });
    });
}

/// `file:line` and the line.
pub(super) fn log_line(file: &str, line: u64, text: Option<&str>, h: &mut Html) {
    h.leaf("span", &[("class", "file")], &format!("{file}:{line}"));
    if let Some(text) = text {
        h.excerpt(text);
    }
}

fn places(places: &[ConfigPlace], h: &mut Html) {
    if places.is_empty() {
        return;
    }
    h.raw("<h4>In the configuration</h4>");
    h.tag("ul", &[("class", "lines")], |h| {
        for place in places {
            h.tag("li", &[], |h| {
                let at = format!("{}:{}", place.file, place.line);
                h.leaf("span", &[("class", "file")], &at);
                h.raw(" ");
                h.tag("span", &[("class", "quiet")], |h| h.prose(&place.label));
                h.excerpt(place.text.trim_start());
            });
        }
    });
}

/// The worst routes, pools, scripts and statuses.
fn worst(group: &Group, h: &mut Html) {
    let lists = [
        ("Routes", &group.routes),
        ("Pools", &group.pools),
        ("Scripts", &group.scripts),
        ("Statuses", &group.statuses),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    h.tag("div", &[("class", "worst")], |h| {
        for (title, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
            h.tag("div", &[], |h| {
                h.leaf("h4", &[], title);
                h.tag("ul", &[], |h| list.iter().for_each(|item| counted(item, h)));
            });
        }
    });
}

fn counted(item: &Counted, h: &mut Html) {
    h.tag("li", &[], |h| {
        match item.name.is_empty() {
            true => h.leaf("span", &[("class", "what quiet")], "others"),
            false => h.leaf(
                "span",
                &[("class", "what"), ("title", &said(&item.name))],
                &item.name,
            ),
        }
        h.raw(" ");
        h.leaf("span", &[("class", "n")], &number(item.count));
    });
}
