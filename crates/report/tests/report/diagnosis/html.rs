//! The page: whole, closed to what is in the logs, and allowed to do what it does and no more.

use std::collections::BTreeSet;

use base::diagnosis::Diagnosis;
use sha2::{Digest, Sha256};

use super::fixture::{Fixture, HOSTILE, diagnosis, html};

/// Elements that have no end.
const VOID: &[&str] = &["meta", "link", "br", "input"];

/// A tag with its attributes.
#[derive(Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the page more strictly than a browser does: every tag ends, every value is quoted.
fn parse(page: &str) -> Vec<Tag> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    let mut open: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "a bare > near {:?}", &rest[..at]);
        rest = &rest[at + 1..];
        let (inside, behind) = rest.split_once('>').expect("a tag ends");
        rest = behind;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let tag = tag(inside);
        if tag.name == "style" || tag.name == "script" {
            let end = rest.find(&format!("</{}>", tag.name)).expect("an end");
            rest = &rest[end..];
        }
        if !VOID.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "{open:?}");
    tags
}

fn tag(inside: &str) -> Tag {
    let is_name = |text: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !text.is_empty() && text.chars().all(is_letter)
    };
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(is_name(name), "{inside}");
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("a value in quotes");
        let (value, behind) = value.split_once('"').expect("a quote that ends");
        assert!(is_name(name), "{inside}");
        assert!(!value.contains('<'), "{inside}");
        attributes.push((name.to_owned(), value.to_owned()));
        rest = behind.trim_start_matches(' ');
    }
    let name = name.to_owned();
    Tag { name, attributes }
}

fn full() -> String {
    html(&Fixture::full())
}

#[test]
fn snapshot() {
    let mut short = diagnosis();
    short.groups.truncate(2);
    for group in &mut short.groups {
        group.timeline.truncate(30);
    }
    short.sources.truncate(2);
    short.sources[0].examples.truncate(1);
    let page = html(&Fixture::new(short, vec![]));
    let (_, body) = page.split_once("<body>").expect("a body");
    let (body, _) = body.split_once("<script>").expect("a script");
    insta::assert_snapshot!(body);
}

#[test]
fn well_formed() {
    for fixture in [
        Fixture::full(),
        Fixture::new(Diagnosis::default(), vec![]),
        Fixture::new(diagnosis(), vec![]),
    ] {
        let tags = parse(&html(&fixture));
        let mut ids = BTreeSet::new();
        for id in tags.iter().filter_map(|tag| tag.get("id")) {
            assert!(ids.insert(id), "{id} twice");
        }
        for tag in &tags {
            for (name, value) in &tag.attributes {
                assert!(!name.starts_with("on") && name != "style", "{tag:?}");
                if name == "aria-labelledby" {
                    assert!(ids.contains(value.as_str()), "{tag:?}");
                }
                let target = (name == "href").then(|| value.strip_prefix('#'));
                if let Some(Some(target)) = target {
                    assert!(ids.contains(target), "{tag:?}");
                }
            }
        }
    }
}

/// Nothing is fetched: the only addresses are places of the page and the empty icon.
#[test]
fn asks_nobody() {
    for tag in parse(&full()) {
        for name in [
            "src",
            "href",
            "action",
            "data",
            "srcset",
            "poster",
            "xlink:href",
        ] {
            let value = tag.get(name).unwrap_or("#");
            assert!(value.starts_with('#') || value == "data:,", "{tag:?}");
        }
        assert!(!["img", "iframe", "object", "base", "form"].contains(&tag.name.as_str()));
    }
    let page = full();
    for word in [
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "eval(",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

/// What a stranger wrote is text, wherever it is shown.
#[test]
fn nothing_gets_out_of_its_place() {
    let page = full();
    for canary in HOSTILE {
        assert!(!page.contains(canary), "{canary:?}");
    }
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert!(page.contains("⟨U+202E⟩") && page.contains("⟨U+001B⟩"));
    // What looks escaped already is shown as it was written.
    assert!(page.contains("&amp;lt;already&amp;amp;escaped"));
    let unseen = |c: &char| {
        (c.is_control() && *c != '\n' && *c != '\t')
            || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(*c)
    };
    assert_eq!(page.chars().find(unseen), None);
    // One element of each, ours.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(!page.contains("<!--"));
}

fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, behind) = page.split_once(from).expect(from);
    behind.split_once(to).expect(to).0
}

/// The hashes are constants, so that the product needs no crate for them. When this fails, the
/// style or the script was changed: write the hash it names into `html/mod.rs`.
#[test]
fn policy_allows_our_style_and_script_only() {
    let page = full();
    let tags = parse(&page);
    let policy = tags.iter().find(|tag| tag.get("http-equiv").is_some());
    let policy = policy.and_then(|tag| tag.get("content")).expect("a policy");
    let policy = policy.replace("&#39;", "'");
    let hash = |name: &str| {
        let text = between(&page, &format!("<{name}>"), &format!("</{name}>"));
        data_encoding::BASE64.encode(&Sha256::digest(text))
    };
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
             img-src data:; base-uri 'none'; form-action 'none'",
            hash("style"),
            hash("script")
        )
    );
}

/// A run without failures has a page too, which claims no more than the terminal does.
#[test]
fn nothing_found() {
    let page = html(&Fixture::new(Diagnosis::default(), vec![]));
    assert!(page.contains("no log was read, so nothing can be said"));
    assert!(!page.contains("<table") && !page.contains("<svg"));
    let page = html(&Fixture::new(
        Diagnosis::default(),
        super::fixture::problems(),
    ));
    assert!(page.contains("not everything could be judged"));
    assert!(page.contains("permission denied"));
}

/// To look at: `BADGATEWAY_PAGE=/tmp/x.html cargo test -p report -- --ignored page_to_look_at`.
#[test]
#[ignore = "writes the page for eyes"]
#[expect(
    clippy::disallowed_methods,
    reason = "writes where the reader asks for it"
)]
fn page_to_look_at() {
    // Those who run all ignored tests did not ask for a page.
    let Ok(path) = std::env::var("BADGATEWAY_PAGE") else {
        return;
    };
    std::fs::write(path, full()).expect("the page can be written");
}
