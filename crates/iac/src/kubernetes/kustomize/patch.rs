//! Patches: a part of an object that is laid over it, and single operations (RFC 6902).

use base::FilePath;
use regex::Regex;

use super::book::Book;
use super::build::Resource;
use super::draft::{Draft, What};
use crate::compose::joined;

/// How deep an operation reaches.
const DEEPEST: usize = 40;

/// Lists of objects whose elements have names, and what these are called.
const NAMED: [(&str, &[&str]); 6] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("ports", &["containerPort", "port"]),
];

impl Book<'_> {
    /// An item of `patches` or `patchesJson6902`: a file or a text, and whom it is for.
    pub(super) fn patch_item(&mut self, by: &FilePath, item: &Draft, own: &mut Vec<Resource>) {
        let Some(patch) = item.get("patch").or_else(|| item.get("path")) else {
            return;
        };
        self.patch(by, patch, item.get("target"), own);
    }

    /// A patch: the path of a file, or the text itself.
    pub(super) fn patch(
        &mut self,
        by: &FilePath,
        patch: &Draft,
        target: Option<&Draft>,
        own: &mut Vec<Resource>,
    ) {
        let Some(text) = patch.text() else {
            return;
        };
        let is_text = text.contains('\n') || text.contains(": ") || text.starts_with(['[', '{']);
        let documents = match is_text {
            true => self.documents_in(patch),
            false => match self.take(&joined(by.parent(), text.as_bytes())) {
                Some(home) => self.documents(&home),
                None => {
                    let text = base::source::printable(text.as_bytes());
                    return self.unknown(by, &format!("`{text}` is not there"));
                }
            },
        };
        for document in documents {
            match &document.what {
                What::Map(_) => self.lay(by, &document, target, own),
                What::List(operations) => self.operate(by, operations, target, own),
                What::Text(..) => {}
            }
        }
    }

    /// Lays a part of an object over those that it is for.
    fn lay(
        &mut self,
        by: &FilePath,
        patch: &Draft,
        target: Option<&Draft>,
        own: &mut Vec<Resource>,
    ) {
        let kind = patch.word("kind").unwrap_or_default();
        let name = patch.find(&["metadata", "name"]).and_then(Draft::text);
        let name = name.unwrap_or_default();
        let namespace = patch.find(&["metadata", "namespace"]);
        let namespace = namespace.and_then(Draft::text);
        let is_meant = |one: &Resource| match target {
            Some(target) => is_target(target, one),
            None => {
                let is_there = namespace.is_none_or(|there| one.namespace() == Some(there));
                is_there && one.is_called(kind, name)
            }
        };
        let meant: Vec<usize> = (0..own.len()).filter(|at| is_meant(&own[*at])).collect();
        if meant.is_empty() && target.is_none() {
            let what = format!("a patch is for {kind} `{name}`, which is not there");
            let what = base::source::printable(what.as_bytes());
            return self.unknown(by, &what);
        }
        if patch.word("$patch") == Some("delete") {
            let mut at = 0;
            own.retain(|_| {
                at += 1;
                !meant.contains(&(at - 1))
            });
            return;
        }
        let size = patch.count();
        for at in meant {
            let Some(left) = self.left.checked_sub(size) else {
                return self.too_much(by);
            };
            self.left = left;
            let resource = &mut own[at];
            // It is found by its name and keeps it.
            let mut patch = patch.clone();
            if let Some(metadata) = patch.get_mut("metadata") {
                metadata.remove("name");
                metadata.remove("namespace");
            }
            patch.remove("kind");
            patch.remove("apiVersion");
            unpacked(&mut resource.draft, &patch);
            merge(&mut resource.draft, patch, "");
        }
    }

    fn operate(
        &mut self,
        by: &FilePath,
        operations: &[Draft],
        target: Option<&Draft>,
        own: &mut [Resource],
    ) {
        let Some(target) = target else {
            return self.unknown(by, "a patch does not say what it is for");
        };
        for resource in own.iter_mut().filter(|one| is_target(target, one)) {
            for operation in operations {
                let size = operation.count();
                let Some(left) = self.left.checked_sub(size) else {
                    return self.too_much(by);
                };
                self.left = left;
                if apply(&mut resource.draft, operation).is_none() {
                    let op = operation.word("op").unwrap_or_default();
                    let path = operation.word("path").unwrap_or_default();
                    let what = format!("`{op} {path}` of a patch cannot be done");
                    let what = base::source::printable(what.as_bytes());
                    self.unknown(by, &what);
                }
            }
        }
    }
}

