//! What must hold of the site before it is written: it is whole, its links lead somewhere, and
//! nothing in it asks for anything outside.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::layout::hash;
use super::read::Page;

/// Markup that loads or runs something.
const LOADING: &[&str] = &[
    "<link",
    "<img",
    "<svg",
    "<iframe",
    "<object",
    "<embed",
    "<video",
    "<audio",
    "<source",
    "<base",
    " src=",
    " srcset=",
    " action=",
    " onclick=",
    " onload=",
    " onerror=",
    " style=",
];
/// Words of a style or script that load or run something.
const CALLING: &[&str] = &[
    "url(",
    "@import",
    "@font-face",
    "fetch(",
    "XMLHttpRequest",
    "WebSocket",
    "EventSource",
    "sendBeacon",
    "import(",
    "eval(",
    "innerHTML",
    "http:",
    "https:",
];

/// Everything that is wrong, in words.
pub(crate) fn slips(files: &[File], pages: &[Page]) -> Vec<String> {
    let of = |file: &File| (file.path.clone(), attributes(&markup(&file.text), "id"));
    let ids: BTreeMap<String, Vec<String>> = files.iter().map(of).collect();
    let mut slips = Vec::new();
    for file in files {
        slips.extend(own(file, &ids));
        slips.extend(links(file, &ids));
    }
    slips.extend(missing(files, pages));
    slips
}

/// What is wrong with a file by itself.
fn own(file: &File, ids: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let path = &file.path;
    let mut slips = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids.get(path).into_iter().flatten() {
        if !seen.insert(id) {
            slips.push(format!("{path}: the id `{id}` is there twice"));
        }
    }
    // Text is escaped, so that a tag is a tag.
    for tag in tags(&markup(&file.text)) {
        let loads = LOADING
            .iter()
            .filter(|word| format!("<{tag}").contains(*word));
        slips.extend(loads.map(|word| format!("{path}: `{word}` in <{tag}>")));
    }
    for (name, policy) in [("style", "style-src"), ("script", "script-src")] {
        for text in bodies(&file.text, name) {
            let calls = CALLING.iter().filter(|word| text.contains(*word));
            slips.extend(calls.map(|word| format!("{path}: `{word}` in <{name}>")));
            if !file.text.contains(&format!("{policy} '{}'", hash(text))) {
                slips.push(format!("{path}: the policy does not know the <{name}>"));
            }
        }
    }
    if !file.text.contains("\"default-src 'none';") {
        slips.push(format!("{path}: no policy"));
    }
    slips
}

/// Links that lead nowhere.
fn links(file: &File, ids: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut slips = Vec::new();
    for tag in tags(&markup(&file.text)) {
        for address in attributes(&format!("<{tag}>"), "href") {
            let outside = ["https://", "http://"]
                .iter()
                .any(|s| address.starts_with(s));
            let anchor = tag.starts_with("a ");
            if !anchor || !(outside || leads(&file.path, &address, ids)) {
                slips.push(format!("{}: `{address}` leads nowhere", file.path));
            }
        }
    }
    slips
}

fn leads(from: &str, address: &str, ids: &BTreeMap<String, Vec<String>>) -> bool {
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = match (path, path.strip_prefix("../")) {
        ("", _) => from.to_owned(),
        (_, Some(rest)) if !folder.is_empty() => rest.to_owned(),
        (path, _) if folder.is_empty() => path.to_owned(),
        (path, _) => format!("{folder}/{path}"),
    };
    match ids.get(&path) {
        Some(ids) => fragment.is_empty() || ids.iter().any(|id| id == fragment),
        None => false,
    }
}

