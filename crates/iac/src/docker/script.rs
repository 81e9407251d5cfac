//! A script that a machine runs when it starts. Its commands are read one after the other, so that
//! a loop in it does not hide the files that it writes before.

use std::sync::Arc;

use base::{FilePath, SortedMap};

use super::Image;
use super::heredoc::{self, Taken};
use super::run::Run;
use super::shell::{self, Part, Placed};

/// A script.
pub(crate) struct Script<'s> {
    /// What its bytes are said to stand in.
    pub(crate) path: &'s FilePath,
    /// The same for people.
    pub(crate) shown: &'s FilePath,
    /// Its line there.
    pub(crate) line: usize,
    /// Its bytes.
    pub(crate) bytes: &'s Arc<[u8]>,
}

/// Does what it does to the files of a machine.
pub(crate) fn run(image: &mut Image, script: &Script<'_>) {
    let Ok(text) = std::str::from_utf8(script.bytes) else {
        return;
    };
    image.alpine |= text.contains("apk add");
    let (plain, taken) = heredoc::taken_of_script(text);
    let mut variables: SortedMap<String, String> = SortedMap::new();
    let mut cwd = "/".to_owned();
    for (start, end) in commands(&plain) {
        let parts = shell::read(&plain[start..end], start, &variables);
        let from = taken.partition_point(|one| one.run < start);
        let own = taken[from..].iter().take_while(|one| one.run < end);
        let heredocs = own.map(|one| body(text, one, &variables)).collect();
        let before = text[..start].matches('\n').count();
        let mut running = Run {
            image,
            dockerfile: script.path,
            shown: script.shown,
            bytes: script.bytes,
            line: script.line + before,
            cwd,
            heredocs,
        };
        running.all(&parts);
        cwd = running.cwd;
        set(&parts, &mut variables);
    }
}

fn body(
    text: &str,
    taken: &Taken,
    variables: &SortedMap<String, String>,
) -> Result<Vec<Placed>, String> {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    // Where the bytes stand that are left when tabs are taken away.
    let mut places = Vec::new();
    let mut value = Vec::new();
    let mut begins = true;
    for at in taken.body.clone() {
        let byte = text.as_bytes()[at];
        if taken.strips && begins && byte == b'\t' {
            continue;
        }
        begins = byte == b'\n';
        places.push(at);
        value.push(byte);
    }
    let place = |from: usize, to: usize| {
        let start = places.get(from).copied().unwrap_or(taken.body.end);
        let end = to
            .checked_sub(1)
            .and_then(|last| places.get(last))
            .map_or(start, |last| last + 1);
        (number(start), number(end))
    };
    heredoc::filled(&value, &place, taken.expands, variables)
}

/// Variables that a line sets and that are known.
fn set(parts: &[Part], variables: &mut SortedMap<String, String>) {
    for part in parts {
        match part {
            Part::Simple(one) => {
                for word in &one.words {
                    let text = word.text();
                    let Some((name, value)) = text.split_once('=').filter(|_| one.words.len() == 1)
                    else {
                        continue;
                    };
                    match word.has_hole {
                        true => drop(variables.remove(name)),
                        false => drop(variables.insert(name.to_owned(), value.to_owned())),
                    }
                }
            }
            // What happens in it may set anything.
            Part::Group(..) | Part::Opaque(_) => {
                let words = words(part);
                variables
                    .retain(|name, _| !words.iter().any(|word| word.starts_with(name.as_str())));
            }
        }
    }
}

fn words(part: &Part) -> Vec<String> {
    match part {
        Part::Opaque(words) => words.iter().map(shell::Word::text).collect(),
        Part::Group(inner, ..) => inner.iter().flat_map(words).collect(),
        Part::Simple(one) => one.words.iter().map(shell::Word::text).collect(),
    }
}

/// The ranges of commands: a line, or as many as quotes, backslashes and blocks join.
fn commands(text: &str) -> Vec<(usize, usize)> {
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    let (mut depth, mut quote) = (0_usize, None);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let content = line.trim();
        if quote.is_none() && !content.starts_with('#') {
            depth = depth_after(content, depth);
        }
        if !(quote.is_none() && content.starts_with('#')) {
            quote = quote_after(content, quote);
        }
        if quote.is_none() && depth == 0 && !content.ends_with('\\') {
            out.push((start, at));
            start = at;
        }
    }
    if start < at {
        out.push((start, at));
    }
    out
}

fn depth_after(content: &str, mut depth: usize) -> usize {
    for word in content.split([' ', '\t', ';', '(', ')']) {
        match word {
            "if" | "for" | "while" | "until" | "case" | "{" => depth += 1,
            "fi" | "done" | "esac" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

fn quote_after(content: &str, mut quote: Option<u8>) -> Option<u8> {
    let mut bytes = content.bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'"') | None, b'\\') => drop(bytes.next()),
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    quote
}