/// Whether an object is one of those that a patch is for.
fn is_target(target: &Draft, one: &Resource) -> bool {
    let is_whole = |pattern: &str, text: &str| {
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        whole.is_ok_and(|whole| whole.is_match(text))
    };
    let fits = |field: &str, texts: &[&str]| {
        let pattern = target.word(field);
        pattern.is_none_or(|pattern| texts.iter().any(|text| is_whole(pattern, text)))
    };
    let names: Vec<&str> = one.names.iter().map(String::as_str).collect();
    let version = one.draft.word("apiVersion").unwrap_or_default();
    let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
    fits("kind", &[&one.kind])
        && fits("name", &names)
        && fits("namespace", &[one.namespace().unwrap_or("default")])
        && fits("group", &[group])
        && fits("version", &[version])
        && has(one, "labels", target.word("labelSelector"))
        && has(one, "annotations", target.word("annotationSelector"))
}

/// Whether an object has all of `a=b,c=d`.
fn has(one: &Resource, field: &str, selector: Option<&str>) -> bool {
    let own = one.draft.find(&["metadata", field]);
    let mut wanted = selector.into_iter().flat_map(|text| text.split(','));
    wanted.all(|wanted| {
        let own = |name: &str| own.and_then(|own| own.word(name.trim()));
        match wanted.split_once('=') {
            Some((name, value)) => own(name) == Some(value.trim_start_matches('=').trim()),
            None => own(wanted).is_some(),
        }
    })
}

/// What stands in `data` of a patch for a Secret wins over what was generated without packing.
fn unpacked(draft: &mut Draft, patch: &Draft) {
    for (key, _) in patch.fields("data") {
        if let Some(data) = draft.get_mut("stringData") {
            data.remove(key);
        }
    }
}

/// Lays `patch` over a value that stands in the field `name`.
fn merge(under: &mut Draft, patch: Draft, name: &str) {
    let is_map = matches!(under.what, What::Map(_));
    match patch.what {
        What::Map(fields) if is_map && patch_word(&fields) != Some("replace") => {
            for (key, value) in fields {
                if key.starts_with('$') {
                    continue;
                }
                if value.is_null() {
                    under.remove(&key);
                } else if let Some(known) = under.get_mut(&key) {
                    merge(known, value, &key);
                } else {
                    under.set(&key, value);
                }
            }
        }
        What::List(items) if named(name).is_some() => lists(under, items, name),
        _ => *under = patch,
    }
}

fn patch_word(fields: &[(String, Draft)]) -> Option<&str> {
    let found = fields.iter().find(|(key, _)| key == "$patch");
    found.and_then(|(_, value)| value.text())
}

fn named(list: &str) -> Option<&'static [&'static str]> {
    let found = NAMED.iter().find(|(name, _)| *name == list);
    found.map(|(_, keys)| *keys)
}

/// Elements of the same name are merged; new ones come first, as kustomize puts them.
fn lists(under: &mut Draft, items: Vec<Draft>, name: &str) {
    let What::List(known) = &mut under.what else {
        return;
    };
    let key_of = |draft: &Draft| {
        let mut keys = named(name).unwrap_or_default().iter();
        keys.find_map(|key| draft.word(key).map(str::to_owned))
    };
    let mut new = Vec::new();
    for item in items {
        let key = key_of(&item);
        let at = known
            .iter()
            .position(|one| key.is_some() && key_of(one) == key);
        match (at, item.word("$patch")) {
            (Some(at), Some("delete")) => {
                known.remove(at);
            }
            (None, Some("delete")) => {}
            (Some(at), _) => merge(&mut known[at], item, ""),
            (None, _) => new.push(item),
        }
    }
    new.append(known);
    *known = new;
}

/// Does one operation; `None` when it cannot be done.
fn apply(draft: &mut Draft, operation: &Draft) -> Option<()> {
    let path = operation.word("path")?.strip_prefix('/')?;
    let parts: Vec<String> = path
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect();
    let (last, parents) = parts.split_last()?;
    if parents.len() > DEEPEST {
        return None;
    }
    let mut at = draft;
    for part in parents {
        at = match &mut at.what {
            What::Map(fields) => {
                let field = fields.iter_mut().find(|(key, _)| key == part)?;
                &mut field.1
            }
            What::List(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            What::Text(..) => return None,
        };
    }
    let value = operation.get("value").cloned();
    let op = operation.word("op")?;
    if matches!(at.what, What::Map(_)) {
        match op {
            // What is to be replaced need not be there.
            "add" | "replace" => at.set(last, value?),
            "remove" => {
                at.get(last)?;
                at.remove(last);
            }
            _ => return None,
        }
        return Some(());
    }
    match (op, &mut at.what) {
        ("add", What::List(items)) => {
            let end = items.len();
            let number = match last.as_str() {
                "-" => end,
                last => last.parse().ok().filter(|at| *at <= end)?,
            };
            items.insert(number, value?);
        }
        ("replace", What::List(items)) => {
            *items.get_mut(last.parse::<usize>().ok()?)? = value?;
        }
        ("remove", What::List(items)) => {
            let number = last.parse::<usize>().ok().filter(|at| *at < items.len())?;
            items.remove(number);
        }
        _ => return None,
    }
    Some(())
}