/// Rules and causes without a page, a link on the first page, or a way to be found.
fn missing(files: &[File], pages: &[Page]) -> Vec<String> {
    let mut slips = Vec::new();
    let index = files.iter().find(|file| file.path == "index.html");
    let index = index.map_or("", |file| file.text.as_str());
    let (_, records) = index.split_once("id=\"index\">").unwrap_or_default();
    let records = records.split("</script>").next().unwrap_or_default();
    let records: Vec<serde_json::Value> = serde_json::from_str(records).unwrap_or_default();
    for page in pages {
        let path = page.path();
        if !files.iter().any(|file| file.path == path) {
            slips.push(format!("{} has no page", page.id));
        }
        if !index.contains(&format!("href=\"{path}\"")) {
            slips.push(format!("{} is not on the first page", page.id));
        }
        let found = records
            .iter()
            .find(|record| record["path"] == path.as_str());
        let known = found.and_then(|record| record["words"].as_str());
        let known: BTreeSet<&str> = known.unwrap_or_default().split(' ').collect();
        let summary = page.summary.to_lowercase();
        let words = summary.split(|c: char| !c.is_alphabetic());
        for word in words.filter(|word| word.len() > 1) {
            if !known.iter().any(|known| known.contains(word)) {
                slips.push(format!("{}: a search does not find `{word}`", page.id));
            }
        }
    }
    if files.len() != pages.len() + 1 {
        slips.push(format!("{} files for {} pages", files.len(), pages.len()));
    }
    slips
}

/// A page without the bodies of its styles and scripts.
fn markup(text: &str) -> String {
    let mut out = text.to_owned();
    for name in ["style", "script"] {
        for body in bodies(text, name) {
            out = out.replacen(body, "", 1);
        }
    }
    let (before, data) = out.split_once("id=\"index\">").unwrap_or((&out, ""));
    let behind = data
        .split_once("</script>")
        .map_or("", |(_, behind)| behind);
    format!("{before}{behind}")
}

/// The texts between `<name>` and `</name>`, tags without attributes.
fn bodies<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = text.split(open.as_str()).skip(1);
    parts
        .filter_map(|part| part.split(close.as_str()).next())
        .collect()
}

/// Every tag without its brackets.
fn tags(markup: &str) -> Vec<&str> {
    let parts = markup.split('<').skip(1);
    parts.filter_map(|part| part.split('>').next()).collect()
}

/// Values of an attribute, in order.
fn attributes(markup: &str, name: &str) -> Vec<String> {
    let wanted = format!(" {name}=\"");
    let values = tags(markup).into_iter().flat_map(|tag| {
        let parts = tag.split(wanted.as_str()).skip(1);
        parts.filter_map(|part| part.split('"').next())
    });
    values.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::layout::whole;
    use super::*;

    fn said(main: &str) -> Vec<String> {
        let file = |path: &str, home: &str, main: &str| File {
            path: path.to_owned(),
            text: whole("t", home, main),
        };
        let lists = "<i id=\"rules\"></i><i id=\"by-severity\"></i><i id=\"causes\"></i>";
        let files = [
            file("index.html", "", lists),
            file("rules/a.html", "../", main),
        ];
        let mut slips = slips(&files, &[]);
        slips.retain(|slip| slip.starts_with("rules/"));
        slips
    }

    #[test]
    fn a_sound_page_passes() {
        let sound = "<h2 id=\"b\">b</h2><a href=\"#b\">b</a> <a href=\"../rules/a.html#b\">b</a> \
                     <a href=\"../index.html#causes\">b</a> <a href=\"https://nginx.org/\">n</a>";
        assert_eq!(said(sound), Vec::<String>::new());
    }

    #[test]
    fn faults_are_seen() {
        for fault in [
            "<a href=\"#nowhere\">b</a>",
            "<a href=\"b.html\">b</a>",
            "<a href=\"../index.html#nowhere\">b</a>",
            "<a href=\"javascript:b\">b</a>",
            "<i id=\"b\"></i><i id=\"b\"></i>",
            "<img src=\"https://b.example/\">",
            "<link href=\"https://b.example/\">",
            "<script>1</script>",
            "<style>@import 'b';</style>",
            "<p style=\"color:red\">b</p>",
        ] {
            assert!(!said(fault).is_empty(), "{fault}");
        }
    }
}
