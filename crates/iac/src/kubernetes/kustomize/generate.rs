//! Generators of ConfigMaps and Secrets: from files, from literals, from files of variables.

use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{FilePath, OuterMap};

use super::book::{Book, plain};
use super::build::Resource;
use super::draft::{Draft, What};
use crate::compose::joined;

impl Book<'_> {
    /// Makes what an item of a generator says.
    pub(super) fn generate(
        &mut self,
        by: &FilePath,
        kind: &str,
        item: &Draft,
        out: &mut Vec<Resource>,
    ) {
        let Some(name) = item.word("name") else {
            return;
        };
        // Values of a Secret are packed in the end; here they stand as they are.
        let field = if kind == "Secret" {
            "stringData"
        } else {
            "data"
        };
        let entries = self.entries(by, item);
        let known = out.iter_mut().find(|one| one.is_called(kind, name));
        match (item.word("behavior"), known) {
            (Some("merge"), Some(known)) => {
                for (key, value) in entries {
                    if let Some(packed) = known.draft.get_mut("data").filter(|_| kind == "Secret") {
                        packed.remove(&key);
                    }
                    if known.draft.get(field).is_none() {
                        known.draft.set(field, Draft::map_at(Vec::new(), item));
                    }
                    if let Some(data) = known.draft.get_mut(field) {
                        data.set(&key, value);
                    }
                }
            }
            (Some("replace"), Some(known)) => {
                known.draft.remove("data");
                known.draft.set(field, Draft::map_at(entries, item));
            }
            (behavior, _) => {
                if matches!(behavior, Some("merge" | "replace")) {
                    let name = base::source::printable(name.as_bytes());
                    let what = format!("there is no {kind} `{name}` that it could change");
                    self.unknown(by, &what);
                }
                let text = |text: &str| Draft::text_at(text, item);
                let mut metadata = vec![("name".to_owned(), text(name))];
                let namespace = item.word("namespace");
                metadata.extend(namespace.map(|own| ("namespace".to_owned(), text(own))));
                let fields = vec![
                    ("apiVersion".to_owned(), text("v1")),
                    ("kind".to_owned(), text(kind)),
                    ("metadata".to_owned(), Draft::map_at(metadata, item)),
                    (field.to_owned(), Draft::map_at(entries, item)),
                ];
                out.extend(Resource::of(Draft::map_at(fields, item)));
            }
        }
    }

    fn entries(&mut self, by: &FilePath, item: &Draft) -> Vec<(String, Draft)> {
        let mut out = Vec::new();
        for file in item.items("files") {
            out.extend(self.file(by, file));
        }
        for literal in item.items("literals") {
            out.extend(of_literal(literal));
        }
        for env in item.items("envs").iter().chain(item.get("env")) {
            match self.found(by, env) {
                Ok((_, home)) => {
                    let whole = Draft {
                        home,
                        range: (0, 0),
                        map: None,
                        what: plain(""),
                    };
                    out.extend(of_env(&whole));
                }
                Err(what) => self.unknown(by, &what),
            }
        }
        out
    }

    /// `path`, or `key=path`.
    fn file(&mut self, by: &FilePath, file: &Draft) -> Option<(String, Draft)> {
        let text = file.text()?;
        let (key, path) = match text.split_once('=') {
            Some((key, path)) => (Some(key), path),
            None => (None, text),
        };
        let key = key.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path));
        let key = key.to_owned();
        let (home, len) = match self.found(by, &Draft::text_at(path, file)) {
            Ok((_, home)) => {
                let len = base::offset(home.bytes.len());
                (home, len)
            }
            Err(what) => {
                self.unknown(by, &what);
                // Whoever mounts it hears that it cannot be read.
                let what = What::List(Vec::new());
                let missing = Draft {
                    what,
                    ..file.clone()
                };
                return Some((key, missing));
            }
        };
        let text = std::str::from_utf8(&home.bytes).ok()?;
        let what = plain(text);
        let whole = Draft {
            range: (0, len),
            map: Some(Arc::new(OuterMap::whole(len))),
            what,
            home,
        };
        Some((key, whole))
    }

    /// A file that kustomize would read: it lies below the kustomization.
    fn found(
        &mut self,
        by: &FilePath,
        text: &Draft,
    ) -> Result<(FilePath, Arc<super::super::manifest::Home>), String> {
        let text = text.text().unwrap_or_default();
        let path = joined(by.parent(), text.as_bytes());
        let text = base::source::printable(text.as_bytes());
        let dir = [by.parent(), b"/"].concat();
        if !path.as_bytes().starts_with(&dir) {
            return Err(format!(
                "`{text}` lies outside of its folder, where kustomize does not read it"
            ));
        }
        match self.take(&path) {
            Some(home) => Ok((path, home)),
            None => Err(format!("`{text}` is not there, or cannot be read")),
        }
    }
}

/// `key=value`, where the value may have quotes around it.
fn of_literal(literal: &Draft) -> Option<(String, Draft)> {
    let text = literal.text()?;
    let (key, value) = text.split_once('=')?;
    let bare = ['"', '\''].iter().find_map(|quote| {
        let bare = value.strip_prefix(*quote)?;
        bare.strip_suffix(*quote)
    });
    let start = key.len() + 1 + usize::from(bare.is_some());
    let value = bare.unwrap_or(value);
    let (start, len) = (base::offset(start), base::offset(value.len()));
    let steps = match value.is_empty() {
        true => Vec::new(),
        false => vec![Piece::same(0..len, start..start + len)],
    };
    let map = literal.outer().through(&steps, &[]);
    let value = Draft {
        map: Some(Arc::new(map)),
        what: plain(value),
        ..literal.clone()
    };
    Some((key.to_owned(), value))
}

/// The lines of a file of variables.
fn of_env(whole: &Draft) -> Vec<(String, Draft)> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in whole.home.bytes.split_inclusive(|&b| b == b'\n') {
        let begin = at;
        at += line.len();
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let start = begin + (line.len() - line.trim_start().len());
        let line = line.trim_start().trim_end_matches(['\r', '\n']);
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let from = base::offset(start + key.len() + 1);
        let len = base::offset(value.len());
        let pieces = match value.is_empty() {
            true => Vec::new(),
            false => vec![Piece::same(0..len, from..from + len)],
        };
        let code = Code {
            forbidden: b"\r\n".to_vec(),
            ..Code::default()
        };
        let value = Draft {
            range: (base::offset(start), from + len),
            map: Some(Arc::new(OuterMap::new(pieces, code))),
            what: plain(value),
            ..whole.clone()
        };
        out.push((key.to_owned(), value));
    }
    out
}
