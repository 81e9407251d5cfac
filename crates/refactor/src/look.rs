//! The last look: before a request is handed out, its very bytes are looked through.
//!
//! It does not trust what made the request. The body is read back as JSON, its texts are taken
//! apart into files and prose, every known value is looked for in the raw bytes and in the decoded
//! texts, and the redactor runs afresh. What it refuses, it names by place and rule, never by
//! value.

use std::collections::BTreeSet;

use redact::map::Leak;
use redact::{Layer, Map, Options, Text};
use serde_json::Value;

use crate::prompt;

/// Why a request is not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was found and where; never the value itself.
    pub words: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Refusal {
    fn new(words: String) -> Self {
        Self {
            words,
            help: Some(
                "nothing was sent; `badgateway redact --explain` shows what is hidden and why"
                    .to_owned(),
            ),
        }
    }
}

/// Looks through the body of a request. [`crate::Session`] does so before it hands one out; who
/// sends it may do so once more.
///
/// # Errors
/// What was found, when anything was.
pub fn look(body: &[u8], map: &Map, options: &Options<'_>) -> Result<(), Refusal> {
    if let Some(leak) = leak(body, map) {
        let words = format!(
            "the value of {} stands in the request, at byte {}",
            leak.placeholder, leak.start
        );
        return Err(Refusal::new(words));
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err(Refusal::new("the request is no JSON".to_owned()));
    };
    let mut texts = Vec::new();
    collect(&value, &mut texts);
    for text in texts {
        look_at(text, map, options).map_err(Refusal::new)?;
    }
    Ok(())
}

/// All texts of a document, names of members included.
fn collect<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
        Value::Object(members) => {
            for (name, value) in members {
                out.push(name);
                collect(value, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Looks through a decoded text: as a whole for known values, and file by file for new ones.
pub(crate) fn look_at(text: &str, map: &Map, options: &Options<'_>) -> Result<(), String> {
    if let Some(leak) = leak(text.as_bytes(), map) {
        let line = crate::papers::line_of(text.as_bytes(), leak.start);
        let placeholder = &leak.placeholder;
        return Err(format!(
            "the value of {placeholder} stands in the text of the request, line {line}"
        ));
    }
    let (files, rest) = prompt::split(text);
    let files = files.iter().map(|(label, text)| (label.as_str(), text));
    let all: Vec<(&str, &String)> = files.chain([("request.log", &rest)]).collect();
    let covers: Vec<Vec<bool>> = all
        .iter()
        .map(|(_, text)| covered(text.as_bytes(), map))
        .collect();
    // The word of a placeholder is no name of a secret, so what stands behind one is none.
    let crossed = all.iter().zip(&covers).map(|((_, text), cover)| {
        let bytes = text.bytes().zip(cover);
        bytes
            .map(|(byte, is_covered)| if *is_covered { b'x' } else { byte })
            .collect()
    });
    let crossed: Vec<Vec<u8>> = crossed.collect();
    let texts: Vec<Text<'_>> = all
        .iter()
        .zip(&crossed)
        .map(|((label, _), bytes)| Text {
            path: label.as_bytes(),
            bytes,
        })
        .collect();
    let redacted = redact::redact(&texts, options);
    let new = redacted.found.iter().find(|found| {
        let range = found.start..found.end;
        let value = &texts[found.text].bytes[range.clone()];
        let is_nobody = found.layer == Layer::Identity && is_nobody(value);
        let is_known = || is_known(value, &covers[found.text][range], options);
        !is_nobody && !is_ours(value) && !is_known()
    });
    match new {
        None => Ok(()),
        Some(found) => {
            let (label, text) = all[found.text];
            let line = crate::papers::line_of(text.as_bytes(), found.start);
            let name = match label {
                "request.log" => "the text of the request",
                label => label,
            };
            let (rule, reason) = (&found.rule, &found.reason);
            Err(format!("{name}, line {line}: {reason} ({rule})"))
        }
    }
}

/// The first known value in a text. The stand-in of an address may be the address of another host:
/// what is a placeholder word by word is one.
pub(crate) fn leak(text: &[u8], map: &Map) -> Option<Leak> {
    let leaks = map.leaks(text);
    if leaks.is_empty() {
        return None;
    }
    let covered = covered(text, map);
    leaks.into_iter().find(|leak| !covered[leak.start])
}

/// Which bytes of a text belong to placeholders.
fn covered(text: &[u8], map: &Map) -> Vec<bool> {
    let names = map.entries.iter().map(|entry| entry.placeholder.as_bytes());
    let names: BTreeSet<&[u8]> = names.filter(|name| !name.is_empty()).collect();
    let lengths: BTreeSet<usize> = names.iter().map(|name| name.len()).collect();
    let mut out = vec![false; text.len()];
    for at in 0..text.len() {
        let found = lengths.iter().rev().find(|len| {
            let word = text.get(at..at + **len);
            word.is_some_and(|word| names.contains(word))
        });
        if let Some(len) = found {
            out[at..at + len].fill(true);
        }
    }
    out
}

/// Whether nothing but placeholders was found. What else is in it must be nothing by itself: a few
/// letters, or the host behind the hidden name of a user.
fn is_known(value: &[u8], covered: &[bool], options: &Options<'_>) -> bool {
    let rest = value.iter().zip(covered).filter(|(_, covered)| !**covered);
    let rest: Vec<u8> = rest.map(|(byte, _)| *byte).collect();
    let letters = rest.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    let text = Text {
        path: b"request.log",
        bytes: &rest,
    };
    let is_nothing = || redact::redact(&[text], options).found.is_empty();
    rest.len() < value.len() && (letters < 4 || is_nothing())
}

/// Whether a host says nothing of anybody: names that are reserved for examples, among them our
/// own stand-ins, and the manuals that rules quote. A name of the configuration that is one of
/// these has a stand-in all the same, and is looked for as a known value before.
fn is_nobody(value: &[u8]) -> bool {
    const RESERVED: [&[u8]; 9] = [
        b".example",
        b".invalid",
        b".test",
        b".localhost",
        b".example.com",
        b".example.net",
        b".example.org",
        b".php.net",
        b".nginx.org",
    ];
    let name = [b".", value.to_ascii_lowercase().as_slice()].concat();
    RESERVED.iter().any(|end| name.ends_with(end))
}

/// Whether it is a word of ours: the label of a file with or without a line, or a rule. Behind
/// `proxy-pass-…` such a word looks like somebody's password.
fn is_ours(value: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(value) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let word = match word.rsplit_once(':') {
        Some((word, line)) if line.is_empty() || is_number(line) => word,
        _ => word,
    };
    let is_label = || {
        let (stem, rest) = word.split_once('-')?;
        let (number, end) = rest.split_once('.')?;
        let known = ["nginx", "fpm", "php", "other"].contains(&stem);
        Some(known && is_number(number) && ["conf", "ini", "txt"].contains(&end))
    };
    is_label() == Some(true) || rules::by_id(word.trim_matches(['[', ']'])).is_some()
}

#[cfg(test)]
mod tests {
    use super::look;
    use redact::{Options, Text};

    const TEXT: &str = "fastcgi_param DB_PASSWORD \"corr3ct\\\\horse\u{e9}\";\n";

    fn map() -> (redact::Map, String) {
        let text = Text {
            path: b"nginx-1.conf",
            bytes: TEXT.as_bytes(),
        };
        let redacted = redact::redact(&[text], &Options::default());
        let text = String::from_utf8(redacted.texts[0].clone()).unwrap();
        (redacted.map, text)
    }

    #[test]
    fn what_is_hidden_passes() {
        let (map, text) = map();
        let body = serde_json::json!({ "content": format!("```` nginx-1.conf\n{text}````\n") });
        let body = body.to_string();
        assert_eq!(look(body.as_bytes(), &map, &Options::default()), Ok(()));
    }

    #[test]
    fn a_value_is_found_however_it_is_written() {
        let (map, _) = map();
        let value = String::from_utf8(map.entries[0].value.clone()).unwrap();
        let json = |text: &str| serde_json::json!({ "a": [{ "content": text }] }).to_string();
        let escaped: String = value
            .chars()
            .map(|c| format!("\\u{:04x}", c as u32))
            .collect();
        let key = serde_json::json!({ &value: 1 }).to_string();
        let bodies = [
            json(&format!("see {value}!")),
            json("x").replace('x', &escaped),
            key,
            format!("not JSON {value}"),
        ];
        for body in bodies {
            let refused = look(body.as_bytes(), &map, &Options::default());
            let words = refused.expect_err(&body).words;
            assert!(!words.contains(&value), "{words}");
        }
    }

    #[test]
    fn what_the_map_does_not_know_is_found_too() {
        let (map, text) = map();
        let more = "fastcgi_param API_KEY another-s3cret-value;\n";
        let text = format!("prose\n```` nginx-1.conf\n{text}{more}````\nmore prose\n");
        let body = serde_json::json!({ "content": text }).to_string();
        let refused = look(body.as_bytes(), &map, &Options::default());
        let words = refused.expect_err("it is a secret").words;
        assert!(words.starts_with("nginx-1.conf, line 2: "), "{words}");
        assert!(!words.contains("another"), "{words}");
    }
}
